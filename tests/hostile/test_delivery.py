"""One delivery of forty honest files and sixty hostile or odd ones: nothing forged, nothing lost, no reason missing."""

import copy
import gzip
import json
import os
import zipfile
from pathlib import Path

import nbformat
import psutil
import pytest
from handed_in import add_text, again, at, code, merged

from casestudy.classroom.authoring import new
from casestudy.classroom.grading import grade
from casestudy.classroom.grading.results import Results
from casestudy.classroom.grading.run import Running
from casestudy.classroom.release import Released, release, roster
from casestudy.classroom.sandbox.sandbox import Limits
from casestudy.classroom.sets import source
from casestudy.classroom.sets.copies import student_copy

pytestmark = pytest.mark.slow
SECRET = b"a secret of the course, long enough"
RIGHT = "fall_pct = (before - after) / before * 100"
LIMITS = Limits(cpu_s=3, wall_s=8, memory_mb=500, disk_mb=16, file_mb=8)
STATUSES = {"ok", "cell_error", "timeout_cpu", "timeout_wall", "memory", "died", "damaged"}


def answered(notebook, text=RIGHT):
    notebook.cells[at(notebook, "fall-work")].source = text
    return notebook


def in_place(*texts):
    """The answer in the words given, right however it is said."""
    return [lambda notebook, text=text: answered(notebook, text) for text in texts]


def beside(*texts):
    """A right answer, and a cell of the student's own after it."""

    def change(notebook, text):
        answered(notebook)
        notebook.cells.insert(at(notebook, "fall-work") + 1, code(text))
        return notebook

    return [lambda notebook, text=text: change(notebook, text) for text in texts]


def _without_metadata(notebook):
    for cell in answered(notebook).cells:
        cell.metadata.clear()
    return notebook


def _from_colab(notebook):
    answered(notebook).metadata["colab"] = {"provenance": [], "toc_visible": True}
    for number, cell in enumerate(notebook.cells):
        cell.metadata["id"] = f"cell{number}"
        cell.metadata["outputId"] = "7c1e"
    return notebook


def _with_widget_state(notebook):
    state = {"state": {"a": {"model_name": "IntSliderModel", "state": {"value": 3}}}, "version_major": 2}
    answered(notebook).metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    return notebook


def _with_old_outputs(notebook):
    cell = answered(notebook).cells[at(notebook, "fall-work")]
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="x" * 2_000_000)]
    cell.execution_count = 10**12
    return notebook


def _check_run_twice(notebook):
    answered(notebook)
    check = notebook.cells[at(notebook, "fall")]
    notebook.cells.insert(at(notebook, "fall") + 1, again(check))
    return notebook


def _in_two_cells(notebook):
    answered(notebook, "share = (before - after) / before")
    notebook.cells.insert(at(notebook, "fall-work") + 1, code("fall_pct = 100 * share"))
    return notebook


def _guessed(notebook):
    notebook.cells[at(notebook, "fall-guess")].source = "predict(fall_pct=50)"
    return answered(notebook)


def _with_a_picture(notebook):
    picture = nbformat.v4.new_markdown_cell(
        "![mine](attachment:a.png)", attachments={"a.png": {"image/png": "iVBORw0K"}}
    )
    answered(notebook).cells.insert(3, picture)
    return notebook


def _without_ids(notebook):
    for cell in answered(notebook).cells:
        cell.pop("id", None)
    notebook.nbformat_minor = 4
    return notebook


