"""Days that are named from the day of publication: yesterday, last week, two months ago."""

from __future__ import annotations

import re
from datetime import date, timedelta

from analytics.dates.calendars import Days, days_of
from analytics.dates.words import Partial, RejectedError, Token, tokenise
from analytics.letters import fold_letters

_DAY = timedelta(days=1)
# Forms as signatures (see Token): a ago, l last, p past, h this, Y and H last and this year.
_AGO = re.compile(r"a?n?U|n?Ua|a?P|Pa")
_SPAN = re.compile(r"[lph]n?U|n?U[lph]|Un[lp]|[lp]P|P[lp]|[YH]")

# "The 12th of last month", "December of last year": units told from publication, and how far back.
_TOLD = [
    (re.compile(rf"(?<=\b{fold_letters(link)}) ?(?:{fold_letters(phrase)})$"), unit, back)
    for unit, back, link, phrase in [
        ("month", 0, "من", "الشهر (?:الجاري|الحالي)|هذا الشهر"),
        ("month", 1, "من", "الشهر (?:الماضي|المنصرم|الفائت)"),
        ("year", 0, "من", "العام (?:الجاري|الحالي)|هذا العام|السنة الجارية"),
        ("year", 1, "من", "العام (?:الماضي|المنصرم)|السنة الماضية"),
        ("month", 0, "of", "this month"),
        ("month", 1, "of", "last month"),
        ("year", 0, "of", "this year"),
        ("year", 1, "of", "last year"),
        ("month", 0, "", "(?<=[0-9]ی) ئەم مانگە?"),
        ("month", 1, "", "(?<=[0-9]ی) مانگی (?:ڕابردوو|پێشوو)"),
        # Beside the name of the month, which has to be that of publication.
        ("month", 0, "", " (?:الجاري|الحالي)"),
    ]
]
# What they may stand beside: a day, a month, a quarter. "The end of last month" is a span.
_BESIDE = set("nMQ")
_APPROXIMATE = ["about", "around", "approximately", "نحو", "حوالي", "قرابة", "نزیکەی"]
_ABOUT = re.compile(rf"\b(?:{'|'.join(map(fold_letters, _APPROXIMATE))}) ")


def tell_units(text: str, published: date | None) -> tuple[str, bool, bool]:
    """Text with a month or year that it tells from publication named; whether it tells one.

    The third is whether it says "about", which is left out of the text.

    Examples
    --------
    >>> tell_units("12 of last month", date(2022, 1, 19))
    ('12 of december 2021', True, False)
    """
    folded = fold_letters(text)
    exact = _ABOUT.sub("", folded)
    is_about = exact != folded
    for pattern, unit, back in _TOLD:
        match = pattern.search(exact)
        before = exact[: match.start()] if match else ""
        kinds = [kind for kind, _ in tokenise(before, None) if kind != "<"] if before else []
        if kinds and kinds[-1] in _BESIDE:
            day = _shift(need(published), unit, -back)
            named = f"{day:%B %Y}".lower() if unit == "month" else str(day.year)
            return f"{before} {named}", True, is_about
    return exact if is_about else text, False, is_about


def read_relative(tokens: list[Token], published: date | None, is_local: bool) -> Partial | None:
    """Interval of a relative form, or None where the text is not one."""
    signature = "".join(kind for kind, _ in tokens)
    weekday: int | None = next((value for kind, value in tokens if kind == "W"), None)
    if re.fullmatch("[as]?1(hU|Uh|H)|[as]1U", signature):
        # "Since the start of the year", which "early this year" may also reach into.
        signature = "H" if "H" in signature else "hU"
    if re.fullmatch("[123]([lph]U|U[lph])|([lph]U|U[lph])[123]", signature):
        # "Late last week": which days are late differs, so all of them.
        tokens = [token for token in tokens if token[0] not in "123"]
        signature = re.sub("[123]", "", signature)
    if re.fullmatch("[lph]?w|w[lph]", signature):
        return _last_weekend(need(published), is_local, is_before="l" in signature)
    if re.fullmatch("hQ|Qh", signature):
        return _this_part(next(value for kind, value in tokens if kind == "Q"), need(published))
    if re.fullmatch(r"[teLb]?W?[teLb]|[teLb]W", signature) or signature in ("N", "Nt", "tN"):
        spans = {"t": (0, 0), "e": (-1, -1), "L": (-1, 0), "N": (-1, 0), "b": (-2, -2)}
        span = spans[next(kind for kind in signature if kind in spans)]
    elif re.fullmatch(r"Ne|eN", signature):
        span = (-1, 0)
    elif weekday is not None and re.fullmatch(r"W|h?W|[lp]W|W[lp]", signature):
        return last_weekday(weekday, published, is_before="l" in signature or "p" in signature)
    elif weekday is not None and re.fullmatch("N?[lp]W|N?W[lp]|[lp]WN|W[lp]N|[lp]NW", signature):
        day = need(published)
        start, end = last_weekday(weekday, published, is_before=True).days or (day, day)
        return Partial(days=(start - _DAY * is_local, min(end + _DAY, day)), is_resolved=True)
    elif ("a" in signature and _AGO.fullmatch(signature)) or _SPAN.fullmatch(signature):
        day = need(published)
        return Partial(days=_units(tokens, signature, day), is_resolved=True)
    else:
        return None
    day = need(published)
    days = day + span[0] * _DAY, day + span[1] * _DAY
    if weekday is not None and days[0].weekday() != weekday:
        raise RejectedError(f"{days[0]} is a {days[0]:%A}; correct the word or the weekday")
    return Partial(days=days, is_resolved=True)


