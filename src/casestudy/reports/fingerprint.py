"""What a finished set depends on, in one short text: it need not run again while that stays the same."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import casestudy
from casestudy.case import Case
from casestudy.reports.parameters import Notebook

CODE = Path(casestudy.__file__).parent
OF_CODE = {".py", ".j2", ".css", ".json"}


def fingerprints(notebooks: Iterable[Notebook], case: Case) -> dict[str, str]:
    """By notebook stem, 64 hexadecimal digits of the package's code, the case's data and the notebook's own file.

    Two machines that run the same code on the same case give the same; parameters are not in it.
    """
    shared = hashlib.sha256()
    code = [path for path in CODE.rglob("*") if path.suffix in OF_CODE and "_case" not in path.relative_to(CODE).parts]
    for root, paths in ((CODE, code), (case.data, case.data.rglob("*"))):
        for path in sorted(path for path in paths if path.is_file() and not path.name.startswith(".")):
            _add(shared, path.relative_to(root).as_posix().encode())
            _add(shared, path.read_bytes())
    marks = {}
    for notebook in notebooks:
        own = shared.copy()
        _add(own, (case.notebooks / notebook.path.name).read_bytes())
        marks[notebook.stem] = own.hexdigest()
    return marks


def _add(digest, content: bytes) -> None:
    digest.update(len(content).to_bytes(8, "big") + content)  # the length, so that two files are not one
