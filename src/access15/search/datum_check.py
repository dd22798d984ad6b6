"""The datum of points is checked, not trusted: where the streets speak for another one, the points are refused."""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary, ref

from access15.arguments import say
from access15.crs import WGS84, to_crs
from access15.errors import CRSError
from access15.model import Facilities, Note, Population, StreetNetwork, notes_of, tell, with_notes
from access15.network import DATUMS, DatumEvidence, datum_evidence

_CHECKED: WeakKeyDictionary[Facilities | Population, ref[StreetNetwork]] = WeakKeyDictionary()

_KIND: Final = "datum of points"

_REMEDIES: Final = {
    "candidates": ("candidates", "[siting]", "--candidates-datum"),
    "origins": ("origins", "", "--datum"),
    "destinations": ("destinations", "", "--datum"),
    "people": ("people", "[population]", "--population-datum"),
}


def check_datum(network: StreetNetwork, points: Facilities | Population) -> None:
    """Measure the points of a table on the streets under WGS 84, GCJ-02 and BD-09, where they lie in mainland China.

    The message names the medians. Points whose source is not a table of positions, such as OSM or a raster, are passed over.

    Parameters
    ----------
    network : StreetNetwork
    points : Facilities or Population
        Their ``provenance`` says in which ``datum`` they were read.

    Raises
    ------
    CRSError
        If another datum is clearly better, unless ``accept_datum`` was said when they were read.
    """
    stated = points.provenance.get("datum")
    if stated is None or ((known := _CHECKED.get(points)) is not None and known() is network):
        return
    if any(note.kind == _KIND for note in notes_of(points.provenance)):
        return  # What was added to points, or left out, came out of the same file.
    lon, lat = to_crs(points.x, points.y, points.crs, WGS84)
    found = datum_evidence(network, lon, lat, str(stated))
    _CHECKED[points] = ref(network)
    if found is None:
        return
    label = points.label if isinstance(points, Facilities) else "people"
    what, table, option = _REMEDIES.get(label, ("service points", "[facilities]", "--datum"))
    source = points.provenance.get("source", what)
    if not found.clear or points.provenance.get("datum_accepted"):
        kept = f" (kept: accept_datum; {found.best} fits better)" if found.clear else ""
        told = Note(
            _KIND,
            found.points,
            f"{what} lie {found}{kept}",
            f"个点距最近道路的中位距离：{_medians(found)}"
            + ("（按 accept_datum 保留）" if found.clear else ""),
        )
        tell([told], str(source))
        if isinstance(points.provenance, dict):  # The noun is the same, only more is known of it.
            points.provenance.update(with_notes(points.provenance, [told]))
        return
    under = f" under {table}" if table else ""
    raise CRSError(
        f"{source}: the {found.points:,} {what} were read as {found.stated}, but the streets speak for {found.best}: they lie {found}. "
        f'Add datum = "{found.best}"{under} ({option} {found.best}; in Python datum="{found.best}"), or, if {found.stated} is right, '
        + say("accept_datum", True)
    )


def _medians(found: DatumEvidence) -> str:
    return "，".join(f"{name} {found.median_m[name]:,.0f} 米" for name in DATUMS)
