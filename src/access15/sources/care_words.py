"""What the name or the type of an institution says: its tier, or why it is not care for everybody.

The words are data: ``care_words.csv`` names the language, the meaning and the source of each. A word is a regular
expression in which ``*`` stands for any letters (in Chinese for any characters between two parts of a word), spaces
stand between words, and case and accents do not count.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Final

USES: Final = (
    "tier",
    "loose tier",
    "weak tier",
    "internal",
    "general",
    "not care",
    "not care alone",
    "never care",
)
"""What a word does. ``tier``: names the tier. ``loose tier``: so too, but says nothing of the speciality (诊所).
``weak tier``: a tier where nothing better is known (hospital). ``internal``: serves one institution only. ``not care``:
set aside unless a ``general`` word says that there is general medicine too. ``not care alone``: set aside unless the
name has any word of care. ``never care``: always set aside."""

HEAD_FIRST: Final = ("fr", "es", "pt", "id")
"""Languages in which an institution stands before the one it belongs to; in the others it stands after it."""

CARE_WORD: Final = re.compile(
    r"hospi|ospedal|clini|klini|sante|salud|saude|health|kranken|praxis|medic[aoei]|医院|卫生|门诊|诊所|诊室"
)
_OF_GOODS: Final = (
    "(medical|health) (imaging|laborator*|pharm*|stores?)",
    "(imagerie|analyses?|biologie) medicales?",
)
_NOT_A_CARE_WORD: Final = re.compile("|".join(rf"\b{text}" for text in _OF_GOODS).replace("*", r"\w*"))
_BRACKETS: Final = re.compile(r"[(（\[【〔]([^()（）\[\]【】〔〕]*)[)）\]】〕]")
_AND: Final = ("and", "et", "y", "e", "und", "dan")
_CJK: Final = re.compile(r"[\u3400-\u9fff]")
_LATIN: Final = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says about an institution; ``NOTHING`` where it says nothing.

    Attributes
    ----------
    tier : str
        Empty without a word for it. Of an institution that is set aside: the kind it is (``a dentist``).
    strength : int
        Of the tier: 2 specific, 1 loose (诊所, 医院), 0 weak (hospital, clinic) or none.
    level : int
        1 for a station, a post or a practice, 2 for a centre, 3 for a hospital, 0 where unknown.
    word : str
        The words that were found.
    reason : str
        Why it is set aside; empty for care.
    """

    tier: str = ""
    strength: int = 0
    level: int = 0
    word: str = ""
    reason: str = ""


NOTHING: Final = Said()


@dataclass(frozen=True, slots=True)
class _Word:
    source: str
    pattern: re.Pattern[str]
    language: str
    use: str
    means: str
    level: int


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    word: _Word
    text: str


_TIERS: Final = ("tier", "loose tier", "weak tier", "internal")
_AGAINST: Final = ("never care", "not care", "not care alone")


@cache
def _words() -> tuple[_Word, ...]:
    text = resources.files("access15.sources").joinpath("care_words.csv").read_text("utf-8")
    out: list[_Word] = []
    for row in csv.DictReader(text.splitlines()):
        zh = row["language"] == "zh"
        source = row["word"].replace("*", ".*?" if zh else r"\w*")
        pattern = re.compile(source if zh else rf"(?<!\w)(?:{source})(?!\w)")
        out.append(
            _Word(row["word"], pattern, row["language"], row["use"], row["means"], int(row["level"] or 0))
        )
    return tuple(out)


@cache
def _words_for(uses: tuple[str, ...], chinese: bool) -> tuple[re.Pattern[str], tuple[_Word, ...]]:
    """Return the words of some uses, and one expression that finds whether a text has any of them."""
    words = tuple(word for word in _words() if word.use in uses and (word.language == "zh") == chinese)
    return re.compile("|".join(f"(?:{word.pattern.pattern})" for word in words)), words


def _hits(text: str, uses: tuple[str, ...], *, chinese: bool = True) -> list[_Hit]:
    any_of_them, words = _words_for(uses, chinese)
    if not any_of_them.search(text):
        return []
    return [_Hit(m.start(), m.end(), word, m.group()) for word in words for m in word.pattern.finditer(text)]


class _Letters(dict[int, str | None]):
    """What becomes of each character of a name, filled as characters come: accents go, punctuation is a space."""

    def __missing__(self, code: int) -> str | None:
        letter = chr(code)
        found = None if unicodedata.combining(letter) else letter if letter.isalnum() else " "
        self[code] = found
        return found


_LETTERS: Final = _Letters()


