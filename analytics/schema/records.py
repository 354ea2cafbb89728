"""Records and series: the tables before any model."""

from __future__ import annotations

from analytics.schema.columns import Column

RECORD: tuple[Column, ...] = (
    Column("report_id", "text", "", "one source's account of one incident"),
    Column("incident_id", "text", "", "shared by reports of the same incident"),
    Column("date_start", "day", "", "first day on which the incident may have happened"),
    Column("date_end", "day", "", "last such day, inclusive"),
    Column("published_on", "day", "", "day the report was published"),
    Column("governorate", "code", "", "ISO 3166-2 code, e.g. IQ-KI"),
    Column("district", "text", "", "standard English name of the district"),
    Column("place", "text", "", "place as printed"),
    Column("latitude", "number", "degrees north", "WGS 84"),
    Column("longitude", "number", "degrees east", "WGS 84"),
    Column("event_type", "text", "", "kind of event, as the source codes it"),
    Column("perpetrator", "text", "", "IS, or the name as printed"),
    Column(
        "attribution", "text", "", "who says that it was them: claimed, official, suspected, ..."
    ),
    Column("target", "text", "", "who or what was attacked; several parted by semicolons"),
    Column("killed", "integer", "persons", "best figure"),
    Column("wounded", "integer", "persons", "best figure"),
    Column("abducted", "integer", "persons", "best figure"),
    Column("arrested", "integer", "persons", "best figure"),
    Column("casualties_of", "code", "", "whose casualties the figures are: victims, is, both"),
    Column("n_incidents", "integer", "incidents", "1, or more where a row is already a count"),
    Column("source_url", "text", "", "address of the report"),
    Column("one_row_is", "code", "", "event: merged by the source's makers; else a report"),
    Column("confidence", "text", "", "confidence in the date: ok, low"),
)
"""A record: one source's report of one incident (or of a number of them)."""

REJECTED: tuple[Column, ...] = (
    Column("file", "text", "", "name of the file"),
    Column("row", "integer", "", "row number in the file, the header being row 1"),
    Column("column", "text", "", "column at fault"),
    Column("value", "text", "", "value as read"),
    Column("reason", "text", "", "the rule it breaks and the remedy"),
)
"""A rejected row: one row per rejected record, with the first rule it breaks."""

SERIES: tuple[Column, ...] = (
    Column("period_start", "day", "", "first calendar day of the period"),
    Column("period_days", "integer", "days", "days of the period inside the window (exposure)"),
    Column("count", "number", "incidents or persons", "expected count; empty if not covered"),
    Column("count_min", "number", "incidents or persons", "certain: intervals wholly inside"),
    Column("count_max", "number", "incidents or persons", "possible: intervals that touch"),
    Column("count_var", "number", "squared", "variance of the count due to interval dates"),
    Column("is_complete", "truth", "", "whole, over, and past the reporting delay"),
    Column("is_covered", "truth", "", "the source observed this period"),
)
"""A series: regular, sorted, gap-free, unique on (group, period_start); the group column, where
there is one, stands first and is named for what it groups by (governorate, zone, ...)."""

CHANGES: tuple[Column, ...] = (
    Column("group", "text", "", "group of the cell; empty where the series has none"),
    Column("period_start", "day", "", "first day of the cell's period"),
    Column("reason", "code", "", "late, added, corrected, merged, split, recoded, ..."),
    Column("change", "number", "incidents or persons", "later count less earlier count"),
    Column("earlier_ids", "text", "", "incidents of the earlier report, by semicolons"),
    Column("later_ids", "text", "", "incidents of the later report, by semicolons"),
)
"""What changed between two reports of one series: one row is a family of incidents in a cell."""

WATERFALL: tuple[Column, ...] = (
    Column("reason", "code", "", "earlier, a reason of the changes, ..., later"),
    Column("change", "number", "incidents or persons", "what the reason adds to the total"),
    Column("total_after", "number", "incidents or persons", "total with this reason in it"),
    Column("n_incidents", "integer", "incidents", "families of incidents that changed"),
)
"""The way from an earlier total to a later one; the changes add up."""

DIFFERENCES: tuple[Column, ...] = (
    Column("series", "text", "", "name of the series; empty for a fact of a record"),
    Column("where", "text", "", "cell (group, first day), or the incident or report"),
    Column("what", "text", "", "count, count_min, ..., records; or a column of a record"),
    Column("was", "text", "", "as the report has it; empty where it was not there"),
    Column("now", "text", "", "as the records give it; empty where it is not there"),
    Column("gained", "text", "", "records the cell holds besides, by semicolons"),
    Column("lost", "text", "", "records the cell holds no longer, by semicolons"),
)
"""Where two reports' data differ: one row is a number of a cell, or a fact of a record."""

BAND: tuple[Column, ...] = (
    Column("count_fewest", "number", "incidents or persons", "every possible merge made"),
    Column("count_most", "number", "incidents or persons", "no reports merged"),
)
"""What a series has beside, where its incidents were merged from reports."""

RECONCILED: tuple[Column, ...] = (
    Column("known_min", "integer", "incidents or persons", "inside for certain, all merged"),
    Column("known_best", "integer", "incidents or persons", "known in the days and place"),
    Column("known_max", "integer", "incidents or persons", "may be inside, none merged"),
    Column("missed_min", "integer", "incidents or persons", "missing at the least"),
    Column("coverage_share", "number", "share", "known_best / value"),
    Column("outcome", "code", "", "missed, consistent, contradiction, not comparable"),
    Column("reason", "text", "", "why it is a contradiction, or not comparable"),
)
"""What a stated total becomes beside the known incidents; its own columns stand before these."""
