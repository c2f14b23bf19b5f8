"""The command that gives points in place of a program: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from casestudy.cli.exercises import Kept, Set, Sets, exercises
from casestudy.cli.terminal import say
from casestudy.refusals import Refusal
from casestudy.staging import private_file


@exercises.command()
def override(
    name: Set,
    results: Kept,
    student: Annotated[str, typer.Argument(metavar="ID", help="One student.")] = "",
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="As grades.csv names it.")] = "",
    points: Annotated[str, typer.Argument(metavar="POINTS", help="From 0 to what the question counts.")] = "",
    reason: Annotated[str, typer.Option(metavar="WORDS", help="Why; the student reads it.")] = "",
    undo_: Annotated[bool, typer.Option("--undo", help="Take back what was given for ID and QUESTION.")] = False,
    template: Annotated[Path | None, typer.Option(metavar="FILE", help="Write everybody's points to fill in.")] = None,
    from_: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="Bring a filled-in table back.")] = None,
    sets: Sets = None,
) -> None:
    """Give points for any question, with a reason: they count whatever is graded or rescored later."""
    from casestudy.classroom.grading.override import Wanted, override, read, undo
    from casestudy.classroom.grading.override import template as written
    from casestudy.classroom.release.release import refuse_a_checkout
    from casestudy.classroom.sets.source import open_set

    whole = bool(template or from_)  # the class's, and no single question's
    if sum(map(bool, (points, undo_, template, from_))) != 1 or bool(student) == whole or bool(question) == whole:
        ways = "ID QUESTION POINTS with --reason, ID QUESTION with --undo, --template FILE or --from FILE"
        raise Refusal(f"override takes one of these: {ways}")
    problem_set = open_set(name, sets)
    if template:
        if template.exists():
            raise Refusal(f"{template} is there already, and may hold what was filled in: name another file")
        refuse_a_checkout(template.resolve().parent)
        private_file(template, written(problem_set, results))
        said = [f"{template}: change points, give each a reason, and bring it back with --from"]
    elif undo_:
        said = undo(problem_set, results, student, question)
    else:
        said = override(problem_set, results, read(from_) if from_ else [Wanted(student, question, points, reason)])
    for sentence in said:
        say(sentence)
