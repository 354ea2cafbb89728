"""Bytes to UTF-8: compression undone, binary files refused, the encoding found out and said.

A file that is valid UTF-8 is UTF-8. Anything else is a guess, made by rules for the encodings that
occur in records from Iraq, decoded strictly, and said together with a word to judge it by.
"""

from __future__ import annotations

import codecs
import gzip
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from charset_normalizer import from_bytes
from ibis.backends.duckdb import Backend

from analytics.errors import FileError, ParameterError
from analytics.reading.rawtable import printable, scratch_path

_CHUNK = 1 << 17
_SAMPLE = 1 << 20
# A workbook is a tenth of its cells, rarely a thirtieth; more is made to fill memory.
_MOST_UNPACKED, _MOST_RATIO = 100_000_000, 100
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "compressed with bzip2"),
    (b"\xfd7zXZ", "compressed with xz"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"ARROW1", "an Arrow file"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"{\\rtf", "a word processor document"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]+")
# Dotless i, s with cedilla and soft g, small and capital: Icelandic letters in Latin-1.
_TURKISH = re.compile(rb"[\xd0\xdd\xde\xf0\xfd\xfe]")


@dataclass(frozen=True)
class TextFile:
    """A file of text on disk as UTF-8.

    Parameters
    ----------
    path : Path
        Where the text is: the file itself, or a scratch copy where bytes had to be changed.
    file : str
        The name of the user's file.
    is_plain : bool
        Valid UTF-8 without NULs and without blank lines: fit for the engine's own reader.
    notes : tuple of str
        How it was read, where that was not obvious.
    """

    path: Path
    file: str
    is_plain: bool
    notes: tuple[str, ...] = ()


def unpack(con: Backend, path: Path, file: str) -> tuple[Path, str, tuple[str, ...]]:
    """Return a file without gzip or the zip archive it is in, its name, and what to say about it.

    Raises
    ------
    FileError
        Damaged or cut off, locked by a password, or an archive that does not hold just one file.
    """
    with path.open("rb") as source:
        head = source.read(4)
    copy = scratch_path(con, ".bin")
    try:
        if head.startswith(b"\x1f\x8b"):
            with gzip.open(path) as packed, copy.open("wb") as target:
                shutil.copyfileobj(packed, target, _CHUNK)
            return copy, file.removesuffix(".gz"), ("unpacked with gzip",)
        if not head.startswith(b"PK"):
            return path, file, ()
        with zipfile.ZipFile(path) as archive:
            name = _only_member(archive, path, file)
            if name is None:
                return path, file, ()
            with archive.open(name) as packed, copy.open("wb") as target:
                shutil.copyfileobj(packed, target, _CHUNK)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, ValueError):
        raise FileError(
            file, "is damaged or cut off: its packed bytes do not end well", "Fetch it again"
        ) from None
    except (RuntimeError, NotImplementedError):
        raise FileError(
            file, "is packed with a password, or in a way not known here", "Unpack it first"
        ) from None
    return copy, name, (f"{printable(name)[:200]!r} was read out of the zip archive",)


def _only_member(archive: zipfile.ZipFile, path: Path, file: str) -> str | None:
    """The one file in an archive; None where the archive is itself a workbook."""
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    n_bytes = sum(member.file_size for member in members)
    if n_bytes > _MOST_UNPACKED and n_bytes > _MOST_RATIO * path.stat().st_size:
        raise FileError(
            file,
            f"would unpack to {n_bytes / 1e6:,.0f} MB, over {_MOST_RATIO} times its size",
            "Unpack it yourself if you trust it, and give CSV",
        )
    names = [member.filename for member in members]
    if {"[Content_Types].xml", "content.xml"} & set(names):
        return None
    if len(names) != 1:
        listed = printable(", ".join(sorted(names)))[:200] or "nothing"
        raise FileError(
            file,
            f"is a zip archive of {len(names)} files ({listed})",
            "Unpack it, and name the files",
        )
    return names[0]


def decode(con: Backend, path: Path, file: str, encoding: str | None = None) -> TextFile:
    """Return the file as UTF-8 text.

    Raises
    ------
    FileError
        The file is binary, or not valid in the encoding given or found.
    ParameterError
        No such encoding.
    """
    with path.open("rb") as source:
        head = source.read(1 << 16)
    _refuse_binary(head, file)
    bom = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    found = encoding or bom or _wide_encoding(head)
    if found is None or found == "utf-8-sig":
        scan = _scan(path)
        _refuse_controls(head, file)
        if scan.is_utf8 or _is_damaged_utf8(scan.high_lines):
            name = "UTF-8 with a byte order mark" if bom else "UTF-8"
            damage = "" if scan.is_utf8 else "; holds bytes that are not UTF-8: those rows rejected"
            notes = (f"read as {name}{damage}",)
            return TextFile(path, file, scan.is_utf8 and scan.is_plain, notes)
        return _transcode(con, path, file, *_guess(scan.high_lines))
    said = f"read as {found.upper()}"
    return _transcode(con, path, file, found, said)


