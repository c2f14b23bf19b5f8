"""Hand the hostile cells of tests/hostile to nbgrader and otter: `python benchmarks/hostile.py [ENTRY ...]`.

Each runs in a jail of bubblewrap and limits of this file's, so that it costs the machine nothing. The outcome of every
entry is kept in hostile.csv beside this, which the page of results is composed from; `make bench` does not run it.
"""

import argparse
import csv
import json
import os
import platform
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

import nbformat
from graders import PEERS, program
from measure import BESIDE, CHECKOUT, answer
from tell import paragraphs, table

sys.path.insert(0, str(CHECKOUT / "tests/hostile"))
from corpus import Entry, entries, with_cell

KEPT = Path(__file__).with_name("hostile.csv")
RIGHT, NUMBERS, PLANTED = 61823.25, [20607.5, 30911.25, 10304.5], "/home/lecturer/planted.txt"
LIMIT_S, MEMORY, FILE, PROCESSES = 120, 4 << 30, 1 << 30, 400
USER = 65_533  # whose processes they are where root runs this
OURS = "aimed at our worker, its report or our package"
MACHINE = "what a machine lets every user do, or our jail forbids: a matter of the container"
KNOWN = "the right value is part of the trick"
ENDS = "would end the machine, since neither tool limits memory, disk or processes"
LEFT_OUT = {
    **dict.fromkeys(("fork_bomb", "threads_without_end", "fifty_gigabytes", "one_large_file"), ENDS),
    **dict.fromkeys(("a_number_of_its_own_kind", "lies_about_its_class", "words_of_their_own_kind"), KNOWN),
    **dict.fromkeys(("raises_its_limits", "memory_no_process_owns", "sees_processes", "kernel_keys"), MACHINE),
    **dict.fromkeys(("new_user_namespace", "new_user_namespace_by_a_program", "memory_of_others", "devices"), MACHINE),
    **dict.fromkeys(("talks_to_the_host_of_the_machine", "connects_to_the_outside", "asks_for_a_name"), MACHINE),
    **dict.fromkeys(("report_without_end", "report_turned_elsewhere", "rewrites_the_job", "reads_the_sources"), OURS),
    **dict.fromkeys(("tolerance_in_memory", "writes_into_the_package", "patched_reader", "patched_check"), OURS),
    **dict.fromkeys(("forged_value_first", "forged_second_value", "forged_names", "forged_depth"), OURS),
    **dict.fromkeys(("forged_numbers_that_are_none", "forged_bytes", "forged_tables", "forged_end"), OURS),
    **dict.fromkeys(("forged_places", "forged_place_of_another", "at_exit", "open_descriptors"), OURS),
}
SETUP = f"import numpy as np\nimport pandas as pd\n\ndata = pd.DataFrame({{'x': {NUMBERS}}})"
HONEST = {"before": "before = float(len(data))", "own": "own = float(data['x'].sum())", "after": "after = 2.0 + 2"}
TESTS = {
    "before": ["assert np.isclose(before, 3)"],
    "own": [f"assert np.isclose(own, {RIGHT})"],
    "frame": ['assert frame.equals(pd.DataFrame({"x": [1, 2]}, index=["a", "b"]))'],
    "word": ['assert word == "yes"'],
    "share": ["assert list(share) == [4, 6]"],
    "words": ['assert words == "it rose"'],
    "after": ["assert np.isclose(after, 4)"],
}
UNDER = {"before": ("before",), "own": ("own", "frame", "word", "share", "words"), "after": ("after",)}
ALL, NEIGHBOUR = "all", "the neighbour not graded"
COLUMNS = {
    "marks forged": lambda row: row["forged"] != "",
    "planted value read": lambda row: row["reached"] == "True",
    "own honest answers lost": lambda row: row["lost"] != "",
    NEIGHBOUR: lambda row: row["neighbour"] == "lost",
    "processes left": lambda row: row["survived"] not in ("", "0"),
    "grader hung or killed": lambda row: row["stopped"] == "True",
}
ABOUT = """The {total} cells of [tests/hostile](../tests/hostile/README.md), each between two honest answers, graded
by each tool's own command in an environment of its own: `nbgrader autograde` of a class of two, the hostile student
and an honest neighbour, and `otter run`, a command a submission. Right answers are in hidden tests, with `np.isclose`
for numbers. Both run as they come and without a container, which neither says is safe: nbgrader's FAQ answers that it
does not yet protect against unsafe code, and otter recommends `otter grade`, in Docker, for its better security. That
was not tried here, and would stop most of what is read, left behind or used up below. Each entry has a jail of ours
(bubblewrap: no network, processes of its own) with limits that spare the machine (4 GB a process, 1 GB a file, 400
processes); a command that did not end within {limit} s was stopped, and nbgrader stops a cell by itself after 30 s.
The machine was busy: gigabyte_of_prints was given 420 s, and what nbgrader lost with it may be due to our limits. The
corpus was written against our grader, where `make test` runs all of it: no marks forged, nothing planted read,
nothing left, and a later honest answer lost in at most {lost}, most of which forge our own report. It holds no trick
against the others' own files, so a 0 here is no promise. The machine has no Yama, which elsewhere forbids to trace a
parent."""


