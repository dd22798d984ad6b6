"""Rows of `LANES` labels, lowered all at once."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

LANES = 8
"""Searches side by side. Sixteen settle each node more often, since their ways differ more, and win nothing."""
_NO_KEY = 0xFFFFFFFF


def _lower_row(
    _typing: Any, rows: Any, at: Any, others: Any, other: Any, spent: Any, base: Any, above: Any, width: Any
) -> Any:
    """Lower ``rows[at : at + LANES]`` to ``others[other : other + LANES] + spent``, lane by lane.

    Labels and numbers are uint32, places uint64; a sum that does not fit counts as the largest number. If a
    lane went down below ``above``, returns how far all lanes together are beyond ``base``, none further than
    ``above``, divided by ``2**width``; else 2**32 - 1. Compilers do not make vector instructions of a loop over lanes where two rows could be the same: here they are
    written down.
    """
    from llvmlite import ir

    number = ir.IntType(32)
    row = ir.VectorType(number, LANES)
    unknown = ir.Constant(row, ir.Undefined)

    def shuffled(builder: Any, vector: Any, order: list[int]) -> Any:
        return builder.shuffle_vector(vector, unknown, ir.Constant(ir.VectorType(number, LANES), order))

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        def place(array: int, index: Any) -> Any:
            data = context.make_array(signature.args[array])(context, builder, values[array]).data
            return builder.bitcast(builder.gep(data, [index]), row.as_pointer())

        def all_lanes(value: Any) -> Any:
            return shuffled(builder, builder.insert_element(unknown, value, number(0)), [0] * LANES)

        def lower(one: Any, two: Any) -> Any:
            return builder.select(builder.icmp_unsigned("<", one, two), one, two)

        target, spent, top = place(0, values[1]), all_lanes(values[4]), all_lanes(values[6])
        mine, known = builder.load(place(2, values[3]), align=4), builder.load(target, align=4)
        better = builder.add(lower(mine, builder.not_(spent)), spent)
        builder.store(lower(better, known), target, align=4)
        known = lower(known, top)
        improved = builder.bitcast(builder.icmp_unsigned("<", better, known), ir.IntType(LANES))
        lanes, half = lower(better, known), LANES
        while half > 1:
            half //= 2
            order = [lane + half if lane < half else 0 for lane in range(LANES)]
            lanes = builder.add(lanes, shuffled(builder, lanes, order))
        beyond = builder.sub(builder.extract_element(lanes, number(0)), builder.mul(values[5], number(LANES)))
        key = builder.lshr(beyond, values[7])
        some = builder.icmp_unsigned("!=", improved, ir.IntType(LANES)(0))
        return builder.select(some, key, number(_NO_KEY))

    return types.uint32(rows, at, others, other, spent, base, above, width), write


def _one_by_one(
    rows: Any, at: Any, others: Any, other: Any, spent: Any, base: Any, above: Any, width: Any
) -> Any:
    """Stand in where kernels run as plain Python."""
    mine = [min(int(label) + int(spent), _NO_KEY) for label in others[other : other + LANES]]
    known = [int(label) for label in rows[at : at + LANES]]
    improved = any(new < min(old, int(above)) for new, old in zip(mine, known, strict=True))
    rows[at : at + LANES] = lowered = [min(pair) for pair in zip(mine, known, strict=True)]
    beyond = sum(min(label, int(above)) - int(base) for label in lowered)
    return np.uint32(beyond >> int(width) if improved else _NO_KEY)


lower_row: Any = _one_by_one if numba.config.DISABLE_JIT else intrinsic(_lower_row)
