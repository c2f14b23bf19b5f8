"""`make site`: copy what the site shows into one folder, make it fit for readers, and let sphinx read that."""

import ast
import inspect
import json
import re
import shutil
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import nbformat

from casestudy.case import CHECKOUT, Case, open_case
from casestudy.claims import CITATION
from casestudy.layers import LAYERS
from casestudy.reports.pages.document import citations
from casestudy.reports.pdf.paper import UNSAID, is_number

HERE = Path(__file__).parent
SOURCES, SITE, WHATIF = (CHECKOUT / "build" / name for name in ("site-sources", "site", "what-if"))
TEXTS = ("*.md", "LICENSE", "LICENSE-CC-BY-4.0", "CITATION.cff", "environment.yml", "data/*")
TEXTS += ("docs/*.md", "benchmarks/*.md", "exercises/*.md", "examples/*/*.md", "tests/hostile/*.md")
BOOKS = ("notebooks/[0-9]*.ipynb", "docs/*.ipynb", "exercises/*/[0-9]*.ipynb")
BOOKS += ("examples/*/notebooks/[0-9]*.ipynb", "examples/*/exercises/*/[0-9]*.ipynb")
SHOWN = "What comes out"  # on a fold that a guess goes before
FACES = ("data", "claims", "plots", "classroom", "reports")  # folders whose own module is what one imports
IMPORTED = {*FACES, "intervals", "granularity", "models"}
INNER = ("cli", "__main__", "kernels", "forks", "classroom.sandbox", "reports.executors")  # nobody calls them