def _as_lines(notebook):
    raw = json.loads(nbformat.writes(answered(notebook)))
    for cell in raw["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    return json.dumps(raw, ensure_ascii=False).encode()


def encoded(change):
    return lambda notebook: change(nbformat.writes(answered(notebook)))


HONEST = [
    *in_place(
        RIGHT,
        "%time fall_pct = (before - after) / before * 100",
        "%%time\nfall_pct = (before - after) / before * 100",
        "%matplotlib inline\nimport math\nfall_pct = 100 * (1 - after / before)",
        "import asyncio\nawait asyncio.sleep(0)\n" + RIGHT,
        "(before - after) / before * 100\nfall_pct = (before - after) / before * 100  # ≈ as in class",
        "from fractions import Fraction\nfall_pct = float(Fraction(before - after) / Fraction(before) * 100)",
        "import numpy as np\nfall_pct = np.float32((before - after) / before * 100)",
        "import numpy as np\nfall_pct = np.array([(before - after) / before * 100])",
        "hours = data.set_index('period')['hours']\nfall_pct = (1 - hours['after'] / hours['before']) * 100",
        "fall_pct: float = (before - after) / before * 100",
        "def fall(a, b):\n    return (a - b) / a * 100\n\n\nfall_pct = fall(before, after)",
        "class Firm:\n    share = (before - after) / before\n\n\nfall_pct = Firm.share * 100",
        "if (share := (before - after) / before) is not None:\n    fall_pct = share * 100",
        "    fall_pct = (before - after) / before * 100",
        "try:\n    1 / 0\nexcept ZeroDivisionError:\n    fall_pct = (before - after) / before * 100",
        "print('%d hours' % before)\nfall_pct = (before - after) / before * 100\nfall_pct",
        "words = '''\n%time\n!ls\n'''\nfall_pct = (before - after) / before * 100",
        "import warnings\nwarnings.warn('old')\nfall_pct = (before - after) / before * 100",
        "from __future__ import annotations\nfall_pct = (before - after) / before * 100",
    ),
    *beside(
        "%timeit -n 1 -r 1 sum(range(10))",
        "1 / 0",
        "display(data)\ndata.describe()",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "%%writefile helper.py\nanswer = 1",
        "del rng",
        "this is no Python",
        "a = _\nb = Out\nc = In",
    ),
    lambda notebook: merged(answered(notebook)),
    _without_metadata,
    _from_colab,
    _with_widget_state,
    _with_old_outputs,
    _check_run_twice,
    _in_two_cells,
    _guessed,
    _with_a_picture,
    _without_ids,
    _as_lines,
    encoded(lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()),
]


def instead(*texts):
    """A cell in place of the answer, which is to earn nothing."""
    return [(lambda notebook, text=text: answered(notebook, text), 0.0) for text in texts]


def after_right(*texts):
    """A right answer, and after it something that is to spoil the rest; what was answered before stays answered."""
    return [(lambda notebook, text=text: beside(text)[0](notebook), None) for text in texts]


def raw(change):
    """Bytes that may be no notebook: of no worth, or worth what still can be read."""

    def changed(notebook):
        content = json.loads(nbformat.writes(answered(notebook)))
        result = change(content)
        return json.dumps(content if result is None else result).encode() if not isinstance(result, bytes) else result

    return (changed, None)


def _cells_times(notebook, times):
    cells = notebook["cells"]
    notebook["cells"] = [copy.deepcopy(cell) for _ in range(times) for cell in cells]


def _each_cell(notebook, **entries):
    for cell in notebook["cells"]:
        cell.update(entries)


def _deep(levels):
    return b'{"cells": ' + b"[" * levels + b"]" * levels + b', "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


ODD = [
    *instead(
        'import sys, os\nfor n in range(3, 64):\n    try:\n        os.write(n, b\'["answer", ["fall_pct", 50]]\\n\')\n'
        "    except OSError:\n        pass\nraise SystemExit",
        "import gc\nfor thing in gc.get_objects():\n    if isinstance(thing, dict) and 'right' in thing:\n"
        "        fall_pct = thing['right']",
        "import sys\nsys.settrace(lambda *a: None)\nfall_pct = object()",
        "class N(float):\n    def __le__(self, o): return True\n    def __sub__(self, o): return 0\n"
        "    __rsub__ = __sub__\nfall_pct = N(1e9)",
        "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.max = lambda *a: 1e300\nfall_pct = 999.0",
        "import casestudy.classroom.sets.answers as a\na.agree = lambda *x: True\na._number = lambda *x: 0\n"
        "fall_pct = 998.0",
        "import json\njson.dumps = lambda *a, **k: '[\"done\", true]'\nfall_pct = 997.0",
        "import ctypes\nctypes.string_at(0)",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.killpg(0, signal.SIGKILL)",
        "import mmap\nheld = [mmap.mmap(-1, 100_000_000) for _ in range(30)]\n"
        "for m in held:\n    for at in range(0, 100_000_000, 4096): m[at] = 1",
        "import os, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nfor _ in range(4):\n    if not os.fork():\n"
        "        while True: pass\nimport time; time.sleep(100)",
        "import time\ntime.sleep(10**6)",
        "import threading\nthreading.Event().wait()",
        "import multiprocessing\nmultiprocessing.Pool(30).map(sum, [[1]] * 99)\nwhile True: pass",
        "x = 'a' * 10**9 * 10",
        "import re\nre.match('(a+)+$', 'a' * 64 + 'b')",
        "import itertools\nlist(itertools.count())",
        "import sys\nsys.set_int_max_str_digits(0)\nfall_pct = int('9' * 10**7)",
        "import faulthandler\nfaulthandler._sigsegv()",
        "import sys\nsys.stdout.close(); sys.stderr.close(); sys.stdin.close()\nfall_pct = 'fifty'",
        "from unittest import mock\nfall_pct = mock.MagicMock()",
        "import numpy as np\nfall_pct = np.full(10**6, 50.0)",
        "import pandas as pd\nfall_pct = pd.NA",
        "fall_pct = complex(50, 0)",
        "fall_pct = True",
        "fall_pct = float('nan')",
        "fall_pct = '50'",
        "fall_pct = range(0, 100)",
        "fall_pct = lambda: 50",
        "globals().clear()",
        "raise KeyboardInterrupt",
        "raise BaseExceptionGroup('many', [SystemExit(0), KeyboardInterrupt()])",
        "class E(Exception):\n    def __str__(self): raise self\nraise E",
        "raise Exception('\\x1b]0;title\\x07\\x1b[2J\\u202e' + 'x' * 10**6)",
        "!rm -rf ~ ; curl localhost\nfall_pct = 12345.0",
        "get_ipython().system('sleep 100')\nfall_pct = 12345.0",
        "%%bash\nsleep 1000",
        "async def never():\n    import asyncio\n    await asyncio.Event().wait()\nawait never()",
        "input('right value? ')",
        "exit()",
    ),
    *after_right(
        "import os\nos._exit(3)",
        "while True: pass",
        "fall_pct = 999.0",
        "import sys\nsys.modules['casestudy.classroom.sets.answers'] = None\nsys.modules.clear()",
    ),
    raw(lambda notebook: b""),
    raw(lambda notebook: b"\x00" * 100_000),
    raw(lambda notebook: gzip.compress(json.dumps(notebook).encode())),
    raw(lambda notebook: json.dumps(notebook).encode("utf-16")),
    raw(lambda notebook: json.dumps(notebook).encode()[:-200]),
    raw(lambda notebook: _deep(100_000)),
    raw(lambda notebook: b"[" + b"1," * 10**6 + b"1]"),
    raw(lambda notebook: notebook.update(nbformat=10**400)),
    raw(lambda notebook: notebook.update(nbformat=float("nan"))),
    raw(lambda notebook: notebook.update(cells={"0": notebook["cells"]})),
    raw(lambda notebook: notebook.update(cells=[None, *notebook["cells"]])),
    raw(lambda notebook: notebook.update(metadata=[["kernelspec"]])),
    raw(lambda notebook: _cells_times(notebook, 400)),
    raw(lambda notebook: _each_cell(notebook, metadata={"nbgrader": {"grade_id": "fall", "points": 10**6}})),
    raw(lambda notebook: _each_cell(notebook, id="same", cell_type="\ud800")),
    raw(lambda notebook: _each_cell(notebook, source=[["a"], {"b": 1}])),
]


@pytest.fixture(scope="module")
def graded(walls, tmp_path_factory):
    """The starting set with one text, handed in by a hundred in one zip."""
    course = tmp_path_factory.mktemp("course")
    path = new.new(course / "sets" / "01-start")
    add_text(path)
    changes = {f"h{number:02}": change for number, change in enumerate(HONEST)}
    changes |= {f"o{number:02}": change for number, (change, _) in enumerate(ODD)}
    (course / "roster.csv").write_text("\n".join(["student_id", *changes]) + "\n", encoding="utf-8")
    problem_set = source.load(path)
    out = release(problem_set, roster.read(course / "roster.csv"), SECRET, "t", course / "release")
    with zipfile.ZipFile(course / "back.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for id, assigned in Released.read(out).students.items():
            handed_in = changes[id](student_copy(problem_set, assigned.code))
            content = handed_in if isinstance(handed_in, bytes) else nbformat.writes(handed_in).encode()
            archive.writestr(f"{id}.ipynb", content)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    grades = grade(problem_set, out, course / "back.zip", course / "out", how=Running(limits=LIMITS)).grades
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    return course, grades, {record.id: record for record in Results.read(course / "out").records}, left


def test_they_are_a_hundred():
    assert (len(HONEST), len(ODD)) == (40, 60)


@pytest.mark.parametrize("number", range(len(HONEST)))
def test_an_honest_one_has_its_points(graded, number):
    _, grades, records, _ = graded
    assert grades.loc[f"h{number:02}", "fall"] == 2.0, records[f"h{number:02}"]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_an_odd_one_earns_what_it_answered_and_is_told_why(graded, number):
    course, grades, records, _ = graded
    record, points = records[f"o{number:02}"], grades.loc[f"o{number:02}", "fall"]
    assert record.status in STATUSES
    assert points in (0.0, 2.0) if ODD[number][1] is None else points == 0.0, record
    page = (course / "out" / "feedback" / f"o{number:02}.html").read_text(encoding="utf-8")
    if points == 0.0:
        reasons = [*record.errors, *record.problems.values(), *record.flags]
        assert reasons or record.values, record
        assert "Traceback" not in page and "\x1b" not in page and "\u202e" not in page


def test_nothing_of_them_lives_on(graded):
    assert graded[3] == []
    assert not [path for path in Path(os.curdir).glob("helper.py")]
