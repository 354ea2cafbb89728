"""The words of a date's text, each turned into a token that says what it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from analytics.dates.calendars import Calendar, Days, calendar_of
from analytics.letters import fold_letters

Token = tuple[str, Any]
"""Kind and value. Kinds: n number of one or two digits, y of four, D numeric date, M month, W
weekday, U unit, V units, P pair of a unit, Q part of a year, / slash, and letters of `_WORDS`."""

_TOKEN = re.compile(r"@\d+|\d+|[^\W\d_]+|\S")
# Year first, day (or month) first, year and month, month and year, ISO week (and its day); a
# clock time is left aside.
_NUMERIC = re.compile(
    r"(?<!\d)(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)"
    r"|(?<!\d)(\d{1,2})([-/.])(\d{1,2})\6(\d{4}|\d{2})(?!\d)"
    r"|(?<![\d/.-])(\d{4})[-/](\d{1,2})(?![\d/.-])|(?<![\d/.-])(\d{1,2})[-/](\d{4})(?![\d/.-])"
    r"|\b(\d{4})-?w(\d{2})(?:-?([1-7]))?\b"
)
_CLOCK = re.compile(
    r"((?<=\d)t|(?<!\d))\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?"
    r"( ?[ap][.]?m\b[.]?)?( ?(z|utc|gmt)\b)?([+-]\d\d:?\d\d)?"
)
LOCAL = re.compile(r"[\u0600-\u06ff\ufb50-\ufeff]")
# Endings and beginnings that Kurdish, Turkish and Arabic add to a month, a weekday or a unit.
_ENDINGS, _BEGINNINGS = (
    ("ی", "یی", "یه", "ه", "دا", "یدا", "هوه", "ye", "ya", "e", "a", "da", "de"),
    ("لل", "ال", "و", "ب", "ل"),
)
_WORDS = {
    "today": "t", "tonight": "t", "yesterday": "e", "day_before": "b", "last_night": "L",
    "last_year": "Y", "this_year": "H", "since": "s", "weekend": "w", "ago": "a", "last": "l",
    "past": "p", "this": "h", "night": "N",
    "to": ">", "from": "<", "same": "=", "early": "1", "mid": "2", "late": "3",
    "ad": "x", "ah": "x", "sh": "x", "kurdish": "x",
}  # fmt: skip


class RejectedError(ValueError):
    """Why a text names no interval of days; the message is the reason given to the reader."""


@dataclass(frozen=True)
class Partial:
    """What one side of a date says; the rest may come from the other side, or publication."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    calendar: Calendar = "gregorian"
    weekday: int | None = None
    thirds: tuple[int, int] | None = None
    is_resolved: bool = False
    days: Days | None = None


def tokenise(text: str, day_first: bool | None) -> list[Token]:
    """Meaning of each word and number, in order; every word has to be understood."""
    folded = _CLOCK.sub(" ", fold_letters(text))
    is_local = bool(LOCAL.search(text))
    numeric: list[Partial] = []

    def take(match: re.Match[str]) -> str:
        numeric.append(_numeric(match, is_local, day_first))
        return f" @{len(numeric) - 1} "

    if "@" in folded:
        raise RejectedError("'@' is not understood; write the day as 2021-10-28")
    words = _TOKEN.findall(_NUMERIC.sub(take, folded))
    if not words:
        raise RejectedError("it is empty; give a day, or leave the record out")
    tokens: list[Token] = []
    at = 0
    while at < len(words):
        word, length = words[at], 1
        token: Token | None = None
        if word[0] == "@" and len(word) > 1:
            token = ("D", numeric[int(word[1:])])
        elif len(word) == 8 and word.isdigit() and _is_year_first(word):
            year, month, day = int(word[:4]), int(word[4:6]), int(word[6:])
            token = ("D", Partial(day, month, year))
        elif word.isdigit():
            kind = "n" if len(word) <= 2 else "y" if len(word) == 4 else None
            token = (kind, int(word)) if kind else None
        else:
            for length in range(min(5, len(words) - at), 0, -1):
                token = _look_up(words[at : at + length])
                if token:
                    break
            token = token or (("/", None) if word == "/" else None)
        if token is None:
            raise RejectedError(f"{word[:60]!r} is not understood; write the day as 2021-10-28")
        if token[0] == "W" and word[0] == "و" and tokens and tokens[-1][0] == "W":
            tokens.append((">", "to"))
        tokens += [token] if token[0] else []
        at += length
    return tokens


