"""The line to one page: what it asks is answered in order, a drag only where it is now, and slow questions beside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from access15.errors import Access15Error, InputError
from access15.explorer.frames import message
from access15.explorer.page_state import PageState
from access15.explorer.questions import Questions
from access15.study import ScenarioExistsError

if TYPE_CHECKING:
    from starlette.websockets import WebSocket

T = TypeVar("T")

MOST_WAITING: Final = 100
"""Questions that may wait; a page that asks more, faster than it can be answered, is cut off."""

SEND_S: Final = 30.0
"""How long a page may take to read an answer, seconds."""

GAPS_AFTER_S: Final = 0.6
SLOW_GAPS_S: Final = 4.0
"""Gaps that took longer than this are looked for again only when the page asks."""

TOO_MANY, BAD, TOO_SLOW = 4429, 1008, 4408


class Channel:
    """One page and its state.

    Parameters
    ----------
    socket : WebSocket
        Accepted.
    state : PageState
    questions : Questions
        What all pages share.
    send_s : float
        How long the page may take to read an answer, seconds.
    """

    def __init__(
        self, socket: WebSocket, state: PageState, questions: Questions, send_s: float = SEND_S
    ) -> None:
        self.id = secrets.token_urlsafe(9)
        self.state = state
        self._socket, self._questions, self._send_s = socket, questions, send_s
        self._inbox: deque[Mapping[str, Any] | bytes] = deque()
        self._ready = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._gaps_s = 0.0
        self._looking = False
        self._proof: Any = None

    async def run(self) -> None:
        """Answer until the page goes, or must go."""
        self._put({"do": "hello"})
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._work())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._close_down(tasks)

    def _close_down(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in (*tasks, *self._beside):
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        self._stop_proof()

    async def _read(self) -> None:
        from starlette.websockets import WebSocketDisconnect

        while True:
            try:
                text = await self._socket.receive_text()
            except (WebSocketDisconnect, RuntimeError):
                return
            except KeyError:  # Bytes, which no page sends.
                text = ""
            try:
                asked = json.loads(text, parse_constant=_no_number)
            except (ValueError, RecursionError):
                await self._socket.close(BAD, "this is no message")
                return
            if not isinstance(asked, dict) or asked.get("do") not in _ASKED:
                await self._socket.close(BAD, "this is no message")
                return
            if len(self._inbox) >= MOST_WAITING:
                await self._socket.close(BAD, "too many messages")
                return
            self._put(asked)

    def _put(self, asked: Mapping[str, Any] | bytes) -> None:
        """Queue a question or an answer; where a facility is now takes the place of where it was before."""
        last = self._inbox[-1] if self._inbox else None
        if (
            isinstance(asked, Mapping)
            and isinstance(last, Mapping)
            and asked["do"] == last["do"] in ("drag", "hover", "look")
        ):
            self._inbox.pop()
        self._inbox.append(asked)
        self._ready.set()

    async def _work(self) -> None:
        while True:
            while not self._inbox:
                self._ready.clear()
                await self._ready.wait()
            entry = self._inbox.popleft()
            answers = [entry] if isinstance(entry, bytes) else await self._answers(entry)
            for answer in answers:
                raw = answer if isinstance(answer, bytes) else message(answer)
                try:
                    await asyncio.wait_for(self._socket.send_bytes(raw), self._send_s)
                except TimeoutError:
                    # It does not read: nothing is kept for it any longer.
                    return

    async def _answers(self, asked: Mapping[str, Any]) -> list[Any]:
        try:
            if asked["do"] in _BESIDE:
                return await getattr(self, f"_{asked['do']}")(asked)  # type: ignore[no-any-return]
            answers = await asyncio.to_thread(getattr(self.state, asked["do"]), asked)
        except ScenarioExistsError:
            return [{"type": "exists", "name": asked.get("name")}]
        except (Access15Error, OSError) as error:
            return [{"type": "refused", "seq": asked.get("seq"), "do": asked["do"], "why": str(error)}]
        if asked["do"] == "hello":
            answers[0]["page"] = self.id
        if asked["do"] in _MOVES and self._gaps_s <= SLOW_GAPS_S:
            self._gaps_later()
        return list(answers)

    # What takes longer is worked out beside, and the page goes on meanwhile.

    def _gaps_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(GAPS_AFTER_S, self._put, {"do": "gaps"})

    async def _gaps(self, _asked: Mapping[str, Any]) -> list[Any]:
        if self._looking:
            self._gaps_later()
            return []
        self._looking = True
        given = await asyncio.to_thread(self.state.snapshot)

        def look() -> dict[str, Any]:
            begun = time.perf_counter()
            try:
                return self._questions.gaps(given)
            finally:
                self._gaps_s, self._looking = time.perf_counter() - begun, False

        self._go_beside("gaps", look)
        return []

    async def _suggest(self, asked: Mapping[str, Any]) -> list[Any]:
        return await self._ask("suggest", self._questions.suggest, asked)

    async def _outline(self, asked: Mapping[str, Any]) -> list[Any]:
        return await self._ask("outline", self._questions.outline, asked)

    async def _curve(self, asked: Mapping[str, Any]) -> list[Any]:
        return await self._ask("curve", self._questions.curve, asked)

    async def _closable(self, asked: Mapping[str, Any]) -> list[Any]:
        return await self._ask("closable", self._questions.closable, asked)

    async def _ask(
        self,
        what: str,
        question: Callable[[Any, Mapping[str, Any]], dict[str, Any]],
        asked: Mapping[str, Any],
    ) -> list[Any]:
        given = await asyncio.to_thread(self.state.snapshot)
        self._go_beside(what, lambda: question(given, asked))
        return [{"type": "working", "on": what}]

    async def _prove(self, asked: Mapping[str, Any]) -> list[Any]:
        self._stop_proof()
        given = await asyncio.to_thread(self.state.snapshot)

        def tell(found: Mapping[str, Any]) -> None:
            self._loop.call_soon_threadsafe(self._put, message({"type": "proof", **found}))

        def begin() -> dict[str, Any]:
            self._proof = self._questions.prove(given, asked, tell)
            return {"running": True}

        self._go_beside("proof", begin)
        return [{"type": "working", "on": "proof"}]

    async def _stop(self, _asked: Mapping[str, Any]) -> list[Any]:
        self._stop_proof()
        return [{"type": "proof", "running": False, "stopped": True}]

    def _stop_proof(self) -> None:
        if self._proof is not None:
            self._proof.stop()
            self._proof = None

    def _go_beside(self, what: str, work: Callable[[], dict[str, Any]]) -> None:
        async def go() -> None:
            try:
                found = await beside(work)
            except Access15Error as error:
                found = {"why": str(error)}
            self._put(message({"type": what, **found}))

        task = asyncio.create_task(go())
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


async def beside(work: Callable[[], T]) -> T:
    """Return what some long work gives, done in a thread that keeps nobody from ending the program."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def give(how: Callable[[Any], None], what: Any) -> None:
        if not answer.done():
            how(what)

    def tell(how: Callable[[Any], None], what: Any) -> None:
        # The page, or the server, may be gone by now.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(give, how, what)

    def run() -> None:
        try:
            tell(answer.set_result, work())
        except BaseException as error:
            tell(answer.set_exception, error)

    threading.Thread(target=run, daemon=True).start()
    return await answer


_MOVES: Final = frozenset(
    (
        "hello",
        "drop",
        "leave",
        "add",
        "close",
        "open",
        "resize",
        "undo",
        "redo",
        "toggle",
        "look",
        "load",
        "restore",
    )
)
_BESIDE: Final = frozenset(("gaps", "outline", "suggest", "curve", "closable", "prove", "stop"))
_ASKED: Final = (_MOVES | _BESIDE | {"drag", "hover", "save", "today"}) - {"hello"}


def _no_number(text: str) -> float:
    raise InputError(f"{text} is no number")
