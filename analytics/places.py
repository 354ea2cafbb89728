"""The text of a place, in any spelling, becomes a governorate and a district, or is left open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import pandas as pd
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from analytics.errors import TableError
from analytics.reference import governorate_codes, load_districts, load_place_names
from analytics.spelling import fold_place, hear_place

COLUMNS = ("governorate", "district", "place")
_LEVELS = ("district", "subdistrict", "village", "feature", "governorate", "region")


@dataclass(frozen=True)
class Place:
    """One entry of the gazetteer."""

    level: str
    name: str
    governorate: str
    district: str


@dataclass(frozen=True)
class Index:
    """A gazetteer: places by folded spelling; spellings by sounds and by consonants."""

    places: dict[str, set[Place]]
    sounds: dict[str, set[str]]
    consonants: dict[str, set[str]]


def match_places(frame: pd.DataFrame, *, names: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the governorate and district that each printed place stands for.

    A name is looked up as it is spelt, then by its sounds, then by at most one wrong letter in
    five to seven, two in eight or more; each step only where the one before found nothing. A
    name without a governorate beside it has to be nearer, since it may be of a place that is not
    known: one wrong letter in six or more; of the letters a quarter, where the consonants are
    the same. What is further off is left open, and among the candidates. A name that fits several
    places is settled by the governorate (or district) printed beside it, or left open with the
    candidates. Nothing is carried silently into another governorate.

    Parameters
    ----------
    frame : DataFrame
        Any of the columns ``governorate``, ``district``, ``place`` (text, as printed; a
        governorate may be an ISO 3166-2 code). One row a place; rows may repeat.
    names : DataFrame, optional
        Gazetteer in the columns of ``data/place_names.csv``, which is taken where not given.

    Returns
    -------
    DataFrame
        One row for each row of ``frame``, with its index: ``governorate`` (ISO 3166-2 code),
        ``district``, ``name`` (standard name of the narrowest place found) and ``level``
        (district, subdistrict, village, feature, governorate), ``how`` (exact, sound, fuzzy, or
        part: a known name within a longer text), ``reason`` (why something was left open; empty
        where all is settled) and ``candidates``, parted by "; ".

    Raises
    ------
    TableError
        None of the three columns is there.

    Notes
    -----
    Spelling is compared without accents, articles, hamza and administrative words, with one form
    for ya, kaf and ta marbuta. Sounds are alike in Latin, Cyrillic and Arabic script (kh = x = خ,
    q = g = k, c = j), first with vowels, then without. Fuzzy matches never cross into another
    governorate than the one printed; an exact match elsewhere is left open, unless the district
    is also claimed by the governorate printed (Makhmour: Erbil, also Nineveh).

    Examples
    --------
    >>> printed = pd.DataFrame({
    ...     "governorate": ["ديالى", None, "Kirkuk", None],
    ...     "place": ["قضاء خانقين", "al-Rashad", "al-Rashad", "Mekhmoor"]})
    >>> match_places(printed)[["governorate", "district", "how"]]
      governorate  district    how
    0       IQ-DI  Khanaqin  exact
    1
    2       IQ-KI    Hawija  exact
    3       IQ-AR  Makhmour  sound
    """
    present = [column for column in COLUMNS if column in frame]
    if not present:
        raise TableError("the places", "have none of governorate, district, place", "Name one so")
    texts = frame.reindex(columns=list(COLUMNS)).astype("object")
    triples = [
        tuple("" if pd.isna(text) else str(text).strip() for text in row)
        for row in texts.itertuples(index=False)
    ]
    index = _gazetteer() if names is None else _make_index(names)
    found = {triple: _match(triple, index) for triple in dict.fromkeys(triples)}
    columns = ["governorate", "district", "name", "level", "how", "reason", "candidates"]
    return pd.DataFrame([found[triple] for triple in triples], index=frame.index, columns=columns)


@cache
def _gazetteer() -> Index:
    return _make_index(load_place_names())


