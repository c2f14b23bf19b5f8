"""Write what a class shows: the page for its lecturer, and the same numbers as a table."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from casestudy.classroom.analysis.classes import read
from casestudy.classroom.analysis.measures import measures
from casestudy.classroom.analysis.page import page
from casestudy.classroom.release.release import refuse_a_checkout
from casestudy.refusals import Refusal
from casestudy.staging import private_file, private_folder

PAGE, TABLE = "analysis.html", "items.csv"


def analyse(folders: Sequence[Path], out: Path, sets: Iterable[Path] = ()) -> pd.DataFrame:
    """Write `analysis.html` and `items.csv` of these results into `out`, and give the table.

    folders: what `grade` wrote, the class that is taught first; groups and terms of the same set beside it. Neither
    file names a student. sets: folders of sets of one's own.
    """
    if any(out.resolve().is_relative_to(folder.resolve()) for folder in folders):
        raise Refusal(f"--out must be no folder of the results: got {out}; name another")
    refuse_a_checkout(out)
    classes = read(folders, sets)
    table, text = measures(classes), page(classes)
    private_folder(out)
    private_file(out / TABLE, table.to_csv(index=False, lineterminator="\n", float_format="%.6g"))
    private_file(out / PAGE, text)
    return table