@dataclass(frozen=True)
class _Scan:
    is_utf8: bool
    is_plain: bool
    high_lines: bytes


def _scan(path: Path) -> _Scan:
    """Read all bytes once: valid UTF-8? NULs or blank lines? and lines that are not ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, is_plain, lines, n_lines, last = True, True, [], 0, b""
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            if is_plain:
                is_plain = not (_has_gap(chunk) or _has_gap(last + chunk[:2]))
                last = chunk[-2:]
            if chunk.isascii() and not decoder.getstate()[0]:
                continue
            if is_utf8:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    is_utf8 = False
            if n_lines < _SAMPLE:
                found = b"\n".join(line for line in chunk.split(b"\n") if not line.isascii())
                lines.append(found)
                n_lines += len(found)
    if is_utf8:
        is_utf8 = not decoder.getstate()[0]
    return _Scan(is_utf8, is_plain, b"\n".join(lines))


def _has_gap(content: bytes) -> bool:
    """Whether there is a NUL or a blank line."""
    has_returns = b"\r" in content and b"\n\r\n" in content
    # Looked for as bytes, two line ends take four times as long.
    ends = np.frombuffer(content, np.uint8) == ord("\n")
    return has_returns or b"\0" in content or bool((ends[:-1] & ends[1:]).any())


def _refuse_binary(head: bytes, file: str) -> None:
    """Stop at a file that says what it is, and is no table."""
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if kind is None and re.match(rb"\s*<(!doctype html|html)", head, re.IGNORECASE):
        kind = "a web page (often a login or error page saved in place of the data)"
    if kind:
        raise FileError(file, f"is {kind}, not a table", "Give CSV, JSON, Parquet, Excel or SQLite")


def _refuse_controls(head: bytes, file: str) -> None:
    """Stop at bytes that no text has; a stray NUL costs its row alone."""
    if len(_CONTROL.findall(head)) > max(4, len(head) // 50):
        raise FileError(
            file, "holds binary bytes, not text", "Give CSV, JSON, Parquet, Excel or SQLite"
        )


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of the commas, digits and line ends is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) * 10 < len(head) or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_damaged_utf8(high_lines: bytes) -> bool:
    """Whether most bytes that are not ASCII do form UTF-8 characters."""
    n_high = sum(map(len, _HIGH.findall(high_lines)))
    n_valid = sum(map(len, _MULTIBYTE.findall(high_lines)))
    return n_valid * 2 > n_high


def _guess(high_lines: bytes) -> tuple[str, str]:
    """Encoding of a single-byte file, and how to say it.

    Arabic words are runs of high bytes; a Latin accent stands alone between ASCII letters.
    """
    runs = _HIGH.findall(high_lines)
    in_words = sum(len(run) for run in runs if len(run) > 1)
    if in_words * 2 > sum(map(len, runs)):
        # The article al-, commonest pair of letters: C7 E1 in Windows-1256, C7 E4 in ISO 8859-6.
        is_iso = high_lines.count(b"\xc7\xe4") > high_lines.count(b"\xc7\xe1")
        encoding, name = ("iso8859_6", "ISO 8859-6") if is_iso else ("cp1256", "Windows-1256")
    elif len(_TURKISH.findall(high_lines)) * 5 > len(runs):
        encoding, name = "cp1254", "Windows-1254 (Turkish)"
    elif re.search(rb"[\x80-\x9f]", high_lines):
        encoding, name = "cp1252", "Windows-1252 (Latin-1)"
    else:
        encoding, name = "latin-1", "Latin-1"
    word = max(
        re.findall(r"\w*[^\W\x00-\x7f]\w*", high_lines[:4000].decode(encoding, "replace")),
        key=len,
        default="",
    )
    candidates = ["cp1256", "cp1252", "cp1254", "cp1251", "latin_1", "iso8859_6"]
    second = from_bytes(high_lines[:20_000], cp_isolation=candidates).best()
    alike = {encoding.replace("-", "_"), *(["cp1252"] if encoding == "latin-1" else [])}
    doubt = f"; {second.encoding} is possible" if second and second.encoding not in alike else ""
    return encoding, f"not UTF-8; read as {name}, a guess{doubt}: look at the word {word[:30]!r}"


def _transcode(con: Backend, path: Path, file: str, encoding: str, said: str) -> TextFile:
    """Copy the file as UTF-8, strictly."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ParameterError(
            f"encoding {encoding!r}", "is not known", "Use a name such as utf-8 or windows-1256"
        ) from None
    copy = scratch_path(con, ".txt")
    try:
        with path.open(encoding=encoding, newline="") as source, copy.open("wb") as target:
            for text in iter(lambda: source.read(_CHUNK), ""):
                target.write(text.encode())
    except UnicodeError as error:
        raise FileError(
            file, f"is not {encoding} text ({error})", "Name its encoding, or save it as UTF-8"
        ) from None
    scan = _scan(copy)
    return TextFile(copy, file, scan.is_plain, (said,))


def text_lines(path: Path) -> Iterator[str]:
    """Yield the physical lines of UTF-8 text, line ends kept; bad bytes become half characters."""
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source:
        yield from source