def _make_index(names: pd.DataFrame) -> Index:
    """Index of a gazetteer."""
    index = Index({}, {}, {})
    columns = ["level", "standard_en", "governorate", "district", "variant"]
    rows: list[list[str]] = names[columns].fillna("").to_numpy().tolist()
    for level, name, governorate, district, variant in rows:
        place = Place(level, name, governorate, name if level == "district" else district)
        for text in (variant, name):
            index.places.setdefault(fold_place(text), set()).add(place)
    for spelling in index.places:
        for heard, by in zip(hear_place(spelling), (index.sounds, index.consonants), strict=True):
            if heard:
                by.setdefault(heard, set()).add(spelling)
    return index


@cache
def _also_claimed() -> dict[str, str]:
    """District -> the other governorate that claims it."""
    rows = load_districts().dropna(subset="also_governorate")
    return dict(zip(rows["district"], rows["also_governorate"], strict=True))


def _is_within(place: Place, governorates: frozenset[str]) -> bool:
    return (
        not governorates
        or not place.governorate
        or place.governorate in governorates
        or _also_claimed().get(place.district) in governorates
    )


def _look_up(
    text: str,
    governorates: frozenset[str],
    index: Index,
    levels: tuple[str, ...] = _LEVELS,
    *,
    is_guess: bool = False,
) -> tuple[list[Place], str]:
    """Places that a name may stand for, narrowed by governorate, and how they were found."""
    folded = fold_place(text)
    if not folded:
        return [], ""
    # Where a governorate is meant, or known, there are few names to confuse.
    is_strict = not governorates and levels != ("governorate",) and not is_guess
    heard, consonants = hear_place(folded)
    alike = index.consonants.get(consonants, set())
    if is_strict:
        alike = {spelling for spelling in alike if _is_near(folded, spelling, consonants)}
    steps = (("exact", {folded}), ("sound", index.sounds.get(heard, set())), ("sound", alike))
    for how, spellings in steps:
        places = _narrow(_places_of(spellings, index), governorates, levels)
        if places and (how == "exact" or all(_is_within(p, governorates) for p in places)):
            return places, how
    shortest = 6 if is_strict else 4 if levels == ("governorate",) else 5
    allowed = 0 if len(folded) < shortest else 1 if len(folded) < 8 or is_strict else 2
    keys = list(index.places) if allowed else []
    found = extract(folded, keys, scorer=OSA.distance, score_cutoff=allowed, limit=None)
    near = _places_of([key for key, distance, _ in found if distance == found[0][1]], index)
    inside = [place for place in near if _is_within(place, governorates)]
    return _narrow(inside, governorates, levels), "fuzzy" if inside else ""


def _places_of(spellings: Iterable[str], index: Index) -> set[Place]:
    return {place for spelling in spellings for place in index.places.get(spelling, ())}


