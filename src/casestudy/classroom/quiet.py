"""Whether checks say anything: while a source is worked out and where students' code is graded, they do not."""

import contextlib
import io
from collections import deque
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

quiet: ContextVar[bool] = ContextVar("quiet", default=False)
guessed: deque[Mapping[str, object]] = deque(maxlen=1_000)  # what was predicted while checks were quiet, the last ones


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Nothing that is printed or checked is shown."""
    token = quiet.set(True)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        quiet.reset(token)
