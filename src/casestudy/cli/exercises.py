"""The commands for exercises: parse, call, print."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from casestudy.cli.terminal import complaints, progress, say
from casestudy.refusals import Refusal
from casestudy.staging import cores

exercises = typer.Typer(
    help="Problem sets: author, check, release, grade.", no_args_is_help=True, rich_markup_mode=None
)

Set = Annotated[str, typer.Argument(metavar="SET", help="Name or unique prefix, such as 02.")]
Sets = Annotated[Path | None, typer.Option("--sets", metavar="DIR", help="Your own sets; default: those of the case.")]
Roster = Annotated[Path, typer.Option(metavar="FILE", help="CSV with student_id; name, email, group, due, lms_id.")]
Secret = Annotated[Path, typer.Option(metavar="FILE", help="The course's secret, readable by you alone.")]
MaybeRoster = Annotated[Path | None, typer.Option("--roster", metavar="FILE", help="Names, groups and due dates.")]
Release = Annotated[Path, typer.Option(metavar="DIR", help="What `exercises release` wrote.")]
Kept = Annotated[Path, typer.Option("--results", metavar="DIR", help="What `exercises grade` wrote.")]
Student = Annotated[str, typer.Argument(metavar="ID", help="One student.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="A folder that no repository takes along.")]
Term = Annotated[str, typer.Option(metavar="T", help="Course and year, such as stats-2026.")]


@exercises.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Named NN-words, such as sets/04-queues.")],
) -> None:
    """Write a small complete set to start from."""
    from casestudy.classroom.authoring.new import new

    say(f"{new(folder)}")


@exercises.command()
def build(
    name: Annotated[str | None, typer.Argument(metavar="SET", help="Name or unique prefix, such as 02.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every set.")] = False,
    sets: Sets = None,
) -> None:
    """Try a set on 200 seeds, refuse it with reasons, or write its practice copy beside it."""
    from casestudy.case import refuse_the_installed
    from casestudy.classroom.authoring.build import build
    from casestudy.classroom.sets import source

    if (name is None) != all_:
        raise Refusal("exercises build takes the name of a set, or --all")
    paths, faulty = source.found(sets) if all_ else [source.find(name or "", sets)], False
    refuse_the_installed(paths[0])
    for path in paths:
        try:
            faults = build(problem_set := source.load(path))
        except Refusal as refusal:
            if not all_:
                raise
            say(f"{path.parent.name}: {refusal}", complaints)
            faulty = True
            continue
        for fault in faults:
            say(f"{problem_set.name}: {fault}", complaints)
        if not faults:
            say(f"{problem_set.name}: good on every seed; {problem_set.name}.ipynb is its practice copy")
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
    from casestudy.classroom.release import read_secret, release
    from casestudy.classroom.release import roster as rosters
    from casestudy.classroom.release.release import RECORD
    from casestudy.classroom.sets.source import open_set

    problem_set, students, secret = open_set(name, sets), rosters.read(roster), read_secret(secret_file)
    with counted(1 if only else len(students), "students") as count:
        release(problem_set, students, secret, term, out, codes, only, count)
    say_of_roster([], roster)
    say(f"for students: {out / (f'{problem_set.name}.ipynb and codes.csv' if codes else 'students')}")
    say(f"for you alone: {out / RECORD} and the secret; grading needs the first, late joiners both")


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
    from casestudy.classroom.release import Released, solutions
    from casestudy.classroom.release.release import everyone
    from casestudy.classroom.sets.source import open_set

    try:
        day = date.fromisoformat(after)
    except ValueError:
        raise Refusal(f"--after takes a date like 2026-12-01: got {after!r}") from None
    problem_set, released = open_set(name, sets), Released.read(release)
    released.refuse_another_set(problem_set)
    students, not_in_roster = everyone(released, roster)
    say_of_roster(not_in_roster, roster)
    with counted(len(students), "students") as count:
        waiting = solutions(problem_set, released, students, out, day, date.today(), count)
    if waiting:
        say(f"{len(waiting)} left out: their own due date is not over", complaints)
    say(f"{out}")


@exercises.command()
def validate(notebook: Annotated[Path, typer.Argument(metavar="FILE", help="A student's notebook.")]) -> None:
    """Run a notebook as its owner would, then as grading does, and say whether it is ready to hand in."""
    from casestudy.classroom.practice.validate import validate

    found = validate(notebook)
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
    sets: Sets = None,
    limit: Annotated[
        list[str] | None, typer.Option(metavar="NAME=NUMBER", help="For each submission, such as cpu_s=60.")
    ] = None,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option(help="Run students' code with your own rights. Every row says so.")
    ] = False,
) -> None:
    """Run what came back behind a wall, and propose points."""
    from casestudy.classroom.grading import Running, grade
    from casestudy.classroom.grading.results import GRADES
    from casestudy.classroom.limits import spelt
    from casestudy.classroom.sets.source import open_set

    problem_set = open_set(name, sets)
    limits = problem_set.limits.changed(spelt(limit or (), "--limit"), "--limit")
    how = Running(workers or cores(), not unsafe_no_sandbox, limits)
    with progress(*_columns(), _Rate()) as bar:
        task = bar.add_task("submissions", total=None)
        graded = grade(
            problem_set,
            release,
            submissions,
            out,
            roster=roster,
            keep=keep,
            resume=resume,
            manual=manual or (),
            how=how,
            collected=lambda number: bar.update(task, total=number),
            finished=lambda record: bar.advance(task),
        )
    say_of_roster(graded.not_in_roster, roster)
    if graded.standing:
        few = _few(graded.standing)
        say(f"{len(graded.standing)} of whom nothing came this time keep what stands: {few}", complaints)
    for sentence in filter(None, [*graded.unknown, graded.guessing, *graded.said]):
        say(sentence, complaints)
    if graded.waiting:
        say(f"files that count for nobody: {graded.waiting}; say whose in {out / 'unmatched.csv'}", complaints)
    say(f"{out / GRADES} is a proposal: look at {out / 'summary.html'}")


@exercises.command()
@exercises.command()
def purge(
    term: Term, folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="A release, results, or above them.")]
) -> None:
    """Delete the releases and results of a term; nothing else is touched."""
    from casestudy.classroom.purge import purge

    for sentence in purge(folder, term):
        say(sentence)


def say_of_roster(not_in_roster: list[str], roster: Path | None) -> None:
    """Which columns nobody reads, and who of the release is not in it."""
    from casestudy.classroom.release.roster import unread

    if roster and (names := unread(roster)):
        say(f"{roster.name}: not read: {', '.join(map(repr, names))}", complaints)
    if roster and not_in_roster:
        few = _few(not_in_roster)
        say(f"{len(not_in_roster)} of the release are not in {roster.name}, and stay in: {few}", complaints)


def _few(ids: list[str]) -> str:
    return f"{', '.join(ids[:5])}{', ...' if len(ids) > 5 else ''}"


def _columns() -> list[ProgressColumn]:
    return [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]


@contextmanager
def counted(total: int, word: str) -> Iterator[Callable[[Any], None]]:
    """A bar that each call of what it gives moves on by one."""
    with progress(*_columns()) as bar:
        task = bar.add_task(word, total=total)
        yield lambda _: bar.advance(task)


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} a second" if task.speed else "")
