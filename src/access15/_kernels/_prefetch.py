"""Ask the processor for memory before it is needed."""

from __future__ import annotations

from typing import Any

import numba
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


def _load_later(_typing: Any, array: Any, index: Any) -> Any:
    """Start to load the cache line of ``array.ravel()[index]``; a hint without any effect on results."""
    from llvmlite import ir

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        place = builder.bitcast(builder.gep(data, [values[1]]), cgutils.voidptr_t)
        number = ir.IntType(32)
        hint = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, hint, "llvm.prefetch.p0i8")
        # To be read (0), to be kept near (3), data (1): https://llvm.org/docs/LangRef.html#llvm-prefetch-intrinsic
        builder.call(function, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), write


def _nothing(array: Any, index: Any) -> None:
    """Stand in where kernels run as plain Python."""


load_later: Any = _nothing if numba.config.DISABLE_JIT else intrinsic(_load_later)
