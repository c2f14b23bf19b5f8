"""A notebook as a student sent it, read as plain cells: what is none, what is old or odd, what only a notebook runs."""

import json
from datetime import datetime

import pytest
from handed_in import share

from casestudy.classroom.submissions.cells import LARGEST


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing in it"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("é".encode("latin-1"), "not UTF-8"),
        (b'{"cells": [', "not whole JSON"),
        (b"[" * 100_000, "not whole JSON"),
        (b"[]", "not a notebook"),
        (b"null", "not a notebook"),
        (b'{"nbformat": 2, "cells": []}', "not a notebook"),
        (b'{"nbformat": 4}', "without cells"),
        (b'{"nbformat": 3, "worksheets": 7}', "without cells"),
        (b'{"nbformat": 4, "cells": [7]}', "a cell that is none"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": {"a": 1}}]}', "without type or text"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1"}]}', "no cell of"),
        (b'{"nbformat": 4, "cells": [' + b",".join([b"{}"] * 3000) + b"]}", "more than 2000 cells"),
        (b'{"nbformat": 4, "cells": [' + b"[]," * 1_000_000 + b"[]]}", "more parts than"),
        (b'{"nbformat": ' + b"4" * 5000 + b"}", "not whole JSON"),
        (b" " * (LARGEST + 1), "larger than 20 MB"),
    ],
)
def test_what_is_no_notebook_is_damaged_and_says_why(opened, content, why):
    read = opened(content)
    assert read.problem.startswith("damaged: ") and why in read.problem
    assert (read.cells, read.texts, read.flags) == ([], {}, frozenset())


def test_metadata_of_any_kind_are_survived(copy, opened):
    for n, odd in enumerate([None, 7, "x", [], {"nbgrader": 7}, {"nbgrader": {"grade_id": []}}, {"tags": 7}]):
        copy.cells[4 + n]["metadata"] = odd
        copy.cells[4 + n]["id"] = odd
    assert opened(json.dumps(copy).encode()).problem == ""


def test_a_mark_before_the_text_and_format_3_are_read(copy, given, opened):
    old = [
        {"cell_type": cell.cell_type, "metadata": cell.metadata}
        | ({"input": cell.source, "language": "python"} if cell.cell_type == "code" else {"source": cell.source})
        for cell in copy.cells
    ]
    content = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": old[:20]}, {"cells": old[20:]}]})
    read = opened(b"\xef\xbb\xbf" + content.encode())
    assert share(given, read.cells) == 1


@pytest.mark.parametrize(
    "hostile",
    ["(" * 100_000, '"""' * 60_000, "\\" * 199_000, " " * 199_000, "x" * 199_000, '\\"""' * 40_000, "'" * 199_000],
)
def test_odd_code_is_looked_at_in_a_moment(opened, hostile):
    begun = datetime.now()
    cell = {"cell_type": "code", "metadata": {}, "source": f"%time\n{hostile}\n%time\nbest_pct x x{hostile}"}
    notebook = {"nbformat": 4, "cells": [cell, cell | {"source": "headroom_pct = fall_pct = 1"}]}
    opened(json.dumps(notebook).encode())
    assert (datetime.now() - begun).total_seconds() < 2
