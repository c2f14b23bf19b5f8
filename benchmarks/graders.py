"""The same submissions for us, nbgrader and otter, cell by cell: right, and every other one with one mistake."""

import copy
import csv
import json
import shutil
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
from measure import BUILD, Cost, environment, measured

from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sets.copies import student_copy
from casestudy.classroom.sets.source import SOLUTION, ProblemSet, role

SEED, TEN = 7, 10
NEEDED = ("numpy", "pandas", "matplotlib", "ipykernel")  # what the submissions import, and their kernel
PEERS = {"nbgrader": "nbgrader==0.9.6", "otter": "otter-grader==7.0.0"}
FIGURE = """import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6.4, 3.4))
ax.plot(range(1, 25), months, "o", color="#D55E00", markersize=7)
ax.set_xticks(range(0, 25, 6))
ax.set(title="Nothing was done, and still the months differ", xlabel="month", ylabel="mean score, points")
plt.show()"""


def work_cells(problem_set: ProblemSet, number: int) -> tuple[dict[str, str], str | None]:
    """The text of each answered cell in submission `number`, and the question that it has wrong."""
    asked = [question for question in problem_set.questions if not question.manual]
    wrong = asked[number // 2 % len(asked)].id if number % 2 else None
    texts = {}
    for cell in problem_set.notebook.cells:
        if role(cell) == "solution" and "BEGIN SOLUTION" in cell.source:
            id = cell.metadata["nbgrader"]["grade_id"]
            texts[id] = SOLUTION.sub(lambda match: match[1], cell.source)
            if wrong and id == f"{wrong}-work":
                texts[id] += "\n" + next(one.code for one in problem_set.mistakes if one.question == wrong)
    return texts, wrong


def own_class(problem_set: ProblemSet, folder: Path, size: int) -> None:
    """A release of ours, and what its students send."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "submissions").mkdir(parents=True)
    ids = [f"s{number:03}" for number in range(size)]
    (folder / "roster.csv").write_text("student_id\n" + "\n".join(ids) + "\n")
    students = roster.read(folder / "roster.csv")
    out = release(problem_set, students, b"a secret for a benchmark", "bench", folder / "release")
    for number, (id, assigned) in enumerate(Released.read(out).students.items()):
        notebook, texts = student_copy(problem_set, assigned.code), work_cells(problem_set, number)[0]
        for cell in notebook.cells:
            id_of = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = texts.get(id_of, cell.source)
        nbformat.write(notebook, folder / "submissions" / f"{id}.ipynb")


def plain(problem_set: ProblemSet, figure: bool) -> tuple[nbformat.NotebookNode, dict[str, str]]:
    """The set without this package, one figure for all students, and each question's test as assertions."""
    notebook, tests, names = nbformat.from_dict(problem_set.notebook), {}, {}
    asked, kept = {question.id: question for question in problem_set.questions}, []
    for cell in notebook.cells:
        kind, id = role(cell), cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if (
            kind in ("mistake", "parameters", *(() if figure else ("figure",)))
            or cell.source == "ready()"
            or id.endswith("-guess")
        ):
            continue
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if not line.startswith("from casestudy")]
            cell.source = "\n".join(lines).replace("individual(problem_set, code)", f"np.random.default_rng({SEED})")
            cell.source = FIGURE if kind == "figure" else cell.source
            if kind == "check":
                cell.source = tests[id] = "\n".join(_assertion(one, names[one.name]) for one in asked[id].answers)
            elif kind != "figure":
                exec(cell.source, names)
            cell.outputs, cell.execution_count = [], None
        cell.metadata = nbformat.from_dict({key: cell.metadata[key] for key in ("nbgrader",) if key in cell.metadata})
        kept.append(cell)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.cells, notebook.metadata = kept, nbformat.from_dict({"kernelspec": kernel})
    return notebook, tests


def _assertion(answer, right) -> str:
    if isinstance(right, str):
        return f"assert {answer.name} == {right!r}"
    right = np.asarray(right, float).tolist()
    return f"assert np.allclose({answer.name}, {right!r}, rtol={answer.rtol or 0}, atol={answer.atol or 0})"