def _is_year_first(digits: str) -> bool:
    """Whether eight digits are year, month and day, and cannot be day, month and year."""
    is_day_first = int(digits[:2]) <= 31 and int(digits[2:4]) <= 12 and digits[4:6] in ("19", "20")
    return digits[:2] in ("19", "20") and not is_day_first


@cache
def _vocabulary() -> dict[tuple[str, ...], Token]:
    """Folded words of a phrase -> token."""
    raw = yaml.safe_load((files("analytics.dates") / "words.yaml").read_text(encoding="utf-8"))
    entries: list[tuple[Token, list[str]]] = [(("", None), raw["noise"])]
    for calendar, months in raw["months"].items():
        entries += [(("M", (calendar, month)), names) for month, names in months.items()]
    entries += [(("W", day), names) for day, names in raw["weekdays"].items()]
    entries += [(("n", number), names) for number, names in raw["numbers"].items()]
    entries += [(("U", unit), names) for unit, names in raw["units"].items()]
    entries += [(("V", unit), names) for unit, names in raw["plurals"].items()]
    entries += [(("P", unit), names) for unit, names in raw["pairs"].items()]
    entries += [(("Q", part), names) for part, names in raw["parts"].items()]
    entries += [((_WORDS[key], key), names) for key, names in raw["words"].items()]
    known: dict[tuple[str, ...], Token] = {}
    for token, names in entries:
        for name in names:
            words = _TOKEN.findall(fold_letters(str(name)))
            known[tuple(words)] = token
            if len(words) > 1:
                known[tuple(word for word in words if word != "-")] = token
    return known


def _look_up(words: list[str]) -> Token | None:
    """Token of a phrase; its last word may have an ending, a lone word a beginning, of grammar."""
    known = _vocabulary()
    *before, last = words
    stems = [last]
    stems += [last.removesuffix(e) for e in _ENDINGS if last.endswith(e) and len(last) > len(e) + 1]
    if not before:
        stems += [last.removeprefix(b) for b in _BEGINNINGS if last.startswith(b) and len(last) > 3]
        stems += ["ال" + last, last + "ه"]
    return next((known[key] for stem in stems if (key := (*before, stem)) in known), None)


def _numeric(match: re.Match[str], is_local: bool, day_first: bool | None) -> Partial:
    """Partial date of numbers only; refuses the order that cannot be told."""
    groups = match.groups()
    if groups[0]:
        calendar, year = calendar_of(int(groups[0]))
        return Partial(int(groups[3]), int(groups[2]), year, calendar)
    if groups[12]:
        year, week = int(groups[12]), int(groups[13])
        if not 1 <= week <= date(year, 12, 28).isocalendar().week:
            raise RejectedError(f"{year} has no week {week}; correct the week")
        first = date.fromisocalendar(year, week, int(groups[14] or 1))
        return Partial(days=(first, first + timedelta(days=0 if groups[14] else 6)))
    if groups[8] or groups[11]:
        calendar, year = calendar_of(int(groups[8] or groups[11]))
        return Partial(None, int(groups[9] or groups[10]), year, calendar)
    return read_day_month(match.group(), is_local, day_first)


def read_day_month(text: str, is_local: bool, day_first: bool | None) -> Partial:
    """Day and month of two numbers and a year, in the order that is stated or is usage."""
    first, second, year = (int(number) for number in re.findall(r"\d+", text))
    if day_first is None and not is_local:
        if year < 100:
            raise RejectedError(f"{text} has a year of two digits; write it with four")
        if first <= 12 and second <= 12 and first != second:
            raise RejectedError(f"{text} can be read in two ways; state the order (day_first)")
        if second > 12:
            raise RejectedError(f"{text} is not day first; state the order (day_first)")
    calendar, full = calendar_of(year + (2000 if year < 100 else 0))
    day, month = (second, first) if day_first is False else (first, second)
    return Partial(day, month, full, calendar)
