"""The commands that take a set to where a notebook does not go: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from casestudy.cli.exercises import Set, Sets, counted, exercises
from casestudy.cli.terminal import complaints, say
from casestudy.refusals import Refusal
from casestudy.staging import private_file


@exercises.command()
def questions(
    name: Set,
    to: Annotated[str, typer.Option(help="moodle-xml, qti12 (Canvas) or qti21.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file that the platform imports.")],
    variants: Annotated[int, typer.Option(metavar="N", help="Of each question; each has figures of its own.")] = 30,
    seed: Annotated[str, typer.Option(metavar="WORD", help="Another word gives other figures.")] = "bank",
    sets: Sets = None,
) -> None:
    """Questions for a learning platform, each tried before it is written; what a platform cannot do is said."""
    from casestudy.classroom.questions import FORMATS, bank, content, lost
    from casestudy.classroom.sets.source import open_set
    from casestudy.refusals import nearest

    if to not in FORMATS:
        raise Refusal(f"--to is one of {', '.join(FORMATS)}: got {to!r}; {nearest(to, FORMATS)}")
    if out.suffix != FORMATS[to]:
        raise Refusal(f"--out names a file that ends in {FORMATS[to]} for {to}: got {out}")
    if not out.parent.is_dir():
        raise Refusal(f"--out names a file in a folder that is there: got {out}")
    problem_set = open_set(name, sets)
    with counted(variants, "variants") as count:
        drawn = bank(problem_set, variants, seed, count)
    private_file(out, content(drawn, to))
    for sentence in (*drawn.notes, *lost(to)):
        say(sentence, complaints)
    say(f"{out} holds {variants} variants of {len(drawn.groups)} questions, with their answers: it is for lecturers")
