"""The commands for exercises: parse, call, print."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from casestudy.refusals import Refusal
from casestudy.staging import cores, private_file
from casestudy.terminal import complaints, progress, say

if TYPE_CHECKING:
    import pandas as pd

    from casestudy.classroom.release import Released
    from casestudy.classroom.source import ProblemSet

exercises = typer.Typer(
    help="Problem sets: author, check, release, grade.", no_args_is_help=True, rich_markup_mode=None
)

Set = Annotated[str, typer.Argument(metavar="SET", help="Name or unique prefix, such as 02.")]
Sets = Annotated[Path | None, typer.Option("--sets", metavar="DIR", help="Your own sets; default: the shipped ones.")]
Roster = Annotated[Path, typer.Option(metavar="FILE", help="CSV with student_id; name, email, group, due if you like.")]
Secret = Annotated[Path, typer.Option(metavar="FILE", help="The course's secret, readable by you alone.")]
MaybeRoster = Annotated[Path | None, typer.Option("--roster", metavar="FILE", help="Names, groups and due dates.")]
Release = Annotated[Path, typer.Option(metavar="DIR", help="What `exercises release` wrote.")]
Kept = Annotated[Path, typer.Option("--results", metavar="DIR", help="What `exercises grade` wrote.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="A folder that no repository takes along.")]
Term = Annotated[str, typer.Option(metavar="T", help="Course and year, such as stats-2026.")]


@exercises.command("new")
def new_set(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Named NN-words, such as sets/04-queues.")],
) -> None:
    """Write a small complete set to start from."""
    from casestudy.classroom import source

    say(f"{source.start(folder)}")


@exercises.command()
def build(
    name: Annotated[str | None, typer.Argument(metavar="SET", help="Name or unique prefix, such as 02.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every set.")] = False,
    sets: Sets = None,
) -> None:
    """Try a set on 50 seeds, refuse it with reasons, or write its practice copy beside it."""
    from casestudy.classroom import copies, source
    from casestudy.classroom.build import problems

    if (name is None) != all_:
        raise Refusal("exercises build takes the name of a set, or --all")
    faulty = False
    for path in source.found(sets) if all_ else [source.find(name or "", sets)]:
        problem_set = source.load(path)
        faults = problems(problem_set)
        for fault in faults:
            say(f"{problem_set.name}: {fault}", complaints)
        if not faults:
            written = copies.write_practice(problem_set)
            say(f"{problem_set.name}: good on every seed; {written.name} is its practice copy")
        faulty = faulty or bool(faults)
    raise typer.Exit(code=1 if faulty else 0)


@exercises.command()
def release(
    name: Set,
    roster: Roster,
    secret_file: Secret,
    term: Term,
    out: Out,
    codes: Annotated[bool, typer.Option(help="One notebook for all and codes.csv for a mail merge.")] = False,
    only: Annotated[str | None, typer.Option(metavar="ID", help="One more student in a release that stands.")] = None,
    sets: Sets = None,
) -> None:
    """Give each student figures of their own, for graded work."""
    from casestudy.classroom import release as releases
    from casestudy.classroom import roster as rosters
    from casestudy.classroom import source

    problem_set, students = source.load(source.find(name, sets)), rosters.read(roster)
    secret = releases.read_secret(secret_file)
    with _counted(1 if only else len(students), "students") as told:
        releases.release(problem_set, students, secret, term, out, codes, only, told)
    where = out / (f"{problem_set.name}.ipynb and codes.csv" if codes else "students")
    say(f"for students: {where}")
    say(f"for you alone: {out / releases.RECORD} and the secret; grading needs the first, late joiners both")


@exercises.command()
def solutions(
    name: Set,
    release: Release,
    after: Annotated[str, typer.Option(metavar="DATE", help="Written only when this day is over.")],
    out: Out,
    roster: MaybeRoster = None,
    sets: Sets = None,
) -> None:
    """The worked solution on each student's own figures, one page a student."""
    from casestudy.classroom.solutions import solutions

    try:
        day = date.fromisoformat(after)
    except ValueError:
        raise Refusal(f"--after takes a date like 2026-12-01: got {after!r}") from None
    problem_set, released = _released(name, sets, release)
    students = _everyone(released, roster)
    with _counted(len(students), "students") as told:
        wait = solutions(problem_set, released, students, out, day, date.today(), told)
    if wait:
        say(f"{len(wait)} left out: their own due date is not over", complaints)
    say(f"{out}")


@exercises.command()
def validate(notebook: Annotated[Path, typer.Argument(metavar="FILE", help="A student's notebook.")]) -> None:
    """Run a notebook as its owner would and say whether it is ready to hand in."""
    from casestudy.classroom.handin import faults

    found = faults(notebook)
    for fault in found:
        say(fault)
    say("not ready" if found else "ready to hand in")
    raise typer.Exit(code=1 if found else 0)