def fold_name(name: str) -> str:
    """Return a name as it is compared: without accents, case and punctuation, single spaces."""
    plain = name if name.isascii() else unicodedata.normalize("NFKD", name)
    return " ".join(plain.casefold().translate(_LETTERS).split())


@lru_cache(maxsize=8192)
def said_by(text: str) -> Said:
    """Return what a name, or a cell of a type, says.

    The longest specific word wins, and the last institution named over the parent that it belongs to (the first
    one in languages that name the parent last). What stands before the last institution speaks of its parent:
    a station of a dental hospital is a station. In brackets the smaller institution counts, whichever it is.

    Parameters
    ----------
    text : str
    """
    if _CJK.search(text):
        plain = unicodedata.normalize("NFKC", text).casefold()
        found = _chinese(_only_words_of(plain))
        if _REST in found.word:
            found = _chinese(plain)
        if found != NOTHING or not _LATIN.search(plain):
            return found
    return _other(_only_words(fold_name(_JOINS.sub(" and ", text))))


_REST: Final = "〇"
"""Stands for characters, and for words, of which none is in the table: names that differ in these only are looked at once."""

_JOINS: Final = re.compile("[&+]")
_PUNCTUATION: Final = re.compile(r"[^\w()（）\[\]【】〔〕]+|_+")


@cache
def _elsewhere() -> re.Pattern[str]:
    """Return what finds the characters of a Chinese name that are in no word."""
    words = "".join(word.source for word in _words() if word.language == "zh")
    known = {letter for letter in words + CARE_WORD.pattern if letter.isalpha()} | set("()（）[]【】〔〕")
    return re.compile(f"[^a-z{re.escape(''.join(sorted(known)))}]+")


def _only_words_of(plain: str) -> str:
    """Return a Chinese name with one mark for what is in no word, without punctuation but brackets."""
    return _elsewhere().sub(_REST, _PUNCTUATION.sub("", plain))


@cache
def _single_words() -> re.Pattern[str]:
    """Return what matches a single word that stands in a word or an expression of the table (languages but Chinese)."""
    sources = [word.source for word in _words() if word.language != "zh"] + [f"{text}*" for text in _OF_GOODS]
    single = {part for text in sources for spelled in _spellings(text) for part in spelled.split()}
    return re.compile("|".join(part.replace("*", r"\w*") for part in sorted(single)))


def _spellings(source: str) -> Iterator[str]:
    """Yield what an expression of the table stands for, ``*`` kept: ``a (b|c)?`` is a, a b and a c."""
    plain = re.sub(r"\(\?<!([^()]*)\)|\^|\$", r"\1", source)
    choice = re.search(r"\(([^()]*)\)(\?)?", re.sub(r"([^)])\?", r"(\1)?", plain))
    if choice is None:
        yield plain
        return
    for option in (*choice[1].split("|"), *([""] if choice[2] else [])):
        yield from _spellings(choice.string[: choice.start()] + option + choice.string[choice.end() :])


@lru_cache(maxsize=8192)
def _as_far_as_known(word: str) -> str:
    """Return a word of the table as it is, of another one what makes it a word of care, else the mark for all others."""
    if _single_words().fullmatch(word):
        return word
    care = CARE_WORD.search(word)
    return _REST if care is None else f"{_REST}{care[0]}{_REST}"


def _only_words(folded: str) -> str:
    """Return a folded name with one mark for all words in a row that are not in the table."""
    out: list[str] = []
    for word in map(_as_far_as_known, folded.split(" ")):
        if word != _REST or not out or out[-1] != _REST:
            out.append(word)
    return " ".join(out)


@lru_cache(maxsize=8192)
def _chinese(plain: str) -> Said:
    inside = [re.sub(r"[\W_]+", "", part) for part in _BRACKETS.findall(plain)]
    named = [part for part in inside if _hits(part, _TIERS)]
    main = re.sub(r"[\W_]+", "", _BRACKETS.sub(" ", plain)) + "".join(p for p in inside if p not in named)
    found = _chinese_part(main)
    for part in named:
        other = _chinese_part(part)
        if not found.tier or 0 < other.level < found.level:
            found = other
    return found


