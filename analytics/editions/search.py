"""Texts that an edition withholds, kept as fingerprints and looked for in what was made."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache

from analytics.editions import _read
from analytics.reference import load_governorates, load_key_dates

_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")
_LONGEST = 8  # words; of a longer text its beginning is looked for
_SHORTEST = 4  # letters
_DECIMALS = re.compile(r"^\d+\.\d{3,}$")


def take_fingerprints(texts: Iterable[str]) -> list[str]:
    """Return fingerprints of texts, without those that any report may hold.

    A number, or a text of fewer than four letters, or one made only of words that the edition
    allows anywhere, is no secret and would be found by chance; so would a single small word, which
    is a code and no name.
    """
    found = set()
    for text in texts:
        words = _words(text)[:_LONGEST]
        n_letters = sum(character.isalpha() for word in words for character in word)
        is_point = len(words) == 1 and _DECIMALS.match(words[0])
        is_code = len(words) == 1 and text.isascii() and text == text.lower()
        is_secret = n_letters >= _SHORTEST and not is_code and not set(words) <= _allowed()
        if is_point or is_secret:
            found.add(_digest(words))
    return sorted(found)


def find_texts(text: str, fingerprints: Iterable[str]) -> Iterator[str]:
    """Yield what in a text has one of the fingerprints, each once.

    Examples
    --------
    >>> list(find_texts("... killed Abu <Omar> al-Tuzi.", take_fingerprints(["abu omar"])))
    ['abu omar']
    """
    wanted = set(fingerprints)
    if not wanted:
        return
    words, seen = _words(text), set()
    lengths = range(1, _LONGEST + 1)
    for first in range(len(words)):
        for length in lengths:
            part = tuple(words[first : first + length])
            if len(part) == length and part not in seen:
                seen.add(part)
                if _digest(part) in wanted:
                    yield " ".join(part)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _digest(words: Iterable[str]) -> str:
    return hashlib.blake2b(" ".join(words).encode(), digest_size=8).hexdigest()


@cache
def _allowed() -> frozenset[str]:
    """Words of the lists and tables that every report may print."""
    governorates = load_governorates()
    names = governorates.filter(like="name_").to_numpy().ravel().tolist()
    names += governorates["governorate"].tolist()
    names += load_key_dates().filter(like="name_").to_numpy().ravel().tolist()
    listed = set(_read("listed")["words"].split())
    return frozenset(listed.union(*(_words(str(name)) for name in names)))
