"""Lists that grow, and copies between arrays.

numpy's own ``concatenate`` and the assignment of a slice to a slice work in kernels too, but each takes a second or
more to compile wherever it is used, for checks and messages nobody needs.
"""

import numpy as np

from access15._kernels._jit import kernel


@kernel
def doubled(values):
    """Return the values with as much space again behind them."""
    larger = np.empty(2 * values.size, values.dtype)
    copy(values, larger)
    return larger


@kernel
def copy(values, to):
    """Write values over the first of others."""
    for i in range(values.size):
        to[i] = values[i]
