"""The rules that every row must keep, each with its reason; the first one broken is reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir

from analytics.reading import BROKEN, LINE, ROW
from analytics.reference import load_governorates
from analytics.schema import RECORD
from analytics.sources.mapping import COUNTRY, MANY, TEXT
from analytics.sources.resolution import IS_END_GIVEN, WHY

CASUALTIES_OF = ("victims", "is", "both")
_KIND = {column.name: column.kind for column in RECORD}
_NOT_A = {
    "day": "is not a day; write it as 2017-10-16",
    "integer": f"is not a whole number up to {MANY}; write it in digits, or leave it empty",
    "number": "is not a number; write decimal degrees, or leave it empty",
    "code": "is not a governorate of Iraq that is known; write its ISO code, as IQ-KI",
}


@dataclass(frozen=True)
class Rule:
    """A rule: the column it is about, which rows break it, what they hold, and what to do.

    Parameters
    ----------
    column : str
    is_broken : ibis truth column
        Never empty.
    value : ibis text column
        The value at fault, as read.
    reason : ibis text column
        The rule and the remedy.
    """

    column: str
    is_broken: ir.BooleanValue
    value: ir.StringValue
    reason: ir.StringValue


def row_rules(table: ir.Table, *, earliest: date, latest: date) -> list[Rule]:
    """Return the rules that apply to a table's columns, in the order in which they are tried.

    Parameters
    ----------
    table : ibis Table
        Records in draft, resolved; or any table in the columns of `analytics.schema.RECORD`.
    earliest, latest : date
        Plausible days, inclusive.

    Notes
    -----
    A row is a row of its table; it lies in Iraq; ``report_id`` and ``date_start`` are there; what
    should be a day, a number or a governorate is one; ``date_end`` is not before ``date_start``;
    both, and ``published_on``, are plausible days (an interval may reach past ``latest`` only where
    its end was not stated); figures are whole, from 0 (``n_incidents`` from 1) to a million;
    coordinates are degrees; ``casualties_of`` is a code of ours.
    """
    there = set(table.columns)
    found: list[tuple[str, ir.BooleanValue, str | ir.StringValue]] = []
    if BROKEN in there:
        found.append((BROKEN, table[BROKEN].notnull(), table[BROKEN].fill_null("")))
    if COUNTRY in there:
        found.append((COUNTRY, table[COUNTRY].notnull(), "is not Iraq; leave the row out"))
    if "report_id" in there:
        missing = table.report_id.cast("string").fill_null("") == ""
        found.append(("report_id", missing, "is empty; give every report an id"))
    for column in (c for c in table.columns if TEXT + c in there):
        reason: str | ir.StringValue = _NOT_A[_KIND[column]]
        if WHY + column in there:
            reason = table[WHY + column].fill_null(reason)
        found.append((column, table[TEXT + column].notnull(), reason))
    found.append(
        ("date_start", table.date_start.isnull(), "is empty; give the day, or an interval of days")
    )
    found += _day_rules(table, earliest, latest)
    found += _value_rules(table)
    return [
        Rule(
            {BROKEN: "", COUNTRY: "country"}.get(column, column),
            is_broken.fill_null(False),
            _shown(table, column),
            ibis.literal(reason) if isinstance(reason, str) else reason,
        )
        for column, is_broken, reason in found
    ]


def any_broken(rules: list[Rule]) -> ir.BooleanValue:
    """Return whether a row breaks any rule."""
    return ibis.or_(*(rule.is_broken for rule in rules))


def list_faults(table: ir.Table, rules: list[Rule], file: str) -> ir.Table:
    """Return the rows that break a rule, as `analytics.schema.REJECTED` declares them."""

    def first(part: str) -> ir.Value:
        return ibis.cases(*((rule.is_broken, getattr(rule, part)) for rule in rules))

    return table.filter(any_broken(rules)).select(
        file=ibis.literal(file),
        row=table[ROW].cast("int64"),
        column=first("column"),
        value=first("value"),
        reason=first("reason"),
    )


def _day_rules(
    table: ir.Table, earliest: date, latest: date
) -> list[tuple[str, ir.BooleanValue, str | ir.StringValue]]:
    start, end = table.date_start.cast("date"), table.date_end.cast("date")
    before = f"lies before {earliest}, the first day that is plausible; correct it"
    after = f"lies after {latest}; a record cannot be of the future: correct it"
    is_late = end > latest
    if IS_END_GIVEN in table.columns:
        is_late &= table[IS_END_GIVEN] | (start > latest)
    rules: list[tuple[str, ir.BooleanValue, str | ir.StringValue]] = [
        ("date_end", end < start, "lies before date_start; swap or correct the two days"),
        ("date_start", start < earliest, before),
        ("date_start", start > latest, after),
        ("date_end", is_late, after),
    ]
    if "published_on" in table.columns:
        rules.append(("published_on", table.published_on.cast("date") > latest, after))
    return rules


def _value_rules(table: ir.Table) -> list[tuple[str, ir.BooleanValue, str | ir.StringValue]]:
    there = set(table.columns)
    rules: list[tuple[str, ir.BooleanValue, str | ir.StringValue]] = []
    if "governorate" in there and TEXT + "governorate" not in there:
        codes = load_governorates()["governorate"].tolist()
        is_known = table.governorate.isin([*codes, ""])
        rules.append(("governorate", ~is_known, _NOT_A["code"]))
    for column in ("killed", "wounded", "abducted", "arrested", "n_incidents"):
        least = 1 if column == "n_incidents" else 0
        if column in there:
            is_outside = (table[column] < least) | (table[column] > MANY)
            reason = f"is not a number from {least} to {MANY}; correct it, or leave it empty"
            rules.append((column, is_outside, reason))
    for column, limit in (("latitude", 90), ("longitude", 180)):
        if column in there:
            # Comparing with "not between" would let a NaN pass.
            is_inside = table[column].between(-limit, limit) | table[column].isnull()
            reason = f"is not within {limit} degrees; correct it, or leave it empty"
            rules.append((column, ~is_inside, reason))
    if "casualties_of" in there:
        is_code = table.casualties_of.isin([*CASUALTIES_OF, ""])
        reason = f"is not one of {', '.join(CASUALTIES_OF)}; correct it, or leave it empty"
        rules.append(("casualties_of", ~is_code, reason))
    return rules


def _shown(table: ir.Table, column: str) -> ir.StringValue:
    """The value at fault as text: as it was read, where that is known."""
    value = table[LINE if column == BROKEN else column].cast("string")
    if TEXT + column in table.columns:
        value = ibis.coalesce(table[TEXT + column], value)
    return value.fill_null("")
