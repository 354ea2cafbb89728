"""Report definitions: small YAML files, checked against their notebook before anything starts."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from analytics.errors import FileError, ParameterError
from analytics.rendering.parameters import check_parameters, load_parameters
from analytics.rendering.period import Period

FORMATS = ("html", "pdf", "ipynb")
"""What a report can be written as; ``ipynb`` is the executed notebook."""

LANGUAGES = ("en", "ar", "ckb")
"""Languages a report can be written in (BCP 47)."""

_KEYS = ("title", "notebook", "period", "data", "parameters", "languages", "formats")
_REQUIRED = ("title", "notebook")


@dataclass(frozen=True)
class Definition:
    """A report to be rendered: which notebook, with which data and parameters.

    Parameters
    ----------
    name : str
        Stem of the definition's file and of the files written.
    title : str
        Title in English; the catalogues translate it.
    notebook : Path
        Notebook with one cell tagged ``parameters``.
    parameters : Mapping
        Values for the notebook's parameters, dates as ISO strings.
    data : tuple of Path
        Input files, hashed into the manifest and given to the notebook's parameter ``data``.
    languages, formats : tuple of str
        Empty where the definition leaves the choice to the caller.
    """

    name: str
    title: str
    notebook: Path
    parameters: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[Path, ...] = ()
    languages: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()


class _PlainLoader(yaml.SafeLoader):
    """YAML 1.2 in spirit: no dates, no yes/no, no base 60, no key twice."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] in {"null", "float"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf")
)
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")
)


def _construct_mapping(loader: _PlainLoader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    """Build a mapping, refusing a key that is given twice."""
    mapping: dict[Hashable, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} stands twice", key_node.start_mark
            )
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_PlainLoader.add_constructor("tag:yaml.org,2002:map", _construct_mapping)


def load_definition(
    path: str | Path, *, period: str | None = None, today: date | None = None
) -> Definition:
    """Return the report definition in a YAML file, checked against its notebook.

    Nothing is run. Paths in the file are relative to the file; days may be written without
    quotes and stay ISO strings.

    Parameters
    ----------
    path : str or Path
        A YAML file with the keys ``title``, ``notebook`` and, where wanted, ``period``, ``data``,
        ``parameters``, ``languages`` and ``formats``.
    period : str, optional
        A month (2021-12), quarter (2021-Q4) or year, or ``latest`` for the last that is over, as
        long as the definition's own ``period``, which stands where none is given. It fills
        ``{period}``, ``{period_start}`` and ``{period_end}`` in the title and the parameters.
    today : date, optional
        For ``latest``.

    Returns
    -------
    Definition

    Raises
    ------
    FileError
        If the file, its notebook or one of its data files cannot be read.
    ParameterError
        If a key is missing or unknown, or a parameter is unknown, missing or of another type
        than the notebook's default, or there is a period for a report that has none.
    WindowError
        If the period is none.
    """
    path = Path(path)
    where = path.name
    content = _read_mapping(path)
    for key in content:
        if key not in _KEYS:
            raise ParameterError(
                f"{where}: {key}", "is no key of a definition", f"Use {', '.join(_KEYS)}"
            )
    for key in _REQUIRED:
        if not isinstance(content.get(key), str) or not content[key].strip():
            raise ParameterError(
                f"{where}: {key}", "must be given as text", f"Add a line such as '{key}: ...'"
            )
    values = content.get("parameters") or {}
    if not isinstance(values, dict):
        raise ParameterError(
            f"{where}: parameters", "must be names with values", "Write one 'name: value' a line"
        )
    chosen = _choose_period(content.get("period"), period, today, where)
    if chosen is not None:
        content["title"], values = chosen.fill(content["title"]), chosen.fill(values)
    notebook = (path.parent / content["notebook"]).resolve()
    data = _find_data(content.get("data"), path)
    declared = load_parameters(notebook)
    check_parameters(values, declared, where=path.stem, notebook=notebook.name)
    if data and ("data" in values or "data" not in {parameter.name for parameter in declared}):
        raise ParameterError(
            f"{where}: data",
            f"must be a parameter of {notebook.name}, and given once",
            "Declare data: list[str] = [] in the notebook and give the files under 'data'",
        )
    return Definition(
        name=f"{path.stem}.{chosen.label}" if chosen else path.stem,
        title=content["title"].strip(),
        notebook=notebook,
        parameters=values,
        data=data,
        languages=_choose(content.get("languages"), LANGUAGES, f"{where}: languages"),
        formats=_choose(content.get("formats"), FORMATS, f"{where}: formats"),
    )


def _choose_period(
    default: Any, given: str | None, today: date | None, where: str
) -> Period | None:
    """Settle the period between the definition's own and the one asked for."""
    if default is None:
        if given is None:
            return None
        raise ParameterError(
            f"{where}: period {given}",
            "is given for a report without periods",
            "Leave --period out, or add the key 'period' to the definition",
        )
    own = Period.parse(str(default))
    if given == "latest" and today is not None:
        return own.latest(today)
    return own if given is None else Period.parse(given)


def _read_mapping(path: Path) -> dict[str, Any]:
    """Read a YAML file that holds one mapping."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileError(str(path), "is not text in UTF-8", "Save it as UTF-8") from error
    except OSError as error:
        raise FileError(
            str(path), f"cannot be read ({error.strerror})", "Give the path of a definition"
        ) from error
    try:
        content = yaml.load(text, Loader=_PlainLoader)  # noqa: S506  a safe loader, made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be parsed"
        raise ParameterError(f"{path.name}{line}", f"is not YAML: {problem}", "Mend it") from error
    if not isinstance(content, dict):
        raise ParameterError(
            path.name, "must hold keys with values", f"Start with '{_KEYS[0]}: ...'"
        )
    return {str(key): value for key, value in content.items()}


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
