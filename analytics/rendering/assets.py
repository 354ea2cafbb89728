"""What every page carries: its fonts, cut to what reports use, the drawing library, templates.

Noto Sans for Latin, Greek and Cyrillic; IBM Plex Sans Arabic for Arabic and Sorani. Noto's own
Arabic draws each letter from parts (a bowl and its dots), and a PDF then holds parts, not letters:
searching fails. Plex has a glyph for each letter and form, but for lam with alef, which are parted
here.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import fontpkg_ibm_plex_sans_arabic
import fontpkg_noto_sans
import fontTools

from analytics.rendering.ligatures import part_lam_alef

_ARABIC_FAMILY = "IBM Plex Sans Arabic"

# Punctuation and symbols that reports use, kept in both fonts so that a run is not torn apart.
_MARKS = (
    "\u00a0\u2002\u2003\u2009\u200a\u202f\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201a"
    "\u201c\u201d\u201e\u2020\u2021\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ac\u2116"
    "\u2122\u2190\u2191\u2192\u2193\u2212\u2248\u2260\u2264\u2265\u27e6\u27e7"
)
_LATIN = frozenset(map(chr, range(0x20, 0x7F))) | frozenset(map(chr, range(0xA0, 0x180)))
_ARABIC = frozenset(map(chr, [*range(0x600, 0x700), *range(0x750, 0x780), 0xFD3E, 0xFD3F]))
_ARABIC_RANGE = "U+600-6FF,U+750-77F,U+200C-200F,U+2066-2069,U+FD3E-FD3F,U+FB50-FDFF,U+FE70-FEFF"
_CONTROLS = "\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069"
_FEATURES = ("kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum", "init", "medi", "fina", "rlig")
# Raise when what is made of a font changes otherwise than by its file or fontTools.
_RECIPE = 7

# What plotly.js carries as text for its maps alone: the script of their worker, and their style.
_TEXT = re.compile(r"(\.(?:exports|textContent)=)'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)
_LONG = 50_000  # letters; other texts are shorter than that by far


def write_font_faces(text: str) -> str:
    """Return ``@font-face`` rules with the fonts embedded that a text needs.

    The fonts are cut to a fixed repertoire (Latin; Arabic where there is any), so that they are
    made once and not for each report; a character outside it adds a small font of its own.

    Parameters
    ----------
    text : str
        Everything that the page shows.
    """
    used = set(text)
    latin = ("latin", "latin-bold")
    faces = [_face(name, _LATIN | set(_MARKS)) for name in latin]
    if used & _ARABIC:
        arabic = _ARABIC | set(_CONTROLS) | set(" \u00a0")
        faces += [_face(name, arabic, _ARABIC_RANGE) for name in ("arabic", "arabic-bold")]
    rare = {c for c in used - _LATIN - _ARABIC - set(_MARKS + _CONTROLS) if c.isprintable()}
    if rare and (covered := rare & _coverage("latin")):
        points = ",".join(f"U+{ord(c):X}" for c in sorted(covered))
        faces += [_face(name, covered, points) for name in latin]
    return "\n".join(faces)


@dataclass(frozen=True)
class _Source:
    """A font's family and weight as a style sheet names them, and its file."""

    family: str
    weight: int
    package: ModuleType
    file: str

    @property
    def path(self) -> Path:
        return Path(str(self.package.__file__)).parent / "files" / self.file


_SOURCES = {
    "latin": _Source("Noto Sans", 400, fontpkg_noto_sans, "NotoSans[wdth,wght].ttf"),
    "latin-bold": _Source("Noto Sans", 700, fontpkg_noto_sans, "NotoSans[wdth,wght].ttf"),
    "arabic": _Source(
        _ARABIC_FAMILY, 400, fontpkg_ibm_plex_sans_arabic, "IBMPlexSansArabic-Regular.ttf"
    ),
    "arabic-bold": _Source(
        _ARABIC_FAMILY, 700, fontpkg_ibm_plex_sans_arabic, "IBMPlexSansArabic-Bold.ttf"
    ),
}


@lru_cache(maxsize=2)
def _coverage(name: str) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(_SOURCES[name].path, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def _face(name: str, characters: Iterable[str], points: str = "") -> str:
    source = _SOURCES[name]
    data = base64.b64encode(_cut(name, "".join(sorted(characters)))).decode("ascii")
    extent = f"unicode-range:{points};" if points else ""
    return (
        f'@font-face{{font-family:"{source.family}";font-weight:{source.weight};{extent}'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


@lru_cache(maxsize=16)
def _cut(name: str, characters: str) -> bytes:
    """A font with some characters only; kept on disk, as cutting takes seconds."""
    path = _SOURCES[name].path
    made_of = (path.name, str(path.stat().st_size), fontTools.version, str(_RECIPE), characters)
    key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    kept = _cache_folder() / f"{name}-{key}.woff2"
    try:
        return kept.read_bytes()
    except OSError:
        font = _make_font(_SOURCES[name], characters)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_bytes(font)
        partial.replace(kept)
    except OSError:
        pass  # a machine without a writable home makes its fonts anew each time
    return font


def _make_font(source: _Source, characters: str) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    options = subset.Options()
    options.hinting = False
    options.name_IDs = [1, 2]
    options.drop_tables += ["meta"]
    # Kerned Arabic letters are set apart in a PDF, and its readers see a space inside the word.
    is_arabic = source.family == _ARABIC_FAMILY
    options.layout_features = [f for f in _FEATURES if not (is_arabic and f == "kern")]
    font = TTFont(source.path, lazy=True, recalcTimestamp=False)
    if "fvar" not in font:
        part_lam_alef(font)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, characters))
    cutter.subset(font)
    if "fvar" in font:
        # One weight a font: a browser prints a font of many weights as drawings (Type 3), whose
        # words readers of a PDF tear apart.
        limits = {"wdth": 100, "wght": source.weight}
        font = instancer.instantiateVariableFont(font, limits, inplace=True)
    font.flavor = "woff2"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "incident-analytics"


@lru_cache(maxsize=1)
def load_plotly() -> tuple[str, str]:
    """Return plotly.js, compressed and in base 85, and the hash a policy knows it by.

    Returns
    -------
    payload : str
        gzip in base 85 (five letters for four bytes, where base64 takes five and a third): less
        than two fifths of the script's own size. ``,`` stands for ``<``, so that no letter of it
        can end the element it is kept in.
    source : str
        ``sha256-...`` of the script once inflated.
    """
    script = read_plotly().encode()
    # The page inserts the script as text; what is hashed is that text.
    packed = gzip.compress(script, 9, mtime=0)
    return base64.b85encode(packed).decode("ascii").replace("<", ","), hash_source(script)


def read_plotly() -> str:
    """Return plotly.js as the plotly package carries it, without two long texts for maps."""
    # Without importing plotly, which a caller that only prints does not need.
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    script = path.read_bytes().decode("utf-8")
    return _TEXT.sub(lambda text: f"{text[1]}''" if len(text[0]) > _LONG else text[0], script)


def hash_source(script: bytes) -> str:
    """Return a script's hash as a Content-Security-Policy writes it.

    Examples
    --------
    >>> hash_source(b"")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(script).digest()).decode("ascii")


@lru_cache(maxsize=8)
def load_template(name: str) -> str:
    """Return a file of the page's template."""
    return (Path(__file__).parent / "template" / name).read_text(encoding="utf-8")