@dataclass(frozen=True)
class Seen:
    """What one grader did with one entry."""

    tool: str
    entry: str
    kind: str
    left_out: str = ""
    forged: str = ""  # answers that earned points and should not
    reached: bool = False  # the right value was read where no submission should look
    lost: str = ""  # honest answers of the same student that earned nothing, and should have
    stopped: bool = False  # the grader did not end by itself, or was killed
    survived: int = 0  # processes that ran on after it
    neighbour: str = ""  # whether an honest student of the same class was graded


def cells(tests) -> list:
    """The toy assignment: each answered cell with its tests below."""
    made = [nbformat.v4.new_code_cell(SETUP, id="setup")]
    for work, names in UNDER.items():
        made += [nbformat.v4.new_code_cell(HONEST[work], id=f"{work}-work"), *(tests(name) for name in names)]
    return made


def notebook(made: list) -> nbformat.NotebookNode:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})


def trusted(command: list, cwd: Path) -> None:
    """A command of ours."""
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, env=os.environ | {"PATH": path})


class Nbgrader:
    """`nbgrader autograde`, of a class of two: the hostile student and an honest one."""

    def prepare(self, course: Path) -> None:
        """The course, with an honest submission of both."""

        def test(name: str) -> nbformat.NotebookNode:
            lines = ["# points for " + name, "### BEGIN HIDDEN TESTS", *TESTS[name], "### END HIDDEN TESTS"]
            told = {"grade": True, "solution": False, "locked": True, "points": 1, "grade_id": name}
            return _graded("\n".join(lines), told)

        made = cells(test)
        for cell in made:
            if cell.id.endswith("-work"):
                words = f"### BEGIN SOLUTION\n{cell.source}\n### END SOLUTION"
                told = {"grade": False, "solution": True, "locked": False, "grade_id": cell.id}
                cell.update(_graded(words, told) | {"id": cell.id})
        (course / "source/toy").mkdir(parents=True)
        (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "toy"\n')
        nbformat.write(notebook(made), course / "source/toy/toy.ipynb")
        trusted([program("nbgrader"), "generate_assignment", "toy"], course)
        for student in ("hostile", "neighbour"):
            own = nbformat.read(course / "release/toy/toy.ipynb", 4)
            for cell in own.cells:
                id = cell.metadata.get("nbgrader", {}).get("grade_id", "").removesuffix("-work")
                cell.source = HONEST[id] if "-work" in str(cell.metadata) and id in HONEST else cell.source
            (course / f"submitted/{student}/toy").mkdir(parents=True)
            nbformat.write(own, course / f"submitted/{student}/toy/toy.ipynb")

    submission = "submitted/hostile/toy/toy.ipynb"

    def commands(self) -> list[list]:
        return [[program("nbgrader"), "autograde", "toy"]]

    def points(self, course: Path, student: str) -> set[str]:
        """The answers for which a student got points."""
        asked = """select base_cell.name from grade join base_cell on grade.cell_id = base_cell.id
            join submitted_notebook on grade.notebook_id = submitted_notebook.id
            join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
            where submitted_assignment.student_id = ? and grade.auto_score > 0"""
        try:
            with sqlite3.connect(f"file:{course}/gradebook.db?mode=ro", uri=True) as gradebook:
                return {name for (name,) in gradebook.execute(asked, (student,))}
        except sqlite3.Error:
            return set()


def _graded(words: str, told: dict) -> nbformat.NotebookNode:
    known = {"schema_version": 3, "task": False, "cell_type": "code"}
    return nbformat.v4.new_code_cell(words, metadata={"nbgrader": known | told})


class Otter:
    """`otter run`, a command a submission: there is no class to end."""

    def prepare(self, course: Path) -> None:
        """The tests, zipped, and an honest submission."""
        (course / "tests").mkdir(parents=True)
        for name, lines in TESTS.items():
            case = {"code": "".join(f">>> {line}\n" for line in lines), "hidden": True, "locked": False}
            suite = {"cases": [case], "scored": True, "type": "doctest"}
            told = {"name": name, "points": 1, "suites": [suite]}
            (course / f"tests/{name}.py").write_text(f"OK_FORMAT = True\n\ntest = {told!r}\n")
        made = cells(lambda name: nbformat.v4.new_code_cell(f'grader.check("{name}")'))
        made.insert(0, nbformat.v4.new_code_cell("import otter\n\ngrader = otter.Notebook()"))
        nbformat.write(notebook(made), course / "hostile.ipynb")
        (course / "out").mkdir()
        trusted([program("otter"), "generate", "-t", "tests", "-o", "autograder.zip"], course)

    submission = "hostile.ipynb"

    def commands(self) -> list[list]:
        return [[program("otter"), "run", "-a", "autograder.zip", "-o", "out", "hostile.ipynb"]]

    def points(self, course: Path, student: str) -> set[str]:
        """The answers for which the student got points; there is no other."""
        try:
            tests = json.loads((course / "out/results.json").read_text())["tests"]
            return {test["name"] for test in tests if (test.get("score") or 0) > 0} & set(TESTS)
        except (OSError, ValueError, KeyError, TypeError):
            return set()


TOOLS = {"nbgrader": Nbgrader(), "otter": Otter()}


def seen(name: str, entry: Entry, prepared: Path) -> Seen:
    """One entry, graded in a jail of its own."""
    if entry.name in LEFT_OUT:
        return Seen(name, entry.name, entry.kind, LEFT_OUT[entry.name])
    tool = TOOLS[name]
    with tempfile.TemporaryDirectory(prefix="case-hostile-") as folder:
        home = Path(folder, "home")
        shutil.copytree(prepared, home / "course")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        path = home / "course" / tool.submission
        code = entry.aimed(RIGHT, PLANTED, port)
        path.write_text(json.dumps(with_cell(json.loads(path.read_text()), "own-work", code)))
        (home / "planted.txt").write_text(repr(RIGHT))
        job = {"commands": tool.commands(), "port": port, "right": RIGHT, "limit_s": LIMIT_S}
        (home / "job.json").write_text(json.dumps(job))
        shutil.copyfile(BESIDE / "jailed.py", home / "jailed.py")
        subprocess.run(_jail(home, Path(program(name)).parent), capture_output=True, timeout=4 * LIMIT_S)
        try:
            told = json.loads((home / "told.json").read_text())
        except (OSError, ValueError):
            told = []
        points, beside = (tool.points(home / "course", student) for student in ("hostile", "neighbour"))
    wrong = points - entry.counts - entry.may
    looks = any(word in entry.code for word in ("RIGHT", "PLANTED", "planted", "PORT"))
    return Seen(
        name,
        entry.name,
        entry.kind,
        forged=" ".join(sorted(wrong - ({"own"} if looks else set()))),
        reached=looks and "own" in wrong,
        lost=" ".join(sorted(entry.counts & set(HONEST) - points)),
        stopped=not told or told[0]["stopped"],
        survived=told[0]["left"] if told else 0,
        neighbour="" if name == "otter" else "graded" if set(HONEST) <= beside else "lost",
    )


def _jail(home: Path, programs: Path) -> list:
    """The command that runs a job: no network, no process of ours in sight, and limits that spare the machine."""
    root, base = os.getuid() == 0, Path(answer(programs, "import sys; print(sys.base_prefix)"))
    limits = [f"--as={MEMORY}", f"--fsize={FILE}", f"--nproc={PROCESSES}", "--core=0"]
    walls = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]
    walls += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--tmpfs", "/root"]
    walls += ["--tmpfs", "/home"]
    for place in (base, programs.parent):
        walls += [word for folder in reversed(place.parents) for word in ("--perms", "0755", "--dir", folder)]
        walls += ["--ro-bind", place, place]
    walls += ["--bind", home, "/home/lecturer", "--chdir", "/home/lecturer"]
    walls += ["--clearenv", "--setenv", "HOME", "/home/lecturer", "--setenv", "PATH", f"{programs}:/usr/bin:/bin"]
    walls += ["--setenv", "OPENBLAS_NUM_THREADS", "1"]
    drop = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
    inside = [programs / "python", "jailed.py", "job.json"]
    if root:
        subprocess.run(["chown", "-R", f"{USER}:{USER}", home], check=True)
        home.parent.chmod(0o711)
        inside = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs", *inside]
    return ["nice", "-n", "5", "bwrap", *walls, *drop, "--", "prlimit", *limits, *inside]


