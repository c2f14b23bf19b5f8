"""Whether a browser's Python draws the figures that this one draws: tried under Node, before a site is handed out."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from casestudy.classroom.browser.draws import DIGITS, drawn
from casestudy.classroom.browser.pyodide import Pyodide
from casestudy.classroom.browser.wheels import practice
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal

SCRIPT = Path(__file__).with_name("draws.mjs")
WHOLE = 3  # codes on which answers and mistakes are compared too
LONGEST_S = 1800


def node() -> str | None:
    """Node, where it is there."""
    return shutil.which("node") or shutil.which("nodejs")


def differing(
    problem_sets: Sequence[ProblemSet],
    codes: Mapping[str, Sequence[str]],
    pyodide: Pyodide,
    digits: int = DIGITS,
    whole: int = WHOLE,
) -> dict[str, list[str]]:
    """By set the codes whose figures differ under Pyodide; of the first `whole` codes also the answers and mistakes.

    codes: by set's name. digits: significant ones of each number; 17 tell any two numbers apart.
    """
    if (program := node()) is None:
        raise Refusal("figures are compared under Node, and no program node is on the PATH: install it")
    list(pyodide.files(pyodide.needed((), ("numpy", "pandas"))))  # each as its lock says
    asked = {each.name: list(codes[each.name]) for each in problem_sets}
    with tempfile.TemporaryDirectory() as folder:
        wheel = practice(problem_sets, ("classroom.browser.draws",))
        path, request = Path(folder, wheel.file), Path(folder, "asked.json")
        path.write_bytes(wheel.content)
        request.write_text(json.dumps({"digits": digits, "whole": whole, "codes": asked}), encoding="utf-8")
        words = [program, str(SCRIPT), str(pyodide.folder.resolve()), str(path), str(request)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as ran:
            try:
                here = {each.name: drawn(each, asked[each.name], digits, whole) for each in problem_sets}
                said, complaints = ran.communicate(timeout=LONGEST_S)
            except subprocess.TimeoutExpired:
                raise Refusal(f"Pyodide in {pyodide.folder} did not end in {LONGEST_S} s under Node") from None
            finally:
                ran.kill()
    try:
        there = json.loads(said)
    except ValueError:
        why = (complaints.strip().splitlines() or ["nothing"])[-1]
        raise Refusal(f"Pyodide in {pyodide.folder} does not run under Node: {why}") from None
    found = {name: [code for code in by if there[name].get(code) != by[code]] for name, by in here.items()}
    return {name: differ for name, differ in found.items() if differ}


def refuse_other_figures(
    problem_sets: Sequence[ProblemSet], codes: Mapping[str, Sequence[str]], pyodide: Pyodide
) -> None:
    """Refuse sets that draw other figures in a browser: what is graded here would not be what a student saw."""
    for name, differ in differing(problem_sets, codes, pyodide).items():
        advice = "draw with the generator's plain methods and in 64 bits, as CONTRIBUTING.md says"
        raise Refusal(f"{name} must draw in a browser what it draws here: {len(differ)} codes differ; {advice}")
