"""The queue of searches that stay small or keep several labels per node: buckets (Dial 1969) as linked lists.

Times are whole milliseconds. The queue is a ring of ``n_buckets`` buckets, each ``2**shift`` ms wide, whose
span exceeds the largest arc and the largest start; an entry is (node, time, next entry) in one pool that is
recycled through a free list and grows when it must. Results are exact for any bucket width: a node is read
again whenever its label improves.
"""

import numpy as np

from access15._kernels._jit import kernel


@kernel
def _grown(entries):
    # Plain loops: assigning a slice would cost three more seconds of compiling.
    rows, columns = entries.shape
    bigger = np.empty((2 * rows, columns), entries.dtype)
    for i in range(rows):
        for j in range(columns):
            bigger[i, j] = entries[i, j]
    return bigger
