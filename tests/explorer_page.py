"""A page without a browser, for tests of the explorer: it hears changes only, as the real one does."""

from __future__ import annotations

import json
import struct
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from access15.explorer.server import Explorer


def answer(explorer: Explorer, path: str = "/", **headers: str) -> Any:
    """Ask for a path as written, nothing tidied; the cookie goes along unless ``cookie=""``."""
    line = HTTPConnection("127.0.0.1", explorer.port, timeout=240)
    given = {"host": f"127.0.0.1:{explorer.port}", "cookie": f"access15-explorer={explorer.token}"} | headers
    line.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
    for name, value in given.items():
        if value:
            line.putheader(name.replace("_", "-"), value)
    line.endheaders()
    found = line.getresponse()
    found.body = found.read()  # type: ignore[attr-defined]
    line.close()
    return found


def varints(raw: bytes) -> list[int]:
    """Read numbers of 7 bits a byte, slowly."""
    out, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            out.append(value)
            value = shift = 0
    return out


def opened(raw: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return the head of a message and its parts."""
    size = struct.unpack("<I", raw[:4])[0]
    head, at, parts = json.loads(raw[4 : 4 + size]), 4 + size, []
    for length in head["parts"]:
        parts.append(raw[at : at + length])
        at += length
    assert at == len(raw)
    return head, parts


class Page:
    """A page that keeps the classes of cells by what it hears."""

    def __init__(self, explorer: Explorer, **how: Any) -> None:
        from websockets.sync.client import connect

        host = f"127.0.0.1:{explorer.port}"
        self.line = connect(
            f"ws://{host}/live",
            additional_headers={"Cookie": f"access15-explorer={explorer.token}", "Origin": f"http://{host}"}
            | how,
            compression=None,
            max_size=None,
        )
        self.classes: Any = None
        self.frame: dict[str, Any] = {}
        self.seq = 0
        self.hello = self.hear("hello")
        self.hear("frame")

    def say(self, what: str, **given: Any) -> int:
        self.seq += 1
        self.line.send(json.dumps({"do": what, "seq": self.seq, **given}))
        return self.seq

    def hear(self, *kinds: str, timeout: float = 240) -> dict[str, Any]:
        """Listen until one of some kinds comes; take over every frame on the way."""
        while True:
            head, parts = opened(self.line.recv(timeout))
            if head["type"] == "frame":
                self._take(head, parts)
            if head["type"] in kinds:
                return head

    def ask(self, what: str, **given: Any) -> dict[str, Any]:
        """Ask, and return the frame or the refusal that answers."""
        seq = self.say(what, **given)
        while True:
            head = self.hear("frame", "refused")
            if head["seq"] == seq:
                return head

    def _take(self, head: dict[str, Any], parts: list[bytes]) -> None:
        codes = [half for byte in parts[1] for half in (byte >> 4, byte & 15)]
        if head.get("all"):
            self.classes = np.array(codes)
        else:
            rows = np.cumsum(varints(parts[0])).astype(int)
            self.classes[rows] = codes[: len(rows)]
        self.frame = self.frame | head

    def close(self) -> None:
        self.line.close()