def _units(tokens: list[Token], signature: str, day: date) -> Days:
    """Days of "two months ago", "last week", "past three days"."""
    unit = next((value for kind, value in tokens if kind in "UP"), "year")
    number = next((value for kind, value in tokens if kind == "n"), 2 if "P" in signature else 1)
    before = day - _DAY
    is_counted = "n" in signature or "P" in signature
    if unit == "hour":
        return (day - -(-number // 24) * _DAY), day
    if "a" in signature:
        if unit == "day":
            return (day - number * _DAY,) * 2
        middle, (start, end) = _shift(day, unit, -number), (day, day)
        half = {"week": 3, "month": 15, "year": 182}[unit] * _DAY
        start, end = _unit_around(middle, unit)
        return min(start, middle - half), min(max(end, middle + half), before)
    if "h" in signature or "H" in signature:
        return _unit_around(day, unit)[0], day
    if is_counted or "p" in signature or unit == "day":
        rolling = {"day": 1, "week": 7, "month": 30, "year": 365}[unit]
        return day - number * rolling * _DAY, before
    start, end = _unit_around(_shift(day, unit, -1), unit)
    return (min(start, day - 7 * _DAY), before) if unit == "week" else (start, end)


def _shift(day: date, unit: str, number: int) -> date:
    """Day a number of units away; the last of a shorter month."""
    if unit == "week":
        return day + 7 * number * _DAY
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1)
    end = days_of(months // 12, months % 12 + 1)[1]
    return end.replace(day=min(day.day, end.day))


def _unit_around(day: date, unit: str) -> Days:
    """Calendar unit that holds a day; a week may run from Sunday or from Monday."""
    if unit == "week":
        starts = day - day.weekday() * _DAY, day - (day.weekday() + 1) % 7 * _DAY
        return min(starts), max(starts) + 6 * _DAY
    if unit == "month":
        return days_of(day.year, day.month)
    return days_of(day.year) if unit == "year" else (day, day)


def _last_weekend(day: date, is_local: bool, *, is_before: bool) -> Partial:
    """Friday and Saturday, the weekend of Iraq; a report in Latin script may mean Sunday too."""
    length = 1 if is_local else 2
    friday = day - (day.weekday() - 4) % 7 * _DAY
    friday -= 7 * _DAY if is_before and day <= friday + length * _DAY else 0 * _DAY
    return Partial(days=(friday, min(friday + length * _DAY, day)), is_resolved=True)


def part_of_year(part: str, year: int, last_year: int | None = None) -> Days:
    """Days of a quarter, half or season; a winter needs both of its years."""
    start, end = part.split("/")
    if (end < start) != (last_year is not None) or (last_year and last_year - year != 1):
        raise RejectedError("it may be of two winters; write winter 2020-2021")
    return date.fromisoformat(f"{year}-{start}"), date.fromisoformat(f"{last_year or year}-{end}")


def _this_part(part: str, day: date) -> Partial:
    """The season (or quarter) that runs, or the one of this year that is over."""
    start, end = part.split("/")
    for year in (day.year, day.year - 1):
        first, last = part_of_year(part, year, year + 1 if end < start else None)
        if first <= day and (year == day.year or day <= last):
            return Partial(days=(first, min(last, day)), is_resolved=True)
    raise RejectedError("it lies after the day of publication; correct one of the two")


def last_weekday(weekday: int, published: date | None, *, is_before: bool) -> Partial:
    """Last such weekday up to (or before) publication."""
    day = need(published) - _DAY * is_before
    day -= (day.weekday() - weekday) % 7 * _DAY
    return Partial(days=(day, day), is_resolved=True)


def need(published: date | None) -> date:
    """Day of publication, or the reason why the text cannot be resolved."""
    if published is None:
        raise RejectedError("it is relative and published_on is not known; give published_on")
    return published
