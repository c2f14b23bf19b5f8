"""The commands for marks that are there: ask after them, run one again, change, confirm; parse, call, print."""

import json
from pathlib import Path
from typing import Annotated

import typer

from casestudy.cli.exercises import Kept, MaybeRoster, Release, Set, Sets, Student, exercises
from casestudy.cli.terminal import harmless, say
from casestudy.refusals import Refusal
from casestudy.staging import cores, private_file


@exercises.command()
def regrade(
    name: Set,
    student: Student,
    release: Release,
    submissions: Annotated[Path, typer.Option(metavar="DIR|ZIP", help="Where this student's file is.")],
    results: Kept,
    roster: MaybeRoster = None,
    limit: Annotated[list[str] | None, typer.Option(metavar="NAME=NUMBER", help="Such as cpu_s=60.")] = None,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option(help="Run the student's code with your own rights. The row says so.")
    ] = False,
    sets: Sets = None,
) -> None:
    """Run one student's file again, the same or a newer one."""
    from casestudy.classroom.grading import Running, regrade
    from casestudy.classroom.limits import spelt
    from casestudy.classroom.sets.source import open_set

    problem_set = open_set(name, sets)
    limits = problem_set.limits.changed(spelt(limit or (), "--limit"), "--limit")
    how = Running(cores(), not unsafe_no_sandbox, limits)
    again = regrade(problem_set, release, submissions, results, student, roster=roster, how=how)
    for sentence in again.said:
        say(sentence)
    say(again.changed.to_string(index=False) if len(again.changed) else "no points changed")


@exercises.command()
def explain(
    name: Set,
    student: Student,
    results: Kept,
    reply: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a letter to the student in place of JSON.")
    ] = None,
    sets: Sets = None,
) -> None:
    """Print one student's record for an appeal, with the right answers, as JSON; for the lecturer alone."""
    from casestudy.classroom.feedback.letter import letter
    from casestudy.classroom.grading import explain
    from casestudy.classroom.grading.results import Results
    from casestudy.classroom.release.release import refuse_a_checkout
    from casestudy.classroom.sets.source import open_set

    problem_set = open_set(name, sets)
    about = explain(problem_set, results, student)
    if reply is None:
        print(harmless(json.dumps(about, indent=1, ensure_ascii=False)))
        return
    if reply.resolve().is_relative_to(results.resolve()):
        raise Refusal(f"--reply must be no file of the results: got {reply}; name another file")
    refuse_a_checkout(reply.resolve().parent)
    private_file(reply, letter(problem_set, about, Results.read(results).students[student]["name"]))
    say(f"{reply} has the right answers for this student's figures: read it before you send it")


@exercises.command()
def withdraw(
    name: Set,
    student: Student,
    results: Kept,
    sets: Sets = None,
) -> None:
    """Remove what one student handed in from the results; it stays out until it is handed in again."""
    from casestudy.classroom.grading import withdraw
    from casestudy.classroom.sets.source import open_set

    say(withdraw(open_set(name, sets), results, student))


@exercises.command()
def rescore(
    name: Set,
    results: Kept,
    late: Annotated[
        str | None, typer.Option(metavar="RULE", help='What late work costs, such as "1 point a day"; none: nothing.')
    ] = None,
    roster: MaybeRoster = None,
    sets: Sets = None,
) -> None:
    """Mark again by a corrected source or late rule, running nobody's code: who changed, from what to what."""
    from casestudy.classroom.grading import rescore
    from casestudy.classroom.grading.override import unneeded
    from casestudy.classroom.sets.source import open_set

    changed = rescore(open_set(name, sets), results, late, roster, tell=say)
    say(changed.to_string(index=False) if len(changed) else "nobody changed")
    for sentence in unneeded(results):
        say(sentence)


@exercises.command()
def confirm(
    name: Set,
    results: Kept,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who has looked, and stands for the marks.")],
    sets: Sets = None,
) -> None:
    """Say on the pages who stands for the marks; it lapses when they are worked out again."""
    from casestudy.classroom.grading import confirm
    from casestudy.classroom.sets.source import open_set

    confirm(open_set(name, sets), results, by)
    say(f"{results / 'summary.html'}")