@exercises.command()
def grade(
    name: Set,
    release: Release,
    submissions: Annotated[Path, typer.Option(metavar="DIR|ZIP", help="A folder, or the zip of a learning platform.")],
    out: Out,
    roster: MaybeRoster = None,
    keep: Annotated[
        str | None, typer.Option(help="Of several submissions: latest or best; default: latest, or as before.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="At most at a time; default: one a core.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with what stands in --out.")] = False,
    manual: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Texts with the points filled in.")] = None,
    only: Annotated[str | None, typer.Option(metavar="ID", help="One student, with --explain.")] = None,
    explain: Annotated[bool, typer.Option(help="Print the record for an appeal from what stands in --out.")] = False,
    sets: Sets = None,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option(help="Run students' code with your own rights. Every row says so.")
    ] = False,
) -> None:
    """Run what came back behind a wall, and propose points."""
    from casestudy.classroom import grade as grading
    from casestudy.classroom import release as releases
    from casestudy.classroom import results
    from casestudy.classroom import submissions as found_in

    problem_set, released = _released(name, sets, release)
    if (only is None) == explain:
        raise Refusal("--only ID and --explain go together")
    if explain:
        kept = results.Results.read(out)
        kept.refuse_another(problem_set, released)
        record = next((one for one in kept.records if one["id"] == only), None)
        if record is None:
            raise Refusal(f"{out} has no record of {only!r}")
        print(json.dumps(results.explain(problem_set, record, kept.manual.get(only)), indent=1, ensure_ascii=False))
        return
    if keep not in (None, "latest", "best"):
        raise Refusal(f"--keep is latest or best: got {keep!r}")
    one, other = out.resolve(), submissions.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise Refusal(f"--out and --submissions must lie apart, neither in the other: got {out} and {submissions}")
    releases.refuse_a_checkout(out)
    before = results.Results.read(out) if resume and (out / results.GRADING).exists() else None
    if before:
        before.refuse_another(problem_set, released)
    keep = keep or (before.keep if before else "latest")
    students = _everyone(released, roster, before.roster() if before else None)
    found, unknown = found_in.collect(submissions, students)
    if unknown and not found:
        raise Refusal(f"none of {len(unknown)} files in {submissions} belongs to anyone: {unknown[0]}; see --roster")
    with _counted(len(found), "submissions", rate=True) as told:
        records = grading.grade(
            problem_set,
            released,
            found,
            students,
            out,
            keep=keep,
            workers=workers or cores(),
            walled=not unsafe_no_sandbox,
            resume=resume,
            hidden=tuple(path for path in (release, submissions, roster) if path),
            told=told,
        )
    results.finish(problem_set, released, students, records, out, manual or (), keep)
    for line in unknown:
        say(line, complaints)
    say(f"{out / results.GRADES} is a proposal: look at {out / 'summary.html'}")


@exercises.command()
def rescore(name: Set, results: Kept, sets: Sets = None) -> None:
    """Mark again by a corrected source, without running anyone's code: who changed, and from what to what."""
    from casestudy.classroom import results as kept
    from casestudy.classroom import source

    problem_set = source.load(source.find(name, sets))
    changed = kept.rescore(problem_set, kept.Results.read(results), results)
    say(changed.to_string(index=False) if len(changed) else "nobody changed")


@exercises.command()
def confirm(
    name: Set,
    results: Kept,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who has looked, and stands for the marks.")],
    sets: Sets = None,
) -> None:
    """Say on the pages who stands for the marks; it lapses when they are worked out again."""
    from casestudy.classroom import results as kept
    from casestudy.classroom import source

    kept.confirm(source.load(source.find(name, sets)), kept.Results.read(results), results, by)
    say(f"{results / 'summary.html'}")


@exercises.command()
def export(
    name: Set,
    results: Kept,
    lms: Annotated[str, typer.Option(help="moodle, canvas or csv.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the file goes.")],
    dialect: Annotated[str, typer.Option(help="plain, or excel-eu: semicolons and decimal commas.")] = "plain",
    canvas: Annotated[Path | None, typer.Option(metavar="FILE", help="The gradebook that Canvas exported.")] = None,
    assignment: Annotated[str, typer.Option(help="Its name or number there.")] = "",
    everyone: Annotated[bool, typer.Option(help="Also those whose points are not final.")] = False,
) -> None:
    """Grades for a learning platform; who is left out is said, with the reason."""
    from casestudy.classroom import lms as platforms
    from casestudy.classroom import release as releases
    from casestudy.classroom import results as kept

    before = kept.Results.read(results)
    if not before.problem_set.startswith(name):
        raise Refusal(f"{results} holds results of {before.problem_set}, not of {name}")
    grades, column = kept.read_grades(results), assignment or before.problem_set
    text, told = platforms.export(grades, before.roster(), lms, dialect, canvas, assignment=column, everyone=everyone)
    releases.refuse_a_checkout(out.resolve().parent)
    private_file(out, text)
    for line in told:
        say(line, complaints)
    say(f"{out}")


@exercises.command()
def purge(
    term: Term, folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="A release, results, or above them.")]
) -> None:
    """Delete the releases and results of a term; nothing else is touched."""
    from casestudy.classroom.purge import purge

    for line in purge(folder, term):
        say(line)


def _released(name: str, sets: Path | None, release: Path) -> tuple["ProblemSet", "Released"]:
    """A set and its release; a release of another set is refused."""
    from casestudy.classroom import release as releases
    from casestudy.classroom import source

    problem_set, released = source.load(source.find(name, sets)), releases.Released.read(release)
    released.refuse_another_set(problem_set)
    return problem_set, released


def _everyone(released: "Released", roster: Path | None, before: "pd.DataFrame | None" = None) -> "pd.DataFrame":
    """Everyone who got the release, as the roster names them, else as before; who is not in the roster is said."""
    from casestudy.classroom import release as releases
    from casestudy.classroom import roster as rosters

    people = rosters.read(roster) if roster else None
    students = releases.roster_of(released, before, people)
    if roster and (absent := students.index.difference(people.index).tolist()):
        many = f"{', '.join(absent[:5])}{', ...' if len(absent) > 5 else ''}"
        say(f"{len(absent)} of the release are not in {roster.name}, and stay in: {many}", complaints)
    return students


@contextmanager
def _counted(total: int, word: str, rate: bool = False) -> Iterator[Callable[[str], None]]:
    """A bar that each call of what it gives moves on by one."""
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    if rate:
        columns.append(_Rate())
    with progress(*columns) as bar:
        task = bar.add_task(word, total=total)
        yield lambda _: bar.advance(task)


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} a second" if task.speed else "")
