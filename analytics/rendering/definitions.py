"""Report definitions: small YAML files, checked against their notebook before anything starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from analytics.editions import load_edition
from analytics.errors import FileError, ParameterError
from analytics.rendering.parameters import check_parameters, find_files, load_parameters
from analytics.rendering.period import LENGTHS, Period, find_coverage, reach_of_records
from analytics.rendering.plain_yaml import read_mapping
from analytics.rendering.spread import fill, spread_values
from analytics.rendering.static import STATIC

FORMATS = ("html", "pdf", STATIC, "ipynb")
"""What a report can be written as; ``static.html`` has no script, ``ipynb`` is the notebook run."""
DEFAULT_FORMATS = ("html", "pdf")

LANGUAGES = ("en", "ar", "ckb")
"""Languages a report can be written in (BCP 47)."""

_REQUIRED = ("title", "notebook")
_KEYS = (
    *_REQUIRED,
    *("period", "history", "covers", "for_each", "data", "parameters", "languages", "formats"),
    *("edition", "static"),
)


@dataclass(frozen=True)
class Definition:
    """A report to be rendered: which notebook, with which data and parameters.

    Parameters
    ----------
    name : str
        Stem of the files written: that of the definition's file, then period and place.
    title : str
        Title in English, with the placeholders of ``values``; the catalogues translate it.
    notebook : Path
        Notebook with one cell tagged ``parameters``.
    parameters : Mapping
        Values for the notebook's parameters, dates as ISO strings.
    data : tuple of Path
        Input files, hashed into the manifest and given to the notebook's parameter ``data``.
    languages, formats : tuple of str
        Empty where the definition leaves the choice to the caller.
    series : str
        Stem of the definition's file, which all its periods and places share.
    values : Mapping
        What one report of a series stands for: ``period`` (its label) and the parameters of
        ``for_each``, as codes; they fill the title in the words of each language.
    remark : str
        What the user should know of the choice of the period; empty if nothing.
    edition : {"internal", "partner", "public"}
        To whom the report may go (`analytics.editions`).
    """

    name: str
    title: str
    notebook: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[Path, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    series: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""
    edition: str = "internal"

    def with_static(self) -> Definition:
        """Return the definition with the static edition among its formats."""
        return replace(self, formats=(*(self.formats or DEFAULT_FORMATS), STATIC))

    def release(self, edition: str) -> Definition:
        """Return the definition of another edition; its files are named for it.

        Raises
        ------
        ParameterError
            If there is no such edition, or the notebook has no parameter for it.
        """
        load_edition(edition)
        declared = {parameter.name for parameter in load_parameters(self.notebook)}
        if edition != "internal" and "edition" not in declared:
            raise ParameterError(
                f"{self.name}: edition {edition}",
                f"is no parameter of {self.notebook.name}, which would leave nothing out",
                'Declare edition = "internal" in the notebook and give it to select_incidents',
            )
        stem = self.name.removesuffix(f".{self.edition}")
        name = stem if edition == "internal" else f"{stem}.{edition}"
        return replace(self, name=name, edition=edition)


def load_definition(
    path: str | Path, *, period: str | None = None, today: date | None = None
) -> Definition:
    """Return the one report that a YAML file defines; the first, where it defines several.

    As `load_definitions`, which says more.
    """
    return load_definitions(path, period=period, today=today)[0]


def load_definitions(
    path: str | Path,
    *,
    period: str | None = None,
    today: date | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
) -> list[Definition]:
    """Return the reports that a YAML file defines, checked against their notebook.

    Nothing is run. Paths in the file are relative to the file; days may be written without
    quotes and stay ISO strings.

    Parameters
    ----------
    path : str or Path
        A YAML file with the keys ``title``, ``notebook`` and, where wanted, ``period``,
        ``history``, ``covers``, ``for_each``, ``data``, ``parameters``, ``languages``,
        ``formats``, ``static`` and ``edition``; ``reports/README.md`` describes them.
    period : str, optional
        A month (2021-12), quarter (2021-Q4) or year, or ``latest`` for the last that is over and
        that the data cover. The definition's own ``period`` stands where none is given: a length
        (``month``, ``quarter``, ``year``) stands for the latest.
    today : date, optional
        For ``latest``; the day of the call.
    only : mapping of str to sequence of str, optional
        Values to keep of the parameters that ``for_each`` goes through.

    Returns
    -------
    list of Definition
        One, or one for each combination of values under ``for_each``.

    Raises
    ------
    FileError
        If the file, its notebook or one of its data files cannot be read.
    ParameterError
        If a key is missing or unknown, or a parameter is unknown, missing or of another type
        than the notebook's default, or there is a period for a report that has none.
    WindowError
        If the period is none, or the data cover none of it.
    """
    path = Path(path)
    where = path.name
    content = _read(path)
    values = content.get("parameters") or {}
    if not isinstance(values, dict):
        raise ParameterError(
            f"{where}: parameters", "must be names with values", "Write one 'name: value' a line"
        )
    notebook = (path.parent / content["notebook"]).resolve()
    data = _find_data(content.get("data"), path)
    declared = load_parameters(notebook)
    chosen, filling, remark = _choose_period(content, period, today, data, where)
    reports = []
    for each in spread_values(content.get("for_each"), only or {}, where):
        stands_for = {**({"period": chosen.label} if chosen else {}), **each}
        given = {**fill(values, {**filling, **each}, where), **each}
        if doubles := sorted(set(values) & set(each)):
            raise ParameterError(f"{where}: {doubles[0]}", "is given twice", "Leave one out")
        check_parameters(given, declared, where=path.stem, notebook=notebook.name)
        given = find_files(given, path.parent, where)
        fill(content["title"], stands_for, f"{where}: title")
        reports.append(
            Definition(
                name=".".join([path.stem, *stands_for.values()]),
                title=content["title"].strip(),
                notebook=notebook,
                parameters=given,
                data=data,
                languages=_choose(content.get("languages"), LANGUAGES, f"{where}: languages"),
                formats=_choose(content.get("formats"), FORMATS, f"{where}: formats"),
                series=path.stem,
                values=stands_for,
                remark=remark,
            )
        )
    if data and ("data" in values or "data" not in {parameter.name for parameter in declared}):
        raise ParameterError(
            f"{where}: data",
            f"must be a parameter of {notebook.name}, and given once",
            "Declare data: list[str] = [] in the notebook and give the files under 'data'",
        )
    edition = str(content.get("edition", "internal"))
    if not isinstance(content.get("static", False), bool):
        raise ParameterError(f"{where}: static", "must be true or false", "Write 'static: true'")
    if content.get("static"):
        reports = [each.with_static() for each in reports]
    return [each if edition == "internal" else each.release(edition) for each in reports]


def is_periodic(path: str | Path) -> bool:
    """Return whether a definition is made anew for each period, and so for the latest one."""
    return _read(Path(path)).get("period") in LENGTHS


def _read(path: Path) -> dict[str, Any]:
    content = read_mapping(path, _KEYS[0])
    for key in content:
        if key not in _KEYS:
            raise ParameterError(
                f"{path.name}: {key}", "is no key of a definition", f"Use {', '.join(_KEYS)}"
            )
    for key in _REQUIRED:
        if not isinstance(content.get(key), str) or not content[key].strip():
            raise ParameterError(
                f"{path.name}: {key}", "must be given as text", f"Add a line such as '{key}: ...'"
            )
    return content


def _choose_period(
    content: Mapping[str, Any],
    given: str | None,
    today: date | None,
    data: Sequence[Path],
    where: str,
) -> tuple[Period | None, dict[str, str], str]:
    """Settle the period, what it fills in, and what is to be said of it."""
    own, history = content.get("period"), content.get("history", 0)
    if own is None:
        if given is None and "history" not in content:
            return None, {}, ""
        raise ParameterError(
            f"{where}: period {given}" if given else f"{where}: history",
            "is given for a report without periods",
            "Leave it out, or add the key 'period: month' to the definition",
        )
    if not isinstance(history, int) or isinstance(history, bool) or history < 0:
        raise ParameterError(
            f"{where}: history {history!r}", "is no number of periods", "Write 'history: 12'"
        )
    today = today or date.today()  # noqa: DTZ011  the reader's own calendar
    own, remark = str(own), ""
    length = own if own in LENGTHS else Period.parse(own).length
    coverage = find_coverage(data, content.get("covers"), where)
    if given == "latest" or (given is None and own in LENGTHS):
        if coverage.end is None and data:
            coverage = reach_of_records(data, today)
        period = coverage.latest(length, today)
        remark = f"the latest complete {length} is {period.label}"
        remark += f": {coverage}" if coverage.end else ""
    else:
        period = Period.parse(given or own)
    first, last = coverage.limit(period)
    if (first, last) != (period.start, period.end):
        remark = f"{period.label} is covered in part only: {coverage}"
    before = period.earlier(history).start
    filling = {
        "period": period.label,
        "period_start": str(first),
        "period_end": str(last),
        "period_length": period.length,
        "history_start": str(max(before, coverage.start) if coverage.start else before),
    }
    return period, filling, f"{where}: {remark}" if remark else ""


def _find_data(given: Any, path: Path) -> tuple[Path, ...]:
    """Files of a definition, its patterns resolved, in the order given."""
    patterns = [given] if isinstance(given, str) else given or []
    if not isinstance(patterns, list) or not all(isinstance(p, str) for p in patterns):
        raise ParameterError(
            f"{path.name}: data", "must be a path or a list of paths", "Write one '- path' a line"
        )
    found: dict[Path, None] = {}
    for pattern in patterns:
        if set("*?[") & set(pattern):
            folder, _, rest = pattern.rpartition("/")
            matches = sorted((path.parent / folder).glob(rest))
        else:
            matches = [path.parent / pattern]
        files = [match.resolve() for match in matches if match.is_file()]
        if not files:
            raise FileError(
                f"{path.name}: data {pattern}",
                "is no file",
                "Give paths relative to the definition",
            )
        found.update(dict.fromkeys(files))
    return tuple(found)


def _choose(given: Any, known: Sequence[str], where: str) -> tuple[str, ...]:
    """Check a list of codes, or one code alone."""
    codes = [given] if isinstance(given, str) else given or []
    for code in codes if isinstance(codes, list) else [codes]:
        if code not in known:
            raise ParameterError(f"{where}: {code}", "is not known", f"Use {', '.join(known)}")
    return tuple(dict.fromkeys(codes))