def _chinese_part(text: str) -> Said:
    tiers = _hits(text, _TIERS)
    best = max(tiers, key=lambda hit: (hit.end, hit.end - hit.start), default=None)
    # An outpatient department right behind its institution is part of it, not an institution of its own.
    while best is not None and best.word.use == "loose tier":
        owner = [hit for hit in tiers if hit.end == best.start]
        if not owner:
            break
        best = max(owner, key=lambda hit: hit.end - hit.start)
    parents = [hit.end for hit in tiers if best is not None and hit.end <= best.start]
    own = text[max(parents, default=0) :]
    aside = _aside(own, _hits(own, _AGAINST), bool(_hits(own, ("general",))))
    if aside:
        return Said(aside.word.means, word=aside.text, reason=aside.word.means)
    if best is None:
        return NOTHING
    if best.word.use == "internal":
        reason = "internal (医务室), it serves one institution and not the public"
        return Said(best.word.means, 2, best.word.level, best.text, reason)
    return Said(best.word.means, 2 if best.word.use == "tier" else 1, best.word.level, best.text)


def _aside(text: str, hits: list[_Hit], general: bool) -> _Hit | None:
    care = bool(CARE_WORD.search(_NOT_A_CARE_WORD.sub("", text)))
    for hit in sorted(hits, key=lambda hit: hit.start):
        use = hit.word.use
        if (
            use == "never care"
            or (use == "not care" and not general)
            or (use == "not care alone" and not care)
        ):
            return hit
    return None


@lru_cache(maxsize=8192)
def _other(plain: str) -> Said:
    against = _hits(plain, _AGAINST, chinese=False)
    general = _hits(plain, ("general",), chinese=False) if against else []
    free = [hit for hit in against if hit.word.use != "not care" or not any(_frees(g, hit) for g in general)]
    aside = _aside(plain, free, general=False)
    if aside:
        return Said(aside.word.means, word=aside.text, reason=aside.word.means)
    for use, strength in (("tier", 2), ("weak tier", 0)):
        found = _hits(plain, (use,), chinese=False)
        if found:
            best = max(found, key=_rank)
            return Said(best.word.means, strength, best.word.level, best.text)
    return NOTHING


def _frees(general: _Hit, against: _Hit) -> bool:
    """Return whether general medicine stands beside the other: in "medical and dental", not in "dental health centre"."""
    words = general.text.split()
    joined = words[0] in _AND or words[-1] in _AND
    return joined or not (against.start == general.end + 1 or against.end == general.start - 1)


def _rank(hit: _Hit) -> tuple[int, int]:
    first = hit.word.language in HEAD_FIRST
    return (-hit.start if first else hit.end), hit.end - hit.start


def tier_of(name: str, kind: str) -> Said:
    """Return what the name and the type of an institution say together.

    The name beats a coarse type. The type wins where its word refines that of the name (中心卫生院 for 卫生院), where
    the name only says clinic or hospital (诊所, 医院) and the type more, or where the type is a national class in
    words of its own. A type against care counts unless the name has a specific word for a tier.

    Parameters
    ----------
    name, kind : str
        Either may be empty.
    """
    return _together(said_by(name), kind)


@lru_cache(maxsize=8192)
def _together(of_name: Said, kind: str) -> Said:
    of_kind = said_by(kind)
    if of_name.reason:
        return of_name
    if of_kind.reason and of_name.strength < 2:
        return of_kind
    own = _own_text(kind)
    if not own:
        return of_name
    if of_kind.reason:
        return of_name
    if not _CJK.search(kind) and not _coarse(kind):
        return Said(own, 1, of_kind.level, of_kind.word)
    refines = len(of_kind.word) > len(of_name.word) and of_name.word in of_kind.word
    # A type such as 三级甲等医院 says more than the bare word 医院 in a name.
    bare = of_name.tier == of_kind.tier == "医院"
    if of_name.strength >= max(of_kind.strength, 1) and not refines and not bare:
        return of_name
    if of_kind.strength == 2 or of_kind.tier in ("诊所", "门诊部"):
        return of_kind
    return Said(own, of_kind.strength, of_kind.level, of_kind.word)


def _own_text(kind: str) -> str:
    """Return the column's own text; of the classes of a map service (``医疗保健服务;综合医院;卫生院``) the finest."""
    text = kind.strip()
    parts = [part.strip() for part in re.split(r"[;；|]", text) if part.strip()]
    return parts[-1] if parts and _CJK.search(text) else text


_COARSE: Final = re.compile(
    r"(((health|medical) )?(facility|facilities|site|institution|service)s?|health|healthcare|hospitals?|clinics?|doctors?|"
    r"centre|center|yes|hopita(l|ux)|cliniques?|clinicas?|hospita(l|les|is)|klinik(en)?|krankenhaus|poi|amenity|"
    r"formation sanitaire|fosa|structure|medical)"
)
"""Types that say no more than that there is care; the value of an OSM tag is one."""


def _coarse(kind: str) -> bool:
    parts = [fold_name(part) for part in re.split(r"[;,/|]", kind)]
    return all(_COARSE.fullmatch(part) for part in parts if part)