def gather(case: Case) -> None:
    """Everything that the site shows, in one folder laid out as the checkout is, so that every link leads on."""
    shutil.rmtree(SOURCES, ignore_errors=True)
    cases = [case, *(Case(path) for path in CHECKOUT.glob("examples/*/"))]
    cited = {id: note.mark for one in cases for id, note in citations(one).items()}
    for path in (path for pattern in TEXTS for path in CHECKOUT.glob(pattern)):
        if path.is_file():
            _write(path.relative_to(CHECKOUT), path.read_text(encoding="utf-8"))
    for path in (path for pattern in BOOKS for path in sorted(CHECKOUT.glob(pattern))):
        name = path.relative_to(CHECKOUT)
        _write(name, nbformat.writes(readable(nbformat.read(path, 4), cited, _number(name))))
    there = (WHATIF / "index.html").is_file()
    index = (HERE / "index.md").read_text(encoding="utf-8")
    told = '- What if a number were another? <a href="what-if/index.html">Move it and see</a>.\n' if there else ""
    _write(Path("index.md"), index.replace("<!-- what-if -->\n", told))
    _write(Path("glossary.md"), glossary((CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")))
    _write(Path("data/dictionary.md"), dictionary(json.loads((case.data / "datapackage.json").read_text("utf-8"))))
    for name, text in functions(Path(__file__).parents[2] / "src" / "casestudy"):
        _write(Path("api", f"{name}.md"), text)
    if there:
        shutil.copytree(WHATIF, SOURCES / "extra" / "what-if")
    _write(Path("static/layers.css"), colours())
    (SOURCES / "extra").mkdir(exist_ok=True)


def _write(name: Path, text: str) -> None:
    path = SOURCES / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _number(name: Path) -> str:
    """What a notebook's title begins with: its number, or that of the set."""
    if not re.match(r"\d\d-", name.name):
        return ""
    return f"{'Set ' if 'exercises' in name.parts else ''}{name.name[:2]} · "


def readable(book: nbformat.NotebookNode, cited: dict[str, str], number: str = "") -> nbformat.NotebookNode:
    """A notebook as the site shows it: code and what is to be guessed folded, citations as places, layers in colour.

    number: what goes before its title.
    """
    cells = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            cell.source = CITATION.sub(lambda found: cited.get(found[1], found[0]), cell.source)
            cell.source = re.sub(r"\A# ", f"# {number}", cell.source)
            cell.source = re.sub(rf"\*({'|'.join(LAYERS)})(, if [^*]+)?\*", _layer, cell.source)
            cells.append(cell)
            continue
        tags = cell.metadata.get("tags", [])
        hidden = "reveal" in tags or cell.metadata.get("jupyter", {}).get("outputs_hidden")
        for output in cell.get("outputs", []):
            for kind in [kind for kind in output.get("data", {}) if kind.startswith("application/")]:
                del output.data[kind]  # recorded, not shown
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = re.sub("<td>([^<>]*)</td>", _told, "".join(output.data["text/html"]))
        code, shown = cell, nbformat.v4.new_code_cell("# not shown", outputs=cell.get("outputs", []))
        code.outputs = []
        code.metadata = nbformat.from_dict(
            {"tags": ["hide-input"], "mystnb": {"code_prompt_show": "Code", "code_prompt_hide": "Code"}}
        )
        shown.metadata = nbformat.from_dict(
            {
                "tags": ["remove-input", *(["hide-output", "reveal"] if hidden else [])],
                "mystnb": {"code_prompt_show": SHOWN, "code_prompt_hide": SHOWN},
            }
        )
        cells += [code] if code.source.strip() else []
        cells += [shown] if shown.outputs else []
    book.cells = cells
    return book


def _told(found: re.Match[str]) -> str:
    """A cell of a table: words to the left, and nothing where pandas has nothing."""
    text = "–" if found[1].strip() in UNSAID else found[1]
    return f"<td>{text}</td>" if is_number(text) or text == "–" else f'<td class="words">{text}</td>'


def _layer(found: re.Match[str]) -> str:
    return f'<em class="layer {found[1].lower()}">{found[1]}{found[2] or ""}</em>'


def colours() -> str:
    """The layers' colours, lighter on a dark page."""
    dark = "color-mix(in srgb, {} 55%, white)"
    rules = [f".layer.{name.lower()} {{ color: {colour}; }}" for name, colour in LAYERS.items()]
    lighter = [f"{{}} .layer.{name.lower()} {{{{ color: {dark.format(one)}; }}}}" for name, one in LAYERS.items()]
    asked = [rule.format('body[data-theme="dark"]') for rule in lighter]
    auto = [rule.format('body:not([data-theme="light"])') for rule in lighter]
    return "\n".join([*rules, *asked, "@media (prefers-color-scheme: dark) {", *auto, "}", ""])


def glossary(architecture: str) -> str:
    """The glossary's table of the architecture page, as a page of its own, in order of the alphabet."""
    table = re.search(r"## Glossary[^\n]*\n.*?\|---\|---\|\n(.*?)(?:\n\n|\Z)", architecture, re.S)
    rows = [line.strip("| ").split(" | ", 1) for line in (table[1] if table else "").splitlines() if " | " in line]
    terms = "\n\n".join(f"{term}\n: {meaning}" for term, meaning in sorted(rows, key=lambda row: row[0].lower()))
    return f"# Glossary\n\nOne word for each thing, and what it means on these pages.\n\n{terms}\n"


def dictionary(package: dict) -> str:
    """The data dictionary: every table of the data package with its columns, as it is written there."""
    parts = ["# Data dictionary\n", "Every table of `data/`, column by column. [The README](README.md) says more.\n"]
    if sources := package.get("sources"):
        parts += ["## Where the articles stand\n", *map(_source, sources), ""]
    for one in package["resources"]:
        parts += [f"## {one['title']}\n", f"File: [`{one['path']}`]({one['path']})\n"]
        parts += ["| column | type | what it holds | must |", "|---|---|---|---|"]
        for field in one["schema"]["fields"]:
            told = field.get("description", "").replace("|", "\\|")
            parts.append(f"| `{field['name']}` | {field['type']} | {told} | {_must(field.get('constraints', {}))} |")
        parts.append("")
    return "\n".join(parts)


def _source(one: dict) -> str:
    """A source with its address and the day of access, or how to look for it."""
    address = f" <{one['path']}>." if "path" in one else ""
    return f"- {one['title']}.{address} Day of access: {one['accessed']}. {one['note']}"


def _must(constraints: dict) -> str:
    """What a column's values are held to, in words."""
    words = {"required": "never empty", "unique": "no two alike"}
    told = [words[key] for key, value in constraints.items() if key in words and value]
    told += [f"one of {', '.join(constraints['enum'])}"] if "enum" in constraints else []
    told += [f"at least {constraints['minimum']}"] if "minimum" in constraints else []
    told += [f"at most {constraints['maximum']}"] if "maximum" in constraints else []
    return "; ".join(told)


def functions(code: Path) -> list[tuple[str, str]]:
    """A page for each room with what its modules offer, first what one imports, and one that lists them."""
    pages: dict[str, list[str]] = {name: [_module(name, ":imported-members:")] for name in FACES}
    for path in sorted(code.rglob("*.py")):
        name = ".".join(path.relative_to(code).with_suffix("").parts).removesuffix(".__init__")
        if name.startswith(INNER) or name == "__init__" or not _offers(path):
            continue
        room = (
            name.split(".")[0] if name.split(".")[0] not in ("classroom", "reports") else ".".join(name.split(".")[:2])
        )
        face, _, below = name.partition(".")
        again = below in _names(code / face / "__init__.py")
        pages.setdefault(room, []).append(_module(name, *([":no-index:"] if again else [])))  # it is there already
    index = (HERE / "api.md").read_text(encoding="utf-8")
    index = index.replace("<!-- inside -->", "\n".join(sorted(pages.keys() - IMPORTED)))
    return [("index", index), *((room, f"# {room}\n\n" + "\n".join(parts)) for room, parts in pages.items())]


def spelling(function: Callable, method: bool = False) -> tuple[str, str | None] | None:
    """A function's parameters and what it gives, as its code spells them: `ArrayLike`, not all that it stands for."""
    try:
        node = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    if not isinstance(node, ast.FunctionDef):
        return None
    if method and not any(getattr(one, "id", "") == "staticmethod" for one in node.decorator_list):
        node.args.args = node.args.args[1:]  # self
    return f"({ast.unparse(node.args)})", ast.unparse(node.returns) if node.returns else None


def _names(face: Path) -> list[str]:
    """What a folder's own module offers."""
    text = face.read_text(encoding="utf-8") if face.is_file() else ""
    found = [node.value for node in ast.parse(text).body if isinstance(node, ast.Assign)]
    return [name for value in found for name in ast.literal_eval(value)]


def _module(name: str, *options: str) -> str:
    lines = "".join(f"   {option}\n" for option in (":members:", *options))
    return f"## casestudy.{name}\n\n```{{eval-rst}}\n.. automodule:: casestudy.{name}\n{lines}```\n"


def finish(site: Path) -> None:
    """What the theme leaves out for who cannot see or point: levels and names of regions, focus on what scrolls."""
    named = {
        '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
        '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
        '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
        "<pre>": '<pre tabindex="0">',
        '<div class="formula">': '<div class="formula" tabindex="0">',
        '<div class="cell_output docutils container">': '<div class="cell_output docutils container" tabindex="0">',
        "<th></th>": "<td></td>",
    }
    for path in site.glob("**/*.html"):
        if "what-if" not in path.relative_to(site).parts:
            page = path.read_text(encoding="utf-8")
            for left, right in named.items():
                page = page.replace(left, right)
            path.write_text(page, encoding="utf-8")


def _offers(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name[0] != "_" for node in tree.body)


if __name__ == "__main__":
    from sphinx.cmd.build import main

    gather(open_case(CHECKOUT))
    arguments = ["-q", "-W", "--keep-going", "-j", "2", "-c", str(HERE), "-d", str(SOURCES / ".doctrees")]
    status = main([*arguments, *sys.argv[1:], str(SOURCES), str(SITE)])
    finish(SITE)
    sys.exit(status)
