"""Plain tables as files: CSV that Excel opens, Parquet for programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    ending = target.suffix.lower()
    if ending not in (".csv", ".parquet"):
        raise InputError(
            f"{target.name} is neither .csv nor .parquet: name a table with one of these endings"
        )
    clean = without_inf(frame)
    with replacing(target) as temp:
        if ending == ".parquet":
            clean.to_parquet(temp, index=False)
        else:
            flat: Any = clean
            if hasattr(clean, "to_crs"):
                flat = flat.to_wkt()
            flat.to_csv(temp, index=False, encoding="utf-8-sig")
    return target


def without_inf(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which infinite numbers are NaN, so that files hold NULL and never ``inf``."""
    import numpy as np

    out = frame.copy()
    for name in frame.columns:
        if frame[name].dtype.kind == "f":
            out[name] = frame[name].where(np.isfinite(frame[name]))
    return out
