"""The commands that take a set to where a notebook does not go: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from casestudy.cli.exercises import Set, Sets, counted, exercises
from casestudy.cli.terminal import complaints, progress, say
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


@exercises.command()
def site(
    out: Annotated[Path, typer.Option(metavar="SITE", help="The folder that a static server then shows.")],
    practice: Annotated[bool, typer.Option("--practice", help="Every set, with checks and hints.")] = False,
    release: Annotated[
        Path | None, typer.Option(metavar="DIR", help="What `exercises release` wrote: its set, as graded work.")
    ] = None,
    sets: Sets = None,
    pyodide: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder of Pyodide, so that no request leaves the site.")
    ] = None,
) -> None:
    """A static site on which students do exercises in their browser, with nothing installed."""
    from casestudy.case import open_case
    from casestudy.classroom.browser.site import site
    from casestudy.classroom.release import Released
    from casestudy.classroom.sets import source

    if practice == (release is not None):
        raise Refusal("exercises site takes --practice or --release DIR, one of the two")
    released = Released.read(release) if release else None
    paths = [source.find(released.problem_set, sets)] if released else source.found(sets)
    problem_sets = [source.load(path) for path in paths]
    with progress() as bar:
        task = bar.add_task("", total=None)
        built = site(
            problem_sets,
            out,
            released,
            pyodide,
            None if sets else open_case(),
            lambda words: bar.update(task, description=words),
        )
    if built.compared:
        say(f"a browser draws the figures that this computer draws, on {built.compared} codes a set")
    else:
        why = "no program node on the PATH" if pyodide else "no --pyodide DIR"
        say(f"not compared: whether a browser draws the figures that this computer draws ({why})", complaints)
    if not pyodide:
        say("Pyodide comes from its public address: whoever opens the site asks there for it", complaints)
    say(f"{out}: {len(built.copies)} sets, {built.size / 1e6:.0f} MB; try it with: python -m http.server -d {out}")
