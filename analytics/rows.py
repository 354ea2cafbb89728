"""The rules that every row must keep, each with its reason; the first one broken is reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from analytics.reading import BROKEN, LINE, ROW, Bounds
from analytics.reference import governorate_codes
from analytics.schema import RECORD
from analytics.sources.mapping import COUNTRY, IS_END_GIVEN, MANY, PRECISION, TEXT, WHY
from analytics.typed import LENGTH

CASUALTIES_OF = ("victims", "is", "both")
_Fault = tuple[str, ir.BooleanValue, str | ir.StringValue]
_KIND = {column.name: column.kind for column in RECORD}
_TOTALS = ("aggregate", "total", "running total", "summary", "statistic", "trend", "causal trend",
           "uncounted arrests")  # fmt: skip
_LONGEST_COUNT_DAYS = 7
_RECONCILE = "state it in a table of totals, for 'analytics reconcile'"
_NOT_A = {
    "day": "is not a day; write it as 2017-10-16",
    "integer": f"is not a whole number up to {MANY}; write it in digits, or leave it empty",
    "number": "is not a number; write decimal degrees, or leave it empty",
    "code": "is not a governorate of Iraq that is known; write its ISO code, as IQ-KI",
}


@dataclass(frozen=True)
class Rule:
    """A rule: the column it is about, which rows keep it, what the others hold, and what to do.

    Parameters
    ----------
    column : str
    is_kept : ibis truth column
        Never empty.
    value : ibis text column
        The value at fault, as read.
    reason : ibis text column
        The rule and the remedy.
    """

    column: str
    is_kept: ir.BooleanValue
    value: ir.StringValue
    reason: ir.StringValue


def row_rules(
    table: ir.Table,
    *,
    earliest: date,
    latest: date,
    bounds: Mapping[str, Bounds] = MappingProxyType({}),
) -> list[Rule]:
    """Return the rules that apply to a table's columns, in the order in which they are tried.

    Parameters
    ----------
    table : ibis Table
        Records in draft, resolved; or any table in the columns of `analytics.schema.RECORD`.
    earliest, latest : date
        Plausible days, inclusive.
    bounds : mapping of column to Bounds
        What the file says about whole columns; a rule that no row can break is left out.

    Notes
    -----
    A row is a row of its table; it lies in Iraq; ``report_id`` and ``date_start`` are there; what
    should be a day, a number or a governorate is one; ``date_end`` is not before ``date_start``;
    both, and ``published_on``, are plausible days (an interval may reach past ``latest`` only where
    its end was not stated); figures are whole, from 0 (``n_incidents`` from 1) to a million;
    coordinates are degrees; ``casualties_of`` is a code of ours. A total over a period is no
    record: neither a row whose ``kind`` says so, nor a report of several incidents in over a week.
    """
    there = set(table.columns)
    filled = {column for column, known in bounds.items() if not known.n_empty}
    found: list[_Fault] = []
    reason: str | ir.StringValue
    if BROKEN in there:
        found.append((BROKEN, table[BROKEN].isnull(), table[BROKEN].fill_null("")))
    if COUNTRY in there:
        found.append((COUNTRY, table[COUNTRY].isnull(), "is not Iraq; leave the row out"))
    if PRECISION in there:
        reason = "is no code of precision that the source is known to use; correct it"
        found.append((PRECISION, table[PRECISION].isnull(), reason))
    if "report_id" in there and not _is_within(bounds, "report_id", "!", None, is_filled=True):
        is_given = table.report_id.cast("string").fill_null("") != ""
        found.append(("report_id", is_given, "is empty; give every report an id"))
    for column in (c for c in table.columns if TEXT + c in there):
        reason = _NOT_A[_KIND[column]]
        if WHY + column in there:
            reason = table[WHY + column].fill_null(reason)
        found.append((column, table[TEXT + column].isnull(), reason))
    if not _is_within(bounds, "date_start", None, None, is_filled=True):
        reason = "is empty; give the day, or an interval of days"
        found.append(("date_start", table.date_start.notnull(), reason))
    found += _day_rules(table, earliest, latest, bounds)
    found += _value_rules(table, bounds)
    found += _total_rules(table, bounds)
    return [
        Rule(
            {BROKEN: "", COUNTRY: "country", PRECISION: "precision"}.get(column, column),
            is_kept if _reads(table, column) <= filled else is_kept.fill_null(True),
            _shown(table, column),
            ibis.literal(reason) if isinstance(reason, str) else reason,
        )
        for column, is_kept, reason in found
    ]


def keep_sound(table: ir.Table, rules: list[Rule]) -> ir.Table:
    """Return the rows that keep every rule."""
    # One filter a rule: as one expression joined by "or", it would take three times as long.
    return table.filter([rule.is_kept for rule in rules]) if rules else table


def list_faults(table: ir.Table, rules: list[Rule], file: str) -> ir.Table:
    """Return the rows that break a rule, as `analytics.schema.REJECTED` declares them."""

    def first(part: str) -> ir.Value:
        branches = [(~rule.is_kept, getattr(rule, part)) for rule in rules]
        return ibis.cases(*branches) if branches else ibis.null("string")

    return table.filter(~ibis.and_(*(rule.is_kept for rule in rules))).select(
        file=ibis.literal(file),
        row=table[ROW].cast("int64"),
        column=first("column"),
        value=first("value"),
        reason=first("reason"),
    )


def _day_rules(
    table: ir.Table, earliest: date, latest: date, bounds: Mapping[str, Bounds]
) -> list[_Fault]:
    """Rules on days: in order, and plausible."""
    start, end = table.date_start.cast("date"), table.date_end.cast("date")
    before = f"lies before {earliest}, the first day that is plausible; correct it"
    after = f"lies after {latest}; a record cannot be of the future: correct it"
    rules: list[_Fault] = []
    if not _is_within(bounds, LENGTH, 0, None):
        reason = "lies before date_start; swap or correct the two days"
        rules.append(("date_end", end >= start, reason))
    if not _is_within(bounds, "date_start", earliest, None):
        rules.append(("date_start", start >= earliest, before))
    if not _is_within(bounds, "date_start", None, latest):
        rules.append(("date_start", start <= latest, after))
    if not _is_within(bounds, "date_end", None, latest):
        is_late = end > latest
        if IS_END_GIVEN in table.columns:
            is_late &= table[IS_END_GIVEN] | (start > latest)
        rules.append(("date_end", ~is_late, after))
    is_sure = _is_within(bounds, "published_on", None, latest)
    if "published_on" in table.columns and not is_sure:
        rules.append(("published_on", table.published_on.cast("date") <= latest, after))
    return rules


def _value_rules(table: ir.Table, bounds: Mapping[str, Bounds]) -> list[_Fault]:
    """Rules on codes and figures."""
    there = set(table.columns)
    rules: list[_Fault] = []
    known = bounds.get("governorate")
    is_sure = known is not None and known.are_codes
    if "governorate" in there and TEXT + "governorate" not in there and not is_sure:
        # As bare a test as can be: an engine looks a plain column up in a list by its dictionary.
        is_filled = known is not None and not known.n_empty
        code = table.governorate if is_filled else table.governorate.fill_null("")
        is_known = code.isin([*governorate_codes(), ""])
        rules.append(("governorate", is_known, _NOT_A["code"]))
    for column in ("killed", "wounded", "abducted", "arrested", "n_incidents"):
        least = 1 if column == "n_incidents" else 0
        if column in there and not _is_within(bounds, column, least, MANY):
            is_inside = table[column].between(least, MANY)
            reason = f"is not a number from {least} to {MANY}; correct it, or leave it empty"
            rules.append((column, is_inside, reason))
    for column, limit in (("latitude", 90), ("longitude", 180)):
        if column in there and not _is_within(bounds, column, -limit, limit):
            # In a table of numbers, NaN is how some writers leave a cell empty.
            is_inside = table[column].between(-limit, limit)
            if table[column].type().is_floating():
                is_inside |= table[column].isnan()
            reason = f"is not within {limit} degrees; correct it, or leave it empty"
            rules.append((column, is_inside, reason))
    if "casualties_of" in there:
        is_code = table.casualties_of.fill_null("").isin([*CASUALTIES_OF, ""])
        reason = f"is not one of {', '.join(CASUALTIES_OF)}; correct it, or leave it empty"
        rules.append(("casualties_of", is_code, reason))
    return rules


def _total_rules(table: ir.Table, bounds: Mapping[str, Bounds]) -> list[_Fault]:
    """Rules that keep totals over a period out of the count."""
    there = set(table.columns)
    rules: list[_Fault] = []
    if "kind" in there and table.kind.type().is_string():
        is_total = table.kind.lower().strip().isin(_TOTALS).fill_null(False)
        rules.append(("kind", ~is_total, f"is no incident; {_RECONCILE}"))
    if "n_incidents" in there and not _is_within(bounds, "n_incidents", 1, 1):
        start, end = table.date_start.cast("date"), table.date_end.cast("date")
        is_long = end.delta(start, unit="day") >= _LONGEST_COUNT_DAYS
        is_total = (table.n_incidents > 1) & is_long
        if "one_row_is" in there:
            is_total &= table.one_row_is.fill_null("report") != "event"
        reason = f"incidents in more than {_LONGEST_COUNT_DAYS} days are a total; {_RECONCILE}"
        rules.append(("n_incidents", ~is_total.fill_null(False), reason))
    return rules


def _is_within(
    bounds: Mapping[str, Bounds],
    column: str,
    lowest: float | str | date | None,
    highest: float | str | date | None,
    *,
    is_filled: bool = False,
) -> bool:
    """Whether a file says that no value of a column lies outside, nor, if asked, is empty."""
    known = bounds.get(column)
    if known is None or (is_filled and known.n_empty):
        return False
    return (lowest is None or known.lowest >= lowest) and (
        highest is None or known.highest <= highest
    )


def _reads(table: ir.Table, column: str) -> set[str]:
    """The columns that a rule on a column looks at."""
    if TEXT + column in table.columns or column not in _KIND:
        return {TEXT + column}
    return {"date_start", column} if column == "date_end" else {column}


def _shown(table: ir.Table, column: str) -> ir.StringValue:
    """The value at fault as text: as it was read, where that is known."""
    value = table[LINE if column == BROKEN else column].cast("string")
    if TEXT + column in table.columns:
        value = ibis.coalesce(table[TEXT + column], value)
    return value.fill_null("")
