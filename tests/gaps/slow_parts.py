"""The parts of clusters, slowly: every time between all cells in one table, one step after the other."""

import numpy as np


def slow_parts(cluster, people, square, away, limit, most_centres):
    """Return the part of each cell, the centre of each part and how far each cell is from it.

    ``away[i, j]`` is from centre ``i`` to cell ``j``. Parts are numbered by the order in which their first centres
    were chosen.
    """
    k = len(cluster)
    near = (away <= limit) & (cluster[:, None] == cluster[None, :])
    centres = list(range(k))
    if k > most_centres:
        best = {}
        for cell in range(k):
            key = cluster[cell], square[cell]
            if key not in best or people[cell] > people[best[key]]:
                best[key] = cell
        centres = sorted(best.values())
    left, tried, chosen = people.astype(float), [], []
    while centres:
        tried += centres
        while True:
            gain = [sum(left[near[c]]) for c in centres]
            if max(gain) <= 0:
                break
            chosen.append(centres[int(np.argmax(gain))])
            left[near[chosen[-1]]] = 0
        centres = np.flatnonzero(left > 0).tolist()
    of = np.array(
        [min((away[c, j], rank) for rank, c in enumerate(chosen) if near[c, j])[1] for j in range(k)]
    )
    centre = {}
    for part in set(of.tolist()):
        mine = of == part
        able = [c for c in tried if near[c, mine].all()]
        centre[part] = min(able, key=lambda c: (not mine[c], people[mine] @ away[c, mine], c))
    at = np.array([centre[part] for part in of.tolist()])
    return of, at, away[at, np.arange(k)]
