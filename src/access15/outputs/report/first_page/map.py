"""The map of the first page with its key, in one case."""

from __future__ import annotations

from html import escape

from access15.outputs.one_case.case_figures import Figures, mode_of
from access15.outputs.one_case.key import dot_marks, gap_sign, ramp_marks, reach_sign
from access15.outputs.one_case.marks import clinic
from access15.outputs.one_case.scene import Scene, scene
from access15.outputs.one_case.svg import svg
from access15.outputs.words import Words


def map_section(figures: Figures, word: Words) -> str:
    """Return the map with its key."""
    case = word["map_case"].format(mode=mode_of(figures.findings, word), t=figures.findings.minutes)
    drawn = scene(figures, word)
    frame = drawn.frame
    picture = (
        f'<svg class="sheet" viewBox="0 0 {frame.wide:.0f} {frame.tall:.0f}" role="img" aria-label="{escape(word["map_about"])}">'
        f"{svg(drawn.marks)}</svg>"
    )
    return f'<section class="map"><h2>{word["map_head"]}<small>{escape(case)}</small></h2>{picture}{_key(drawn, figures, word)}</section>'


def _key(drawn: Scene, figures: Figures, word: Words) -> str:
    """Return the key: the time ramp with the limit marked, sizes of dots, the other signs."""
    ramp = f'<svg class="ramp" viewBox="0 0 236 42">{svg(ramp_marks(drawn.steps, figures.findings.minutes, word))}</svg>'
    if drawn.per_root is None:
        dots = f'<span class="dots">{word["key_cells"]}</span>'
    else:
        dots = f'<svg class="dots" viewBox="0 0 84 42">{svg(dot_marks(drawn.per_root, word))}</svg>'
    signs = (
        ([gap_sign()], "key_gap"),
        ([reach_sign()], "key_reach"),
        (list(clinic(10, 7, 7.5)), "key_clinic"),
    )
    items = "".join(f'<span><svg viewBox="0 0 20 14">{svg(s)}</svg>{word[name]}</span>' for s, name in signs)
    return f'<div class="key">{ramp}{dots}<div class="signs">{items}</div></div>'