def _is_near(folded: str, spelling: str, consonants: str) -> bool:
    """Whether two names of the same consonants are one in all likelihood, whatever its place."""
    if spelling.isascii() != folded.isascii():
        return len(consonants) >= 4
    return bool(OSA.distance(folded, spelling) <= max(1, len(folded) // 4))


def _narrow(
    places: Iterable[Place], governorates: frozenset[str], levels: tuple[str, ...]
) -> list[Place]:
    """The places inside the governorates (all, if none is), of the first level that has any."""
    known = [place for place in places if place.level in levels]
    inside = [place for place in known if _is_within(place, governorates)] or known
    # A village and a district of one name are two places; a city and its governorate are not.
    if any(place.level not in ("governorate", "region") for place in inside):
        inside = [place for place in inside if place.level not in ("governorate", "region")]
    return sorted(inside, key=lambda place: (levels.index(place.level), place.name))


def _parts(text: str, governorates: frozenset[str], index: Index) -> list[Place]:
    """Places whose names stand, as they are spelt, inside a longer text."""
    words, found = re.split(r"[\s,;:()/\"«»–-]+", text.strip()), []
    at = 0
    while at < len(words):
        for length in (3, 2, 1):
            phrase = " ".join(words[at : at + length])
            places = index.places.get(fold_place(phrase), set())
            if places and len(fold_place(phrase)) > 2:
                found += _narrow(places, governorates, _LEVELS)
                at += length - 1
                break
        at += 1
    return list(dict.fromkeys(found))


def _governorates(text: str, index: Index) -> tuple[frozenset[str], list[Place]]:
    """Codes of the governorates named, and the other places that the text may be."""
    if text in governorate_codes():
        return frozenset({text}), []
    found: set[str] = set()
    others: list[Place] = []
    for part in re.split(r"\s*[;,/|()]\s*|\s+(?:and|و|ve|û)\s+", text):
        places, _ = _look_up(part, frozenset(), index, ("governorate",))
        found |= {place.governorate for place in places}
        others += [] if places else _look_up(part, frozenset(), index)[0]
    return frozenset(found), others


Row = tuple[str, str, str, str, str, str, str]


def _match(printed: tuple[str, ...], index: Index) -> Row:
    """Row of the result for one printed triple."""
    governorate, district, place = printed
    codes, others = _governorates(governorate, index) if governorate else (frozenset(), [])
    reasons = [] if codes or not governorate else [f"governorate {governorate!r} is not known"]
    best: Place | None = None
    how, candidates = "exact" if codes else "", list[Place]()
    inside = codes
    for what, text in (("district", district), ("place", place)):
        if not text:
            continue
        places, found_how = _look_up(text, inside, index)
        if best is not None and best.district:
            places = [p for p in places if p.district == best.district] or places
        if not places:
            places, found_how = _parts(text, inside, index), "part"
        settled, reason = _settle(places, codes, f"{what} {text!r}")
        if settled is None:
            reasons += [reason]
            candidates += places or _look_up(text, inside, index, is_guess=True)[0]
        elif best is not None and best.district and settled.district not in ("", best.district):
            reasons += [f"{what} {text!r} is in {settled.district}, not in {best.district}"]
            candidates += [settled]
        else:
            best, how = _narrower(best, settled), found_how
            inside = codes or frozenset(filter(None, [settled.governorate]))
    if best is None and not codes and others:
        best, reason = _settle(others, codes, f"governorate {governorate!r}")
        reasons, how = [reason] if reason else [], "exact"
        candidates += others if reason else []
    code = best.governorate if best and best.governorate else ""
    code = code or (next(iter(codes)) if len(codes) == 1 else "")
    if len(codes) > 1 and not code:
        reasons += [f"governorate {governorate!r} names {len(codes)}"]
    listed = "; ".join(dict.fromkeys(f"{p.name} ({p.governorate or '?'})" for p in candidates))
    found = (best.district, best.name, best.level) if best else ("", "", "governorate" * bool(code))
    return (code, *found, how if code or best else "", "; ".join(reasons), listed)


def _settle(places: list[Place], codes: frozenset[str], what: str) -> tuple[Place | None, str]:
    """The one place of several, or what they have in common, or the reason why it is open."""
    if not places:
        return None, f"{what} is not known"
    inside = [place for place in places if _is_within(place, codes)]
    if not inside:
        where = ", ".join(sorted({place.governorate for place in places}))
        return None, f"{what} is in {where}, not in {', '.join(sorted(codes))}"
    places = inside
    homes = {(place.governorate, place.district) for place in places if place.governorate}
    if len(homes) <= 1:
        located = [place for place in places if place.governorate] or places
        return located[-1], ""
    if len({governorate for governorate, _ in homes}) == 1 and all(p.district for p in places):
        return None, f"{what} may be in {' or '.join(sorted(d for _, d in homes))}"
    return None, f"{what} fits several places"


def _narrower(before: Place | None, now: Place) -> Place:
    """The narrower of two places that do not contradict each other."""
    if before is None or (now.governorate and now.district):
        return now
    return before if before.district else now
