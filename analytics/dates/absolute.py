"""Days that are named by the calendar: a day, a month, a year, or from one to another."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

from analytics.dates.calendars import Days, calendar_of, days_of, year_of
from analytics.dates.relative import last_weekday, need, part_of_year
from analytics.dates.words import Partial, RejectedError, Token, read_day_month

_DAY = timedelta(days=1)
_THIRDS = {"1": (1, 10), "2": (11, 20), "3": (21, 31)}
# Forms of one side as signatures (see Token), and the order of day, month and year in each.
_SHAPES = {
    "nM": "dm", "nMy": "dmy", "nMn": "dmY", "Mn": "md", "Mny": "mdy", "M": "m", "My": "my",
    "y": "y", "yMn": "ymd", "yM": "ym", "n": "d", "ny": "dy",
}  # fmt: skip


def read_absolute(tokens: list[Token], published: date | None, is_local: bool) -> Partial:
    """Return the days of a text that names them by the calendar; refuse what is not understood."""
    kinds = [kind for kind, _ in tokens]
    # "Thursday, which is 28 October" names one day, not two.
    if "=" in kinds and kinds[:2] != ["W", "="]:
        at = kinds.index("=")
        return _same(tokens[:at], tokens[at + 1 :], published, is_local)
    if kinds[:1] in (["s"], ["a"]) and len(kinds) > 1:
        since = _complete(_side(tokens[1:], is_local), published)
        return Partial(days=(_first_day(since), need(published)), is_resolved=True)
    # "Late on Saturday" may be past midnight; "early on Sunday" is Sunday.
    is_hour = "W" in kinds and kinds[0] in "13"
    is_night = "N" in kinds or (is_hour and kinds[0] == "3")
    left_aside = "N<=13" if is_hour else "N<="
    tokens = [token for token in tokens if token[0] not in left_aside]
    kinds = [kind for kind, _ in tokens]
    if re.fullmatch("Qy[>/]y|QD", "".join(kinds)):
        return Partial(days=_winter(tokens))
    if is_night and "WW" in "".join(kinds):
        tokens.insert("".join(kinds).index("WW") + 1, ("/", None))
        kinds = [kind for kind, _ in tokens]
    if kinds.count(">") + kinds.count("/") > 1:
        raise RejectedError("it names more than two days; give a day, or a first and a last day")
    if ">" in kinds or "/" in kinds:
        at = kinds.index(">" if ">" in kinds else "/")
        left, right = _side(tokens[:at], is_local), _side(tokens[at + 1 :], is_local)
        return _range(left, right, published)
    found = _complete(_side(tokens, is_local), published)
    start, end = found.days or (date.min, date.min)
    if is_night:
        # In Arabic and Kurdish "the night of Sunday" may be the one that leads to it.
        start, end = start - _DAY * is_local, end + _DAY
    if found.is_resolved and published:
        end = min(end, published)
    return replace(found, days=(start, end))


def tidy(tokens: list[Token]) -> list[Token]:
    """Tokens without what only links them: "month of", "year", dashes of 05-Jan-22, twin names."""
    written = "".join(kind for kind, _ in tokens)
    kinds = re.sub("(?<=n)V|V(?=n)", "U", written)
    tokens = [(kind, value) for kind, (_, value) in zip(kinds, tokens, strict=True)]
    drop = {at for at, kind in enumerate(kinds) if kind == "x"}
    followers = {"day": "WnD", "month": "M", "year": "y", "week": "", "hour": ""}
    for at, (_, value) in enumerate(tokens[:-1]):
        drop |= {at} if written[at] == "U" and kinds[at + 1] in followers[value] else set()
    # "From" without "to" is the "in" of Kurdish.
    drop |= {at for at, kind in enumerate(kinds) if kind == "<"} if ">" not in kinds else set()
    drop |= {m.start() + 1 for m in re.finditer("[123]>M", kinds)}
    for m in re.finditer("n([>/])M[>/][ny]|(?<!n)M([>/])y", kinds):
        drop |= {at for at in range(*m.span()) if kinds[at] in ">/"}
    for m in re.finditer("(?=M(/?)M)", kinds):
        first, second = m.start(), m.start() + 1 + len(m.group(1))
        if tokens[first][1] != tokens[second][1]:
            raise RejectedError("its two names of the month disagree; correct one of them")
        drop |= set(range(first, second))
    return [token for at, token in enumerate(tokens) if at not in drop]


def _side(tokens: list[Token], is_local: bool) -> Partial:
    """Partial date of one side of a range, or of the whole text."""
    kinds = "".join(kind for kind, _ in tokens)
    weekdays = [value for kind, value in tokens if kind == "W"]
    weekday = weekdays[0] if weekdays else None
    if kinds.count("W") > 1:
        raise RejectedError("it names two weekdays; give the day of the month")
    rest = [token for token in tokens if token[0] != "W"]
    kinds = "".join(kind for kind, _ in rest)
    if kinds == "" and weekday is not None:
        return Partial(weekday=weekday)
    if kinds == "D":
        numeric: Partial = rest[0][1]
        return replace(numeric, weekday=weekday)
    if kinds == "nny":
        found = read_day_month(" ".join(str(value) for _, value in rest), is_local, None)
        return replace(found, weekday=weekday)
    if kinds in ("Qy", "yQ"):
        years = [value for kind, value in rest if kind == "y"]
        return Partial(days=part_of_year(rest[kinds.index("Q")][1], _gregorian(years[0])))
    thirds = _THIRDS.get(kinds[:1])
    order = _SHAPES.get(kinds[1:] if thirds else kinds)
    if order is None or (thirds and order not in ("m", "my")):
        raise RejectedError("it is not understood as a whole; write the day as 2021-10-28")
    parts = dict(zip(order, (value for _, value in rest[bool(thirds) :]), strict=True))
    calendar, month = parts.get("m", ("gregorian", None))
    year = parts.get("y", 2000 + parts["Y"] if "Y" in parts else None)
    if year is not None:
        written, full = calendar_of(year)
        if month is not None and written != calendar:
            raise RejectedError(f"year {year} and its month are of two calendars; correct one")
        calendar, year = written, full
    return Partial(parts.get("d"), month, year, calendar, weekday, thirds)


def _gregorian(year: int) -> int:
    if calendar_of(year)[0] != "gregorian":
        raise RejectedError(f"part of {year}, a year that is not Gregorian; give the days")
    return year


def _winter(tokens: list[Token]) -> Days:
    """Days of "winter 2020-2021" or "winter 2020-21"."""
    part, years = tokens[0][1], [value for kind, value in tokens if kind == "y"]
    if not years:
        # Read as a month of a year, which it cannot be.
        numeric = tokens[1][1]
        first = numeric.year or 0
        years = [first, first + 1 if numeric.month == (first + 1) % 100 else 0]
    return part_of_year(part, _gregorian(years[0]), years[1])


def _range(left: Partial, right: Partial, published: date | None) -> Partial:
    """Days from one side to the other, each lending the other the month and year it lacks."""
    if left.weekday is not None and right == Partial(weekday=right.weekday):
        last = _complete(right, published)
        if left == Partial(weekday=left.weekday):
            # "Between Monday and Friday": the last Friday, and the Monday before it.
            left = last_weekday(left.weekday, _first_day(last), is_before=False)
    is_year_lent = left.year is None or right.year is None
    if left.month is None and left.day and right.month:
        left = replace(left, month=right.month, calendar=right.calendar)
    if right.month is None and right.day and left.month:
        right = replace(right, month=left.month, calendar=left.calendar)
    if left.year and right.year is None and right.weekday is None:
        right = replace(right, year=left.year, calendar=left.calendar)
        last = _complete(right, published)
        if _first_day(last) < _first_day(_complete(left, published)):
            last = _complete(replace(right, year=left.year + 1), published)
        first = _complete(left, published)
    else:
        last = _complete(right, published)
        if left.month and left.year is None:
            end_year = year_of(_first_day(last), left.calendar)
            first = _complete(replace(left, year=end_year), published)
            if is_year_lent and _first_day(first) > _first_day(last):
                first = _complete(replace(left, year=end_year - 1), published)
        else:
            first = _complete(left, published)
    if first.days is None or last.days is None:
        raise RejectedError("it is not understood as a range; write 2021-10-28/2021-11-10")
    if left.calendar != right.calendar:
        return _agree(first, last)
    return Partial(
        days=(first.days[0], last.days[1]), is_resolved=first.is_resolved or last.is_resolved
    )


def _first_day(found: Partial) -> date:
    return found.days[0] if found.days else date.min


def _complete(found: Partial, published: date | None) -> Partial:
    """Partial date with its days; a missing year is taken from the day of publication."""
    if found.days:
        return found
    if found.day is None and found.month is None and found.year is None:
        if found.weekday is None:
            raise RejectedError("it names no day; write the day as 2021-10-28")
        return last_weekday(found.weekday, published, is_before=False)
    if found.year is None:
        return _latest(found, published)
    if found.day is not None and found.month is None:
        raise RejectedError("it has a day and a year, but no month; write the day as 2021-10-28")
    start, end = days_of(found.year, found.month, found.day, calendar=found.calendar)
    if found.thirds:
        first, last = found.thirds
        start, end = start + (first - 1) * _DAY, min(end, start + (last - 1) * _DAY)
    if found.weekday is not None and found.day is not None and start.weekday() != found.weekday:
        week = [date(2018, 1, 1 + day) for day in range(7)]
        raise RejectedError(
            f"{start.day} {start:%B %Y} is a {start:%A}, not a {week[found.weekday]:%A}; "
            "correct the day or the weekday"
        )
    return replace(found, days=(start, end))


def _latest(found: Partial, published: date | None) -> Partial:
    """Last such day or month that began by the day of publication."""
    if published is None:
        raise RejectedError("it has no year and published_on is not known; give one of them")
    if found.month is None:
        raise RejectedError("it has no month; write the day as 2021-10-28")
    this_year = year_of(published, found.calendar)
    for year in range(this_year, this_year - 9, -1):
        try:
            start, _ = days_of(year, found.month, found.day, calendar=found.calendar)
        except ValueError:
            continue
        if start <= published:
            return replace(_complete(replace(found, year=year), published), is_resolved=True)
    raise RejectedError("there is no such day in any year; correct the date")


def _same(left: list[Token], right: list[Token], published: date | None, is_local: bool) -> Partial:
    """One day written in two calendars."""
    return _agree(
        _complete(_side(left, is_local), published), _complete(_side(right, is_local), published)
    )


def _agree(first: Partial, second: Partial) -> Partial:
    """The Gregorian reading of two, if the other calendar's is at most a day away."""
    if first.days is None or second.days is None or first.days[0] != first.days[1]:
        raise RejectedError("its two calendars do not name one day; give the Gregorian day")
    if abs(first.days[0] - second.days[0]) > _DAY:
        raise RejectedError(
            f"its two calendars disagree ({first.days[0]} and {second.days[0]}); correct one"
        )
    return first if first.calendar == "gregorian" else second
