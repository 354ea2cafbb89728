"""What every page carries: its fonts, the drawing library, style sheet and script."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import fontpkg_noto_sans
import fontpkg_noto_sans_arabic
import fontTools

FONT_FAMILY = "Noto Sans, Noto Sans Arabic, sans-serif"

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
_LATIN_FEATURES = ("kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum")
# Raise when what is made of a font changes otherwise than by its file or fontTools.
_RECIPE = 1


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
    faces = [_face("Noto Sans", _cut("latin", _LATIN | set(_MARKS)))]
    if used & _ARABIC:
        arabic = _cut("arabic", _ARABIC | set(_CONTROLS) | set(" \u00a0"))
        faces.append(_face("Noto Sans Arabic", arabic, _ARABIC_RANGE))
    rare = {c for c in used - _LATIN - _ARABIC - set(_MARKS + _CONTROLS) if c.isprintable()}
    if rare and (covered := rare & _coverage("latin")):
        points = ",".join(f"U+{ord(c):X}" for c in sorted(covered))
        faces.append(_face("Noto Sans", _cut("latin", covered), points))
    return "\n".join(faces)


@lru_cache(maxsize=1)
def load_plotly() -> tuple[str, str]:
    """Return plotly.js, compressed and in base64, and the hash a policy knows it by.

    Returns
    -------
    payload : str
        gzip in base64: two fifths of the script's own size.
    source : str
        ``sha256-...`` of the script once inflated.
    """
    script = read_plotly().encode()
    # The page inserts the script as text; what is hashed is that text.
    packed = gzip.compress(script, 9, mtime=0)
    return base64.b64encode(packed).decode("ascii"), hash_source(script)


def read_plotly() -> str:
    """Return plotly.js, as the plotly package carries it."""
    # Without importing plotly, which a caller that only prints does not need.
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    return path.read_bytes().decode("utf-8")


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


def _font_file(script: str) -> Path:
    package, name = {
        "latin": (fontpkg_noto_sans, "NotoSans[wdth,wght].ttf"),
        "arabic": (fontpkg_noto_sans_arabic, "NotoSansArabic[wdth,wght].ttf"),
    }[script]
    return Path(str(package.__file__)).parent / "files" / name


@lru_cache(maxsize=2)
def _coverage(script: str) -> frozenset[str]:
    from fontTools.ttLib import TTFont

    with TTFont(_font_file(script), lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


def _face(family: str, font: bytes, points: str = "") -> str:
    data = base64.b64encode(font).decode("ascii")
    extent = f"unicode-range:{points};" if points else ""
    return (
        f'@font-face{{font-family:"{family}";font-weight:400 700;font-style:normal;{extent}'
        f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


def _cut(script: str, characters: Iterable[str]) -> bytes:
    return _cut_once(script, "".join(sorted(characters)))


@lru_cache(maxsize=16)
def _cut_once(script: str, characters: str) -> bytes:
    """A font with some characters, in regular to bold; kept on disk, as cutting takes seconds."""
    path = _font_file(script)
    made_of = (path.name, str(path.stat().st_size), fontTools.version, str(_RECIPE), characters)
    key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()[:16]
    kept = _cache_folder() / f"{script}-{key}.woff2"
    try:
        return kept.read_bytes()
    except OSError:
        font = _make_font(path, characters, is_latin=script == "latin")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_bytes(font)
        partial.replace(kept)
    except OSError:
        pass  # a machine without a writable home makes its fonts anew each time
    return font


def _make_font(path: Path, characters: str, *, is_latin: bool) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    options = subset.Options()
    options.hinting = False
    options.name_IDs = [1, 2]
    options.layout_features = list(_LATIN_FEATURES) if is_latin else ["*"]
    font = TTFont(path, lazy=True, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=map(ord, characters))
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wdth": 100, "wght": (400, 700)}, inplace=True)
    font.flavor = "woff2"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "incident-analytics"
