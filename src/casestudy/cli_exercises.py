"""The commands for exercises: parse, call, print."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

console, complaints = Console(), Console(stderr=True)

exercises = typer.Typer(help="Problem sets: author, check, release.", no_args_is_help=True, rich_markup_mode=None)

Set = Annotated[str, typer.Argument(metavar="SET", help="Name or unique prefix, such as 02.")]
Sets = Annotated[Path | None, typer.Option("--sets", metavar="DIR", help="Your own sets; default: the shipped ones.")]
Roster = Annotated[Path, typer.Option(metavar="FILE", help="CSV with student_id; name, email, group, due if you like.")]
Secret = Annotated[Path, typer.Option(metavar="FILE", help="The course's secret, readable by you alone.")]
MaybeRoster = Annotated[Path | None, typer.Option("--roster", metavar="FILE", help="Names, groups and due dates.")]
Release = Annotated[Path, typer.Option(metavar="DIR", help="What `exercises release` wrote.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="A folder that no repository takes along.")]
Term = Annotated[str, typer.Option(metavar="T", help="Course and year, such as stats-2026.")]


@exercises.command("new")
def new_set(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Named NN-words, such as sets/04-queues.")],
) -> None:
    """Write a small complete set to start from."""
    from casestudy.classroom import source

    console.print(f"{source.start(folder)}", markup=False, highlight=False, soft_wrap=True)


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
        raise ValueError("exercises build takes the name of a set, or --all")
    faulty = False
    for path in source.found(sets) if all_ else [source.find(name or "", sets)]:
        problem_set = source.load(path)
        faults = problems(problem_set)
        for fault in faults:
            complaints.print(f"{problem_set.name}: {fault}", markup=False, highlight=False, soft_wrap=True)
        if not faults:
            written = copies.write_practice(problem_set)
            console.print(
                f"{problem_set.name}: good on every seed; {written.name} is its practice copy", highlight=False
            )
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
    with _progress(1 if only else len(students), "students") as told:
        releases.release(problem_set, students, secret, term, out, codes, only, told)
    where = out / (f"{problem_set.name}.ipynb and codes.csv" if codes else "students")
    console.print(f"for students: {where}", markup=False, highlight=False, soft_wrap=True)
    kept = f"for you alone: {out / releases.RECORD} and the secret; grading needs the first, late joiners both"
    console.print(kept, markup=False, highlight=False, soft_wrap=True)


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
    from casestudy.classroom import release as releases
    from casestudy.classroom import roster as rosters
    from casestudy.classroom import source
    from casestudy.classroom.solutions import solutions

    try:
        day = date.fromisoformat(after)
    except ValueError:
        raise ValueError(f"--after takes a date like 2026-12-01: got {after!r}") from None
    problem_set, released = source.load(source.find(name, sets)), releases.Released.read(release)
    students = releases.roster_of(released, rosters.read(roster) if roster else None)
    with _progress(len(students), "students") as told:
        wait = solutions(problem_set, released, students, out, day, date.today(), told)
    if wait:
        complaints.print(f"{len(wait)} left out: their own due date is not over", highlight=False)
    console.print(f"{out}", markup=False, highlight=False, soft_wrap=True)


@exercises.command()
def validate(notebook: Annotated[Path, typer.Argument(metavar="FILE", help="A student's notebook.")]) -> None:
    """Run a notebook as its owner would and say whether it is ready to hand in."""
    from casestudy.classroom.handin import faults

    found = faults(notebook)
    for fault in found:
        console.print(fault, markup=False, highlight=False, soft_wrap=True)
    console.print("not ready" if found else "ready to hand in", highlight=False)
    raise typer.Exit(code=1 if found else 0)


@contextmanager
def _progress(total: int, word: str) -> Iterator[Callable[[str], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=complaints, disable=not complaints.is_terminal, transient=True) as progress:
        task = progress.add_task(word, total=total)
        yield lambda _: progress.advance(task)
