"""Plain tables as files: CSV that Excel opens, Parquet for programs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from access15.errors import InputError
from access15.outputs.atomic import replacing

if TYPE_CHECKING:
    import pandas as pd


def write_table(path: str | os.PathLike[str], frame: pd.DataFrame) -> Path:
    """Write a table whole or not at all; not reached (``inf``) and missing (NaN) become empty.

    Parameters
    ----------
    path : path
        Ends in ``.csv`` (UTF-8 with a byte order mark, which Excel needs) or ``.parquet``.
    frame : DataFrame
        Geometry, if there is any, is kept in Parquet and written as WKT text in CSV.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the ending is neither.
    OutputError
        If the file cannot be written; nothing is left behind.
    """
    target = Path(path)
    ending = _ending(target)
    clean = without_inf(frame)
    with replacing(target) as temp:
        if ending == ".parquet":
            clean.to_parquet(temp, index=False)
        else:
            flat: Any = clean
            if hasattr(clean, "to_crs"):
                flat = flat.to_wkt()
            harmless(flat).to_csv(temp, index=False, encoding="utf-8-sig")
    return target


class TableWriter:
    """Writes one long table frame by frame, each a row group of a ``.parquet`` or more lines of a ``.csv``.

    Parameters
    ----------
    path : path
        Where to write; `access15.outputs.replacing` gives one that becomes the file when all is done.
    text, numbers : sequence of str
        Names of the columns of text, and behind them of those of float64.

    Raises
    ------
    InputError
        If the ending is neither.
    """

    def __init__(self, path: Path, text: Sequence[str], numbers: Sequence[str]) -> None:
        import pandas as pd

        self._path = path
        self._parquet: Any = None
        if _ending(path) == ".parquet":
            import pyarrow as pa
            import pyarrow.parquet as pq

            fields = [(name, pa.string()) for name in text] + [(name, pa.float64()) for name in numbers]
            self._schema = pa.schema(fields)
            self._parquet = pq.ParquetWriter(path, self._schema)
        else:
            # Excel needs the byte order mark.
            pd.DataFrame(columns=[*text, *numbers]).to_csv(path, index=False, encoding="utf-8-sig")

    def write(self, frame: pd.DataFrame) -> None:
        """Add the rows of a frame with these columns."""
        if self._parquet is None:
            harmless(frame).to_csv(self._path, mode="a", index=False, header=False, encoding="utf-8")
        else:
            import pyarrow as pa

            table = pa.Table.from_pandas(frame, self._schema, preserve_index=False)
            self._parquet.write_table(table)

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *_: object) -> None:
        if self._parquet is not None:
            self._parquet.close()


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts no spreadsheet takes for a formula.

    An apostrophe goes before a text that starts with ``= + - @``, a tab or a line end, as spreadsheets themselves write
    it; plain numbers stay. The readers of access15 take it away again.
    """
    out = frame
    for name in frame.columns:
        if frame[name].dtype.kind in "OU" or str(frame[name].dtype) in ("str", "string"):
            texts = frame[name]
            risky = [isinstance(v, str) and v[:1] in _FORMULA and not _NUMBER.fullmatch(v) for v in texts]
            if any(risky):
                out = out.copy() if out is frame else out
                out[name] = [f"'{v}" if bad else v for v, bad in zip(texts, risky, strict=True)]
    return out


_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise InputError(f"{path.name} is neither .csv nor .parquet: name a table with one of these endings")
    return ending


def without_inf(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which infinite numbers are NaN, so that files hold NULL and never ``inf``."""
    import numpy as np

    out = frame.copy()
    for name in frame.columns:
        if frame[name].dtype.kind == "f":
            out[name] = frame[name].where(np.isfinite(frame[name]))
    return out
