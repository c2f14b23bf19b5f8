"""What a state watches while its cells run: what they send, what they leave behind, and which chance they use."""

import io
import os
import pickle
import random
import re
import sys
from pathlib import Path
from typing import Any, ClassVar

Messages = list[dict[str, Any]]
SOURCES = (".ttf", ".otf", ".afm")  # fonts that matplotlib holds open, and opens anew in a fork


class Uncommon(Exception):
    """A cell that cannot be common, by its place in the notebook (-1: none), and why."""

    def __init__(self, cell: int, why: str) -> None:
        super().__init__(cell, why)
        self.cell, self.why = cell, why


def surroundings() -> dict[str, object]:
    """What a fork would share with its siblings, or lose."""
    links: list[str] = []
    for number in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            continue  # of the listing itself
    folders = {os.getcwd(), os.environ.get("TMPDIR") or os.getcwd()}
    return {
        "threads": len(os.listdir("/proc/self/task")),
        "processes": Path(f"/proc/self/task/{os.getpid()}/children").read_text(),
        "open files": sorted(link for link in links if not link.endswith((*SOURCES, "/fd"))),
        "shared memory": len(re.findall(r"^\S+ ...s ", Path("/proc/self/maps").read_text(), re.M)),
        "files": (os.getcwd(), sorted(_files(folder) for folder in folders)),
        "words outside its cell": [os.fstat(fd).st_size for fd in (1, 2)],
    }


def _files(folder: str) -> list[tuple[str, int, int]]:
    found = []
    for place, below, names in os.walk(folder):
        below[:] = [name for name in below if name != "__pycache__"]  # of the case's own modules
        for name in names:
            about = os.stat(os.path.join(place, name), follow_symlinks=False)
            found.append((os.path.join(place, name), about.st_size, about.st_mtime_ns))
    return sorted(found)


def chances() -> dict[str, bytes]:
    """The states of both generators of random numbers that every module shares."""
    found = {"random": pickle.dumps(random.getstate())}
    if numpy := sys.modules.get("numpy.random"):
        found["numpy"] = pickle.dumps(numpy.get_state(legacy=False))
    return found


def recorder() -> Any:
    """A kernel's session, which keeps what it would send."""
    from jupyter_client.session import Session

    class Recorder(Session):
        kept: ClassVar[Messages] = []

        def send(  # type: ignore[override]
            self, stream: Any, kind: Any, content: Any = None, *rest: Any, **more: Any
        ) -> None:
            kind, content = (kind["msg_type"], kind["content"]) if isinstance(kind, dict) else (kind, content)
            header = {"msg_type": kind}
            self.kept.append({"msg_type": kind, "header": header, "content": content, "parent_header": {}})

    return Recorder()


class Stream(io.TextIOBase):
    """A kernel's stdout or stderr, first kept and later handed on: loggers may hold on to it."""

    encoding = "UTF-8"
    target: Any = None

    def __init__(self, name: str, session: Any) -> None:
        self.name, self.session = name, session
        self.waiting: list[str] = []

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        (self.target.write if self.target else self.waiting.append)(text)
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        if self.target:
            return int(self.target.fileno())
        raise io.UnsupportedOperation("fileno")

    def flush(self) -> None:
        if self.target:
            self.target.flush()
        text, self.waiting = "".join(self.waiting), []
        if text:
            self.session.send(None, "stream", {"name": self.name, "text": text})


# What its owner has