def program(name: str) -> str:
    """A peer's command; of all our pins only those of NEEDED, since otter asks for another wrapt."""
    return f"{environment(name, PEERS[name], *(f'{one}=={version(one)}' for one in NEEDED))}/{name}"


def nbgrader(problem_set: ProblemSet, figure: bool) -> tuple:
    """Runs of all ten and of one, and the points that it gave."""
    command, course = program("nbgrader"), BUILD / f"nbgrader-course-{figure:d}"
    shutil.rmtree(course, ignore_errors=True)
    for name in ("source/bench", "submitted"):
        (course / name).mkdir(parents=True)
    (course / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "bench"\n')
    notebook, _ = plain(problem_set, figure)
    nbformat.write(notebook, course / "source/bench/bench.ipynb")
    measured([command, "generate_assignment", "bench"], course)
    for number in range(TEN):
        own = nbformat.read(course / "release/bench/bench.ipynb", 4)
        folder = course / f"submitted/s{number:03}/bench"
        folder.mkdir(parents=True)
        nbformat.write(_filled(own, work_cells(problem_set, number)[0]), folder / "bench.ipynb")

    def points() -> list[float]:
        measured([command, "export", "--to", "grades.csv"], course)
        with open(course / "grades.csv") as file:
            rows = {row["student_id"]: float(row["raw_score"] or 0) for row in csv.DictReader(file)}
        return [rows[id] for id in sorted(rows)]

    def run(*only: str) -> Cost:
        return measured([command, "autograde", "bench", "--force", *only], course)

    return run, lambda: run("--student", "s000"), points


def otter(problem_set: ProblemSet, figure: bool) -> tuple:
    """Runs of all ten and of one, and the points that it gave."""
    command, course = program("otter"), BUILD / f"otter-course-{figure:d}"
    shutil.rmtree(course, ignore_errors=True)
    (course / "tests").mkdir(parents=True)
    notebook, tests = plain(problem_set, figure)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import otter\n\ngrader = otter.Notebook()"))
    worth = {question.id: question.points for question in problem_set.questions}
    for id, text in tests.items():
        code = "".join(f">>> {line}\n" for line in text.splitlines())
        suite = {"cases": [{"code": code, "hidden": False, "locked": False}], "scored": True, "type": "doctest"}
        told = {"name": id, "points": worth[id], "suites": [suite]}
        (course / f"tests/{id}.py").write_text(f"OK_FORMAT = True\n\ntest = {told!r}\n")
    for cell in notebook.cells:
        if (id := cell.metadata.get("nbgrader", {}).get("grade_id")) in tests:
            cell.source = f'grader.check("{id}")'
    for number in range(TEN):
        filled = _filled(copy.deepcopy(notebook), work_cells(problem_set, number)[0])
        nbformat.write(filled, course / f"s{number:03}.ipynb")
    measured([command, "generate", "-t", "tests", "-o", "autograder.zip"], course)

    def one(number: int = 0) -> Cost:
        (course / f"out/{number}").mkdir(parents=True, exist_ok=True)
        words = [command, "run", "-a", "autograder.zip", "-o", f"out/{number}", f"s{number:03}.ipynb"]
        return measured(words, course)

    def points() -> list[float]:
        told = [json.loads((course / f"out/{number}/results.json").read_text())["tests"] for number in range(TEN)]
        return [sum(test.get("score") or 0 for test in one) for one in told]

    return lambda: sum((one(number) for number in range(TEN)), Cost(0, 0, 0)), one, points


def _filled(notebook: nbformat.NotebookNode, texts: dict[str, str]) -> nbformat.NotebookNode:
    for cell in notebook.cells:
        cell.source = texts.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    return notebook


RUNS = {
    "nbgrader": (nbgrader, False),
    "otter": (otter, False),
    "nbgrader, with the figure": (nbgrader, True),
    "otter, with the figure": (otter, True),
}