def main() -> None:
    """Run the entries named, or all, and keep what was seen of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="ENTRY", help="of tests/hostile/table.toml")
    parser.add_argument("--workers", type=int, default=1, help="so many jails at a time")
    given = parser.parse_args()
    wanted = [entry for entry in entries() if entry.name in given.names or not given.names]
    kept = {(row["tool"], row["entry"]): row for row in rows()}
    with tempfile.TemporaryDirectory(prefix="case-hostile-") as folder, ThreadPoolExecutor(given.workers) as pool:
        for name, tool in TOOLS.items():
            Path(folder, name).mkdir()
            tool.prepare(Path(folder, name))
        jobs = [pool.submit(seen, name, entry, Path(folder, name)) for entry in wanted for name in TOOLS]
        for job in as_completed(jobs):
            print(one := job.result(), flush=True)
            kept[one.tool, one.entry] = asdict(one) | {"date": f"{date.today()}"}
            write([kept[name, entry.name] for name in TOOLS for entry in entries() if (name, entry.name) in kept])


def write(told: list[dict]) -> None:
    with KEPT.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*(field.name for field in fields(Seen)), "date"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(told)


def rows() -> list[dict[str, str]]:
    """What is kept, a row a tool and entry."""
    if not KEPT.exists():
        return []
    with KEPT.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def section() -> str:
    """What is kept, as Markdown: counts by kind and tool, then which entries they are."""
    lines = ["## Hostile submissions, at other graders"]
    if not (kept := rows()):
        return "\n\n".join([*lines, "Not run yet: `python benchmarks/hostile.py`."])
    total = len({row["entry"] for row in kept})
    head = ["kind", "tool", "entries", "run", *COLUMNS]
    counts = []
    for kind in [*dict.fromkeys(row["kind"] for row in kept), ALL]:
        for name in TOOLS:
            of = [row for row in kept if row["tool"] == name and kind in (row["kind"], ALL)]
            ran = [row for row in of if not row["left_out"]]
            counts.append([kind, name, len(of), len(ran), *(_count(name, ran, words) for words in COLUMNS)])
    listed = [
        f"- {name}, {words}: {', '.join(found)}."
        for words, told in COLUMNS.items()
        for name in TOOLS
        if (found := [row["entry"] for row in kept if row["tool"] == name and told(row)])
    ]
    reasons = dict.fromkeys(row["left_out"] for row in kept if row["left_out"])
    left = [
        f"- Not run ({reason}): {', '.join(dict.fromkeys(row['entry'] for row in kept if row['left_out'] == reason))}."
        for reason in reasons
    ]
    when = max(row["date"] for row in kept)
    tools = ", ".join(package.replace("==", " ") for package in PEERS.values())
    closing = f"*{when}; {tools}; Python {platform.python_version()}; again with `python benchmarks/hostile.py`.*"
    lost = sum(not {"before", "after"} <= entry.counts for entry in entries())
    about = ABOUT.format(total=total, limit=LIMIT_S, lost=lost)
    return "\n\n".join([*lines, paragraphs(about, table(head, counts), "\n".join(listed), "\n".join(left), closing)])


def _count(name: str, ran: list[dict[str, str]], words: str) -> int | None:
    """How many entries a column counts; otter has no class of which anybody could be lost."""
    return None if words == NEIGHBOUR and name == "otter" else sum(map(COLUMNS[words], ran))


if __name__ == "__main__":
    main()
