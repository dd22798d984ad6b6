"""Open the explorer: from the command line, or beside a cell of a notebook."""

from __future__ import annotations

import html
import os
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from access15.errors import InputError, MissingPackageError
from access15.study import LiveStudy, Progress, Study, StudyResult

if TYPE_CHECKING:
    from access15.explorer.server import Explorer

_NEEDED: Final = ("starlette", "uvicorn", "websockets")
_IN_NOTEBOOK_PX: Final = 720


def open_explorer(study: Study, port: int | None = None, progress: Progress | None = None) -> Explorer:
    """Read a study and return its explorer, which `Explorer.run` serves.

    Parameters
    ----------
    study : Study
    port : int, optional
        Default: the first free one from 8715 on.
    progress : callable, optional
        As that of `Study.run`.

    Raises
    ------
    MissingPackageError
        If ``access15[explorer]`` is not installed.
    Access15Error
        If an input cannot be used, or the port is in use.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise MissingPackageError(
            f'the explorer needs {", ".join(missing)}: install it with pip install "access15[explorer]"'
        )
    from access15.explorer.page_state import PageState
    from access15.explorer.server import Explorer

    live = LiveStudy.open(study, progress)
    found = Explorer(live, port)
    # The first page should not wait for kernels to be compiled; and what cannot be timed is said here, not there.
    PageState(live).frame({})
    return found


class Window:
    """An explorer that runs beside a notebook; shown as the page itself.

    Attributes
    ----------
    address : str
        To open in a browser, on this machine.
    """

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer
        self.address = explorer.address
        self._thread = threading.Thread(target=explorer.run, name="access15 explorer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._explorer.stop()
        self._thread.join(10)

    def _repr_html_(self) -> str:
        # The notebook is most often at "localhost"; the cookie goes along only within one name.
        source = html.escape(self.address.replace("127.0.0.1", "localhost"), quote=True)
        link = html.escape(self.address, quote=True)
        return (
            f'<p><a href="{link}" target="_blank" rel="noopener">access15 explorer</a></p>'
            f'<iframe src="{source}" width="100%" height="{_IN_NOTEBOOK_PX}" style="border:1px solid #999"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<explorer of {self._explorer.live.study.name}: open {self.address}>"


def explore(study: Study | StudyResult | str | os.PathLike[str], *, port: int | None = None) -> Window:
    """Open the explorer of a study: drag a clinic, watch who gains.

    In a notebook the page stands below the cell; elsewhere open the address of the window that is returned.

    Parameters
    ----------
    study : Study, StudyResult or path
        What is explored; a result stands for its study, which is read again from its files.
    port : int, optional
        Default: the first free one from 8715 on.

    Returns
    -------
    Window
        ``address`` and ``stop``.

    Raises
    ------
    MissingPackageError
        If ``access15[explorer]`` is not installed.
    Access15Error
        If an input of the study cannot be used, or the port is in use.
    """
    return Window(open_explorer(_study_of(study), port))


def _study_of(given: Any) -> Study:
    if isinstance(given, Study):
        return given
    if isinstance(given, StudyResult):
        return Study(given.study.settings, given.study.file)
    if isinstance(given, (str, os.PathLike)):
        return Study.from_toml(given)
    raise InputError(f"the explorer shows a study, a result or a study.toml, not {type(given).__name__}")
