"""The server of the explorer: this machine only, one token, one study, few pages."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import hashlib
import os
import secrets
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.errors import Access15Error, InputError
from access15.explorer.base_map import cells, ground
from access15.explorer.channel import SEND_S, TOO_MANY, Channel, beside
from access15.explorer.page_state import PageState
from access15.explorer.questions import FILES, Questions
from access15.study import LiveStudy

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response
    from starlette.websockets import WebSocket

ADDRESS: Final = "127.0.0.1"
FIRST_PORT: Final = 8715
MOST_PAGES: Final = 4
MOST_BYTES: Final = 1 << 18
"""Bytes of a message of a page."""

IDLE_S: Final = 1800.0
"""The server ends when no page has been open for this long, seconds."""

_COOKIE: Final = "access15-explorer"
_KEPT_S: Final = 12 * 3600
_FILES: Final = {
    "explorer.js": "text/javascript; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
    "leaflet.js": "text/javascript; charset=utf-8",
    "leaflet.css": "text/css; charset=utf-8",
    "words.json": "application/json; charset=utf-8",
}


class Explorer:
    """The study, its pages and its address.

    Parameters
    ----------
    live : LiveStudy
    port : int, optional
        Default: the first free one from 8715 on.
    idle_s : float
        The server ends when no page has been open for this long, seconds.
    send_s : float
        How long a page may take to read an answer, seconds.

    Raises
    ------
    InputError
        If the port is in use.
    """

    def __init__(
        self, live: LiveStudy, port: int | None = None, *, idle_s: float = IDLE_S, send_s: float = SEND_S
    ) -> None:
        self.live = live
        self.socket = _bound(port)
        self.port = int(self.socket.getsockname()[1])
        self.token = _token(live.study.file)
        self.channels: dict[str, Channel] = {}
        self._questions = Questions(live)
        self._idle_s, self._send_s = idle_s, send_s
        self._open = 0
        self._last_page = time.monotonic()
        self._static = {name: _packed(_asset(name)) for name in _FILES}
        self._page = _packed(_asset("index.html"))
        self._drawn: dict[str, bytes] = {}
        self._drawing = asyncio.Lock()
        self._server: Any = None

    @property
    def address(self) -> str:
        """The first address, with the token; the page takes it out of sight at once."""
        return f"http://{ADDRESS}:{self.port}/?token={self.token}"

    def run(self) -> None:
        """Serve until nobody is there any more or the process is told to end."""
        import uvicorn

        config = uvicorn.Config(
            self.app(),
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws_max_size=MOST_BYTES,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        try:
            self._server.run([self.socket])
        finally:
            self.socket.close()

    def stop(self) -> None:
        """End the server; for one that runs in a thread."""
        if self._server is not None:
            self._server.should_exit = True

    def app(self) -> Starlette:
        """Return the application."""
        from starlette.applications import Starlette
        from starlette.routing import Route, WebSocketRoute

        return Starlette(
            routes=[
                Route("/", self._guarded(self._home)),
                Route("/export/{kind}", self._guarded(self._export)),
                Route("/{name}", self._guarded(self._file)),
                WebSocketRoute("/live", self._live),
            ],
            lifespan=self._lifespan,
        )

    @contextlib.asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()

    async def _watch(self) -> None:
        """End the server when no page has been open for long."""
        while True:
            await asyncio.sleep(min(5.0, self._idle_s / 4))
            if self._open:
                self._last_page = time.monotonic()
            elif time.monotonic() - self._last_page > self._idle_s:
                self.stop()

    # Who may ask.

    def _hosts(self) -> tuple[str, str]:
        return f"{ADDRESS}:{self.port}", f"localhost:{self.port}"

    def _refusal(self, asks: HTTPConnection) -> str:
        """Return why a request is not answered; empty for one that is.

        A name that points at this machine (DNS rebinding), a page of another site and a stranger without the
        cookie are all refused.
        """
        host = asks.headers.get("host", "")
        if host not in self._hosts():
            return "this address is not that of the explorer"
        origin = asks.headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return "another site asks"
        if origin is None and asks.scope["type"] == "websocket":
            return "no page asks"
        if asks.headers.get("sec-fetch-site", "same-origin") == "cross-site" and asks.url.path != "/":
            return "another site asks"
        given = asks.cookies.get(_COOKIE, "")
        if asks.url.path == "/" and "token" in asks.query_params:
            given = asks.query_params["token"]
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            return "open the address that access15 explore printed: it has the token"
        return ""

    def _guarded(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def ask(request: Request) -> Response:
            from starlette.responses import PlainTextResponse

            why = self._refusal(request)
            try:
                found = PlainTextResponse(f"access15: {why}", 403) if why else await answer(request)
            except Access15Error as error:
                found = PlainTextResponse(f"access15: {error}", 422)
            found.headers.update(self._headers())
            return found

        return ask

    def _headers(self) -> dict[str, str]:
        lines = " ".join(f"ws://{host}" for host in self._hosts())
        notebooks = "http://localhost:* http://127.0.0.1:*"
        return {
            "Content-Security-Policy": (
                f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
                f"connect-src 'self' {lines}; base-uri 'none'; form-action 'none'; frame-ancestors 'self' {notebooks}"
            ),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        }

    # What is answered.

    async def _home(self, request: Request) -> Response:
        from starlette.responses import RedirectResponse

        if "token" not in request.query_params:
            return self._bytes(request, self._page, "text/html; charset=utf-8")
        # The token leaves the address, and with it the history; the cookie is out of reach of scripts.
        found = RedirectResponse("/", 303)
        found.set_cookie(_COOKIE, self.token, httponly=True, samesite="strict", path="/")
        return found

    async def _file(self, request: Request) -> Response:
        from starlette.responses import PlainTextResponse

        name = request.path_params["name"]
        if name in _FILES:
            return self._bytes(request, self._static[name], _FILES[name])
        if name in ("cells", "ground"):
            async with self._drawing:
                if name not in self._drawn:
                    draw = cells if name == "cells" else ground
                    self._drawn[name] = await beside(lambda: _packed(draw(self.live)))
            return self._bytes(request, self._drawn[name], "application/octet-stream")
        return PlainTextResponse("access15: there is no such page", 404)

    async def _export(self, request: Request) -> Response:
        from starlette.responses import PlainTextResponse
        from starlette.responses import Response as Plain

        kind, channel = request.path_params["kind"], self.channels.get(request.query_params.get("page", ""))
        lang = "zh" if request.query_params.get("lang") == "zh" else "en"
        if kind not in FILES or channel is None:
            return PlainTextResponse("access15: there is no such file", 404)
        scenario = channel.state.scenario

        def write() -> bytes:
            with tempfile.TemporaryDirectory() as folder:
                return self._questions.write(kind, scenario, lang, Path(folder)).read_bytes()

        return Plain(
            await beside(write),
            media_type=FILES[kind],
            headers={"Content-Disposition": f'attachment; filename="{kind}"'},
        )

    async def _live(self, asks: WebSocket) -> None:
        if self._refusal(asks):
            await asks.close(1008)
            return
        await asks.accept()
        if self._open >= MOST_PAGES:
            await asks.close(TOO_MANY, "too many pages")
            return
        self._open += 1
        channel = None
        try:
            state = await asyncio.to_thread(PageState, self.live)
            channel = Channel(asks, state, self._questions, self._send_s)
            self.channels[channel.id] = channel
            await channel.run()
        finally:
            self._open -= 1
            self._last_page = time.monotonic()
            if channel is not None:
                del self.channels[channel.id]
        with contextlib.suppress(RuntimeError, TimeoutError):
            await asyncio.wait_for(asks.close(1001), 1)

    def _bytes(self, request: Request, packed: bytes, kind: str) -> Response:
        from starlette.responses import Response as Plain

        if "gzip" in request.headers.get("accept-encoding", ""):
            return Plain(
                packed, media_type=kind, headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            )
        return Plain(gzip.decompress(packed), media_type=kind)


def _asset(name: str) -> bytes:
    """Return a file of the page. The map library is that of the report."""
    from importlib import resources

    if name.startswith("leaflet"):
        found = resources.files("access15.outputs.report").joinpath("assets", "leaflet", name)
    else:
        found = resources.files("access15.explorer").joinpath("assets", name)
    return found.read_bytes()


def _packed(raw: bytes) -> bytes:
    return gzip.compress(raw, 6, mtime=0)


def _bound(port: int | None) -> socket.socket:
    """Return a socket that nobody but this machine reaches."""
    ports = [port] if port is not None else [*range(FIRST_PORT, FIRST_PORT + 20), 0]
    for number in ports:
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((ADDRESS, number))
            found.listen(64)
        except (OSError, OverflowError) as error:
            found.close()
            if port is not None:
                raise InputError(
                    f"port {port} cannot be used ({error}): name another one with --port"
                ) from error
            continue
        return found
    raise InputError(f"no port of {ADDRESS} is free: close other programs")


def _token(study: Path) -> str:
    """Return the token of a study: for some hours the same, so that an open page finds a server that was restarted.

    It stands in a file that only this user reads; where that cannot be written it is new every time.
    """
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    name = hashlib.sha256(str(study.resolve()).encode()).hexdigest()[:24]
    path = Path(base) / "access15" / "explorer" / name
    made = secrets.token_urlsafe(32)
    try:
        with contextlib.suppress(FileNotFoundError):
            about = path.stat()
            mine = os.name != "posix" or (about.st_uid == os.getuid() and not about.st_mode & 0o077)
            kept = path.read_text("ascii")
            if mine and time.time() - about.st_mtime < _KEPT_S and len(kept) == len(made):
                return kept
            path.unlink()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(made)
    except (OSError, RuntimeError, UnicodeDecodeError):
        return secrets.token_urlsafe(32)
    return made
