"""Lam with alef as two glyphs, so that what is copied from a PDF keeps the order of its letters.

A font draws lam and alef as one ligature. A PDF then maps one glyph to two letters, and most
readers give them back in the order of the page, from left to right: the word comes out with alef
before lam and is not found. Here the lam takes the shape of the whole, where an alef follows, and
the alef after it becomes an empty glyph: the same picture, a letter a glyph.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Width of the empty alef in units of the font, taken from the lam's: too little to be seen, and
# not nothing, since some readers pass over what has no width.
_WIDTH = 0
_ALEFS = frozenset({0x622, 0x623, 0x625, 0x627, 0x671, 0x672, 0x673, 0x675})


def part_lam_alef(font: Any) -> None:
    """Replace the ligatures of a font's ``rlig`` feature by lam-with-alef in two glyphs.

    The other ligatures of the feature are for ornament and are dropped.

    Parameters
    ----------
    font : fontTools.ttLib.TTFont
        A static TrueType font with Arabic forms; changed in place.
    """
    from fontTools.otlLib.builder import (
        ChainContextSubstBuilder,
        ChainContextualRule,
        SingleSubstBuilder,
    )

    table = font["GSUB"].table
    lookups = table.LookupList.Lookup
    alefs = _final_forms(font)
    parted: dict[str, dict[str, str]] = {}
    for lam, components, whole in list(_ligatures(table, "rlig")):
        if len(components) == 1 and components[0] in alefs:
            parted.setdefault(components[0], {})[lam] = whole

    def add(mapping: dict[str, str]) -> Any:
        builder = SingleSubstBuilder(font, None)
        builder.mapping, builder.lookup_index = mapping, len(lookups)
        lookups.append(builder.build())
        return builder

    widen, empty = ChainContextSubstBuilder(font, None), ChainContextSubstBuilder(font, None)
    for alef, wholes in sorted(parted.items()):
        nothing = _add_empty_glyph(font, f"{alef}.void")
        lams, shapes = [set(wholes)], [set(wholes.values())]
        widen.rules.append(ChainContextualRule([], lams, [{alef}], [[add(wholes)]]))
        empty.rules.append(ChainContextualRule(shapes, [{alef}], [], [[add({alef: nothing})]]))
        for shape in shapes[0]:
            width, bearing = font["hmtx"].metrics[shape]
            font["hmtx"].metrics[shape] = (width - _WIDTH, bearing)
    added = []
    for chain in (widen, empty):
        chain.lookup_index = len(lookups)
        lookups.append(chain.build())
        added.append(chain.lookup_index)
    table.LookupList.LookupCount = len(lookups)
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "rlig":
            record.Feature.LookupListIndex = added
            record.Feature.LookupCount = len(added)


def _ligatures(table: Any, tag: str) -> Iterator[tuple[str, list[str], str]]:
    """Yield (first glyph, the others, ligature) of a feature."""
    indices = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == tag
        for index in record.Feature.LookupListIndex
    }
    for index in sorted(indices):
        for subtable in table.LookupList.Lookup[index].SubTable:
            for first, ligatures in getattr(subtable, "ligatures", {}).items():
                for ligature in ligatures:
                    yield first, ligature.Component, ligature.LigGlyph


def _final_forms(font: Any) -> set[str]:
    """Glyphs that alefs take at the end of a joined pair."""
    table, names = font["GSUB"].table, font.getBestCmap()
    plain = {names[code] for code in _ALEFS if code in names}
    forms = set(plain)
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "fina":
            for index in record.Feature.LookupListIndex:
                for subtable in table.LookupList.Lookup[index].SubTable:
                    mapping = getattr(subtable, "mapping", {})
                    forms |= {mapping[glyph] for glyph in plain if glyph in mapping}
    return forms


def _add_empty_glyph(font: Any, name: str) -> str:
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 1))
    pen.lineTo((1, 0))
    pen.closePath()
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"].glyphs[name] = pen.glyph()
    font["glyf"].glyphOrder = font.getGlyphOrder()
    font["hmtx"].metrics[name] = (_WIDTH, 0)
    return name
