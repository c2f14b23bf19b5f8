"""The commands for a lecturer's own hands, a guide to a set and sheets for a class: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from casestudy.cli.exercises import MaybeRoster, Out, Release, Set, Sets, counted, exercises, say_of_roster
from casestudy.cli.reports import Pdf
from casestudy.cli.terminal import say
from casestudy.refusals import Refusal
from casestudy.staging import private_file


@exercises.command()
def guide(
    name: Set,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page to write, such as ../guide-02.html.")],
    results: Annotated[
        Path | None, typer.Option(metavar="DIR", help="What `exercises grade` wrote: a class's figures, too.")
    ] = None,
    sets: Sets = None,
    pdf: Pdf = False,
) -> None:
    """A page for whoever teaches a set: solutions, usual slips, model answers, what to talk about."""
    from casestudy.classroom.feedback.guide import CODES, guide, verdicts
    from casestudy.classroom.grading.results import Results, rows_of
    from casestudy.classroom.release.release import refuse_a_checkout
    from casestudy.classroom.sets.solve import Solutions
    from casestudy.classroom.sets.source import open_set
    from casestudy.reports.pdf import beside, typeset

    if pdf:
        typeset.required()
        if out.suffix == ".pdf":
            raise Refusal(f"--out names the page, and --pdf writes a PDF beside it: got {out}; name it .html")
    problem_set, kept = open_set(name, sets), Results.read(results) if results else None
    if kept and results:
        kept.refuse_another_source(problem_set)
        refuse_a_checkout(out.resolve().parent)
        if out.resolve().is_relative_to(results.resolve()):
            raise Refusal(f"--out must be no file of the results: got {out}; name another file")
    if not out.parent.is_dir():
        raise Refusal(f"--out names a file in a folder that is there: got {out}")
    rows = rows_of(Solutions(problem_set), kept) if kept else []
    with counted(CODES if verdicts(problem_set) else 0, "codes") as count:
        page = guide(problem_set, rows, kept.overrides if kept else None, finished=count)
    private_file(out, page)
    if pdf:
        private_file(out.with_suffix(".pdf"), beside.guide(page))
    say(f"{out} holds the solutions: it is for lecturers")


@exercises.command()
def sheets(
    name: Set,
    release: Release,
    out: Out,
    roster: MaybeRoster = None,
    sets: Sets = None,
    pdf: Pdf = False,
) -> None:
    """A page to print for each student, to work on in class without a computer; no solutions, no hints, no code."""
    from casestudy.classroom.release import Released
    from casestudy.classroom.release.release import everyone
    from casestudy.classroom.release.sheets import sheets
    from casestudy.classroom.sets.source import open_set
    from casestudy.reports.pdf import beside, typeset

    if pdf:
        typeset.required()
    problem_set, released = open_set(name, sets), Released.read(release)
    released.refuse_another_set(problem_set)
    students, not_in_roster = everyone(released, roster)
    say_of_roster(not_in_roster, roster)
    with counted(len(students), "students") as count:
        sheets(problem_set, released, students, out, count, beside.sheet if pdf else None)
    say(f"{out}")
