"""The commands for a lecturer's own hands: guide, sheets, what a class shows, and what leaves for other systems."""

from pathlib import Path
from typing import Annotated

import typer

from casestudy.cli.exercises import Kept, MaybeRoster, Out, Release, Set, Sets, counted, exercises, say_of_roster
from casestudy.cli.reports import Pdf
from casestudy.cli.terminal import complaints, say
from casestudy.refusals import Refusal
from casestudy.staging import private_file

Folders = Annotated[list[Path], typer.Argument(metavar="OUT...", help="What `exercises grade` wrote, one or more.")]
Proposal = Annotated[bool, typer.Option(help="Although nobody has confirmed the marks; the file says so.")]
Dialect = Annotated[str, typer.Option(help="plain, or excel-eu: semicolons and decimal commas.")]


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


@exercises.command()
def analysis(
    results: Folders,
    out: Out,
    sets: Annotated[
        list[Path] | None, typer.Option("--sets", metavar="DIR", help="Your own sets; once for each folder of sets.")
    ] = None,
) -> None:
    """What a class shows of each question: how hard, which slips, what to teach again; groups and terms beside it."""
    from casestudy.classroom.analysis import analyse
    from casestudy.classroom.analysis.analyse import PAGE, TABLE

    analyse(results, out, sets or ())
    say(f"{out / PAGE} names no student; {out / TABLE} has the same numbers")


@exercises.command()
def likeness(
    name: Set,
    results: Kept,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page to write, such as ../alike-02.html.")],
    submissions: Annotated[
        Path | None, typer.Option(metavar="DIR|ZIP", help="What was graded: its code is compared, too; nothing is run.")
    ] = None,
    sets: Sets = None,
) -> None:
    """Texts, and code, that are more alike than chance makes them in this class, side by side; never a verdict."""
    from casestudy.classroom.grading.results import Results
    from casestudy.classroom.likeness import compare
    from casestudy.classroom.sets.source import open_set

    problem_set, kept = open_set(name, sets), Results.read(results)
    kept.refuse_another_source(problem_set)
    _refuse_inside(out, results)
    page, found = compare(problem_set, kept.records, kept.groups(), submissions)
    private_file(out, page)
    for one in found:
        say(f"{one.what}: {len(one.pairs)} pairs to look at, of {one.compared} compared")
    say(f"{out} holds students' words, and reasons to look; it is no verdict")


@exercises.command()
def gradebook(
    results: Folders,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The table to write, such as ../gradebook.csv.")],
    weight: Annotated[
        list[str] | None, typer.Option(metavar="SET=NUMBER", help="What a set's points are multiplied by; else 1.")
    ] = None,
    drop: Annotated[int, typer.Option(min=0, metavar="N", help="Leave out each student's N lowest sets.")] = 0,
    missing_as_zero: Annotated[
        bool, typer.Option(help="Count what is missing as zero; else the total is empty.")
    ] = False,
    dialect: Dialect = "plain",
    proposal: Proposal = False,
) -> None:
    """The points of several sets in one table; what is missing is named, and no zero by itself."""
    from casestudy.classroom.outgoing import gradebook

    for folder in results:
        _refuse_inside(out, folder)
    weights = dict(_weighed(pair) for pair in weight or ())
    book = gradebook(results, weights, drop, proposal=proposal, missing_as_zero=missing_as_zero)
    private_file(out, book.text(dialect))
    for sentence in book.told():
        say(sentence, complaints)
    say(f"{out} is a proposal: nobody has confirmed {', '.join(book.unconfirmed)}" if book.unconfirmed else f"{out}")


@exercises.command()
def export(
    name: Set,
    results: Kept,
    lms: Annotated[str, typer.Option(help="moodle, canvas or csv.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the file goes.")],
    dialect: Dialect = "plain",
    canvas: Annotated[Path | None, typer.Option(metavar="FILE", help="The gradebook that Canvas exported.")] = None,
    assignment: Annotated[str, typer.Option(help="Its name or number there.")] = "",
    everyone: Annotated[bool, typer.Option(help="Also those whose points are not final.")] = False,
    proposal: Proposal = False,
    feedback: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also the feedback pages, as a zip that Moodle or Canvas takes.")
    ] = None,
) -> None:
    """Grades for a learning platform; who is left out is said, with the reason."""
    from casestudy.classroom.grading import advice, export
    from casestudy.classroom.grading.confirm import standing
    from casestudy.classroom.grading.export import held_back
    from casestudy.classroom.grading.results import Results
    from casestudy.classroom.outgoing import feedback_zip

    kept = Results.read(results)
    for path in filter(None, (out, feedback)):
        _refuse_inside(path, results)
        if canvas and path.resolve() == canvas.resolve():
            raise Refusal(f"--out must be no file of the results or Canvas' gradebook: got {path}; name another file")
    if feedback and feedback.resolve() == out.resolve():
        raise Refusal(f"--out and --feedback are two files: both are {out}")
    if not kept.problem_set.startswith(name):
        raise Refusal(f"{results} holds results of {kept.problem_set}, not of {name}")
    grades, unconfirmed = standing(kept, results, proposal), not kept.confirmed
    text, left_out = export(
        grades,
        kept.roster(),
        lms,
        dialect,
        canvas,
        assignment=assignment or kept.problem_set,
        everyone=everyone,
        reasons=kept.reasons(),
        proposal=unconfirmed,
    )
    if feedback:
        waiting = {} if everyone else held_back(grades)
        packed, unplaced = feedback_zip(results, kept.records, lms, kept.problem_set, waiting)
        private_file(feedback, packed)
        left_out += [f"no feedback for {sentence}" for sentence in unplaced]
    private_file(out, text)
    for sentence in left_out + advice(lms, dialect):
        say(sentence, complaints)
    say(f"{out} is a proposal, which nobody has confirmed" if unconfirmed else f"{out}")


def _refuse_inside(out: Path, results: Path) -> None:
    """Refuse a file among the results, in a folder that is not there, or where git would take it along."""
    from casestudy.classroom.release.release import refuse_a_checkout

    if out.resolve().is_relative_to(results.resolve()):
        raise Refusal(f"--out must be no file of the results: got {out}; name another file")
    if not out.parent.is_dir():
        raise Refusal(f"--out names a file in a folder that is there: got {out}")
    refuse_a_checkout(out.resolve().parent)


def _weighed(pair: str) -> tuple[str, float]:
    """A set and its weight, as typed."""
    name, _, number = pair.partition("=")
    try:
        return name.strip(), float(number)
    except ValueError:
        raise Refusal(f"--weight takes SET=NUMBER, such as 02=2: got {pair!r}") from None
