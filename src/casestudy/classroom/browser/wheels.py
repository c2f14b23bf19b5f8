"""Wheels for the browser: of this package only what a student's notebook loads, with its licence."""

import ast
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, version
from pathlib import Path, PurePosixPath

from casestudy.classroom.sets.source import SOURCE, ProblemSet
from casestudy.refusals import Refusal

OURS = "casestudy"
PRACTISED, DRAWN = ("classroom",), ("plots",)  # what a copy imports of ours, and what its figures do
CODE = Path(__file__).resolve().parents[2]
IN_WHEEL = f"{OURS}/_case/exercises"  # where an installed package looks for sets
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same files give the same wheel
LEFT_OUT = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}  # what an installer wrote
PURE = "Tag: py3-none-any"


@dataclass(frozen=True)
class Wheel:
    """A wheel: its file's name and bytes, the package, the modules that are imported of it, and what it depends on."""

    file: str
    content: bytes
    name: str
    version: str
    imports: tuple[str, ...]
    depends: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def practice(problem_sets: Iterable[ProblemSet] = (), further: Iterable[str] = ()) -> Wheel:
    """What a copy loads of this package; in practice with the sets' sources, which hold solutions.

    further: rooms or modules of ours that come along, such as `classroom.browser.draws`.
    """
    files = _files(modules(*PRACTISED, *further))
    for problem_set in problem_sets:
        files[f"{IN_WHEEL}/{problem_set.name}/{SOURCE}"] = problem_set.path.read_bytes()
    return _wheel(OURS, files, (OURS,), ("numpy", "pandas"))


def figures() -> Wheel:
    """What a copy's figures load beside that: kept apart, since it brings matplotlib along."""
    return _wheel(
        f"{OURS}-plots", _files(modules(*DRAWN) - modules(*PRACTISED)), (f"{OURS}.plots",), ("matplotlib", "seaborn")
    )


def modules(*names: str) -> frozenset[str]:
    """The modules of ours that these load, imports within functions included, and the packages that they lie in.

    >>> sorted(modules("layers"))
    ['', 'layers']
    """
    seen: set[str] = set()
    waiting = ["", *names]
    while waiting:
        name = waiting.pop()
        if name not in seen and (path := _path(name)):
            seen.add(name)
            waiting += [name.rpartition(".")[0], *_imported(path)]
    return frozenset(seen)


def installed(name: str, depends: tuple[str, ...]) -> Wheel:
    """An installed library as the wheel that it came from: every file of it, its licence too."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        raise Refusal(f"{name} is not installed here: run pip install 'casestudy[browser]'") from None
    if PURE not in (found.read_text("WHEEL") or ""):
        raise Refusal(f"{name} {found.version} is no pure Python wheel here: install it from its wheel")
    files = dict(_installed(found))
    written = _zipped(files, next(path for path in files if path.endswith(".dist-info/METADATA")).partition("/")[0])
    file = f"{name.replace('-', '_')}-{found.version}-py3-none-any.whl"
    return Wheel(file, written, name, found.version, (name,), depends)


def opened(content: bytes) -> tuple[str, str, str]:
    """Name, version and licence that a wheel's metadata give; the licence by its classifiers where it is not named."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        path = next((name for name in archive.namelist() if name.endswith(".dist-info/METADATA")), None)
        lines = archive.read(path).decode("utf-8").partition("\n\n")[0].splitlines() if path else []
    told = [line.partition(": ")[::2] for line in lines]
    fields = {key: value for key, value in reversed(told)}
    sorts = [value.rpartition(" :: ")[2] for key, value in told if key == "Classifier" and "License ::" in value]
    licence = fields.get("License-Expression") or ", ".join(sorts) or fields.get("License", "")
    return fields.get("Name", ""), fields.get("Version", ""), licence


@cache
def _imported(path: Path) -> tuple[str, ...]:
    """What a module imports of ours, by name within the package; `from a import b` may mean a module a.b."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{each.name}" for each in node.names)]
    return tuple(name.removeprefix(f"{OURS}.") for name in found if name.startswith(f"{OURS}."))


def _path(name: str) -> Path | None:
    place = CODE.joinpath(*name.split(".")) if name else CODE
    return next((path for path in (place / "__init__.py", place.with_suffix(".py")) if path.is_file()), None)


def _files(names: Iterable[str]) -> dict[str, bytes]:
    paths = [path for path in map(_path, sorted(names)) if path]
    return {f"{OURS}/{path.relative_to(CODE).as_posix()}": path.read_bytes() for path in paths}


def _wheel(name: str, files: Mapping[str, bytes], imports: tuple[str, ...], depends: tuple[str, ...]) -> Wheel:
    """A wheel of ours; its file's name changes with its content, so that no browser keeps an earlier one for it."""
    number, spelt = version(OURS), name.replace("-", "_")
    info = f"{spelt}-{number}.dist-info"
    needs = "".join(f"Requires-Dist: {each}\n" for each in depends)
    told = {
        f"{info}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {number}\n"
        f"License-Expression: MIT AND CC-BY-4.0\nLicense-File: LICENSE\n{needs}",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: {OURS}\nRoot-Is-Purelib: true\n{PURE}\n",
    }
    licences = {f"{info}/licenses/{path.name}": path.read_bytes() for path in _licences()}
    content = _zipped({**files, **{path: text.encode() for path, text in told.items()}, **licences}, info)
    build = f"0{hashlib.sha256(content).hexdigest()[:8]}"  # which begins with a digit, as a build's name must
    return Wheel(f"{spelt}-{number}-{build}-py3-none-any.whl", content, name, number, imports, depends)


def _licences() -> Iterator[Path]:
    """The package's licences, as they were installed with it."""
    for file in distribution(OURS).files or ():
        if file.parent.name == "licenses":
            yield Path(str(file.locate()))


def _installed(found: Distribution) -> Iterator[tuple[str, bytes]]:
    """The files of a distribution that its wheel held."""
    for file in found.files or ():
        path, place = PurePosixPath(str(file)), Path(str(file.locate()))
        if path.suffix != ".pyc" and ".." not in path.parts and path.name not in LEFT_OUT and place.is_file():
            yield path.as_posix(), place.read_bytes()


def _zipped(files: Mapping[str, bytes], info: str) -> bytes:
    """The bytes of a wheel with these files and a record of them."""
    record = "".join(f"{path},,\n" for path in (*sorted(files), f"{info}/RECORD"))
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path, content in (*sorted(files.items()), (f"{info}/RECORD", record.encode())):
            archive.writestr(zipfile.ZipInfo(path, LONG_AGO), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()
