"""The types of arrays: one name each, so that a signature says what its arrays hold."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Bools: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]
Float32s: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Int32s: TypeAlias = npt.NDArray[np.int32]
Int8s: TypeAlias = npt.NDArray[np.int8]
UInt8s: TypeAlias = npt.NDArray[np.uint8]
UInt16s: TypeAlias = npt.NDArray[np.uint16]
UInt32s: TypeAlias = npt.NDArray[np.uint32]
Rows: TypeAlias = npt.NDArray[np.intp]
"""Row numbers as numpy's searches and sorts give them."""
AnyInts: TypeAlias = npt.NDArray[np.integer]
AnyArray: TypeAlias = npt.NDArray[Any]
ArrayLike: TypeAlias = npt.ArrayLike
"""An array, or what numpy makes one of."""
Labels: TypeAlias = npt.NDArray[np.uint64]
"""Time in milliseconds in the upper half, row of the facility in the lower one."""
Objects: TypeAlias = npt.NDArray[np.object_]
"""Texts, shapes and what else is a Python object."""
