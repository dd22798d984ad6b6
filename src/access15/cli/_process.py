"""The command as a process: consoles that lack characters or are gone, signals that end it, readers that went away."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, Final, NoReturn

PIPE_CLOSED: Final = 13
"""The number of SIGPIPE: the reader went away. A shell says 141 of such a program."""


OFFLINE: Final = {
    "PROJ_NETWORK": "OFF",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "none",
    "GDAL_HTTP_MAX_RETRY": "0",
}
"""Settings of PROJ and GDAL: no command fetches grids of a datum or files behind an address, whatever the environment says."""


class Ended(BaseException):
    """The program is asked to end; as with Ctrl-C whatever is half-written goes on the way out."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.signal = number


def close_stdout() -> None:
    """Send what is still to be printed nowhere: the reader has gone, and the interpreter would complain at the end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Silent(io.TextIOBase):
    """Takes what is written where there is no console, or none any more."""

    def __init__(self, stream: Any = None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as far as anybody listens."""
        with contextlib.suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush as far as anybody listens."""
        with contextlib.suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.flush()

    def isatty(self) -> bool:
        """Return whether somebody looks on."""
        with contextlib.suppress(OSError, ValueError):
            return self._stream is not None and bool(self._stream.isatty())
        return False

    def fileno(self) -> int:
        """Return the stream's own number."""
        if self._stream is None:
            raise OSError("there is no stream")
        return int(self._stream.fileno())

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the stream's own encoding."""
        return getattr(self._stream, "encoding", None) or "utf-8"


@contextlib.contextmanager
def ready() -> Iterator[None]:
    """Let consoles show what they can, and signals end a run as Ctrl-C does; all is as it was afterwards."""
    streams, handlers = (sys.stdout, sys.stderr), _end_alike()
    settings = {name: os.environ.get(name) for name in OFFLINE}
    os.environ.update(OFFLINE)
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            # Consoles that lack a character (cp936, cp1252) show ? for it instead of failing.
            stream.reconfigure(errors="replace")
    # A message that nobody can read is no reason for a run to die.
    if sys.stdout is None:
        sys.stdout = _Silent()
    if sys.stderr is None or isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _Silent(sys.stderr)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        for name, value in settings.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _end_alike() -> dict[int, Any]:
    """Let SIGTERM and SIGHUP end a run with nothing left behind; return what they did before."""

    def end(number: int, _frame: object) -> NoReturn:
        raise Ended(number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():  # No other may ask for signals.
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # A run under nohup has asked not to be hung up on.
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    return before
