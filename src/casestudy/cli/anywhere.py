"""The command that builds exercises for the browser: parse, call, print."""

from pathlib import Path
from typing import Annotated

import typer

from casestudy.cli.exercises import Sets, exercises
from casestudy.cli.terminal import complaints, progress, say
from casestudy.refusals import Refusal


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
