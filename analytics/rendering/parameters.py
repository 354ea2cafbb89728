"""What a notebook's parameters may be given: read from its cell, checked by name and type."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics.errors import FileError, ParameterError

_SCALARS: dict[str, type] = {"str": str, "bool": bool, "list": list, "dict": dict}
# Set for each report by the renderer, so a definition may not set them.
_RESERVED = ("language", "edition")
FILES = ("decisions", "claims_file", "previous")
"""Parameters that name a file: a definition gives its path from where the definition lies."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: its name, its type as text, and its default."""

    name: str
    kind: str
    default: Any


def load_parameters(notebook: str | Path) -> tuple[Parameter, ...]:
    """Return the parameters that a notebook declares in its cell tagged ``parameters``.

    Parameters
    ----------
    notebook : str or Path
        The notebook's file.

    Returns
    -------
    tuple of Parameter
        In the order of the cell. The type is the annotation where there is one
        (``start: str = ...``), else that of the default; an empty list takes any items.

    Raises
    ------
    FileError
        If the file is missing or is not a notebook.
    ParameterError
        If there is no such cell, or it holds anything but assignments of literals.
    """
    notebook = Path(notebook)
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except OSError as error:
        raise FileError(
            notebook.name, "cannot be read", "Check 'notebook' in the definition"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FileError(notebook.name, "is not a notebook", "Give a file ending .ipynb") from error
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise ParameterError(
            notebook.name,
            f"has {len(tagged)} cells tagged 'parameters' where one is needed",
            "Tag the one cell that assigns the defaults",
        )
    return parse_parameters("".join(tagged[0]["source"]), notebook.name)


def check_parameters(
    values: Mapping[str, Any], declared: Iterable[Parameter], *, where: str, notebook: str
) -> None:
    """Check values against the parameters that a notebook declares.

    Parameters
    ----------
    values : Mapping
        Name to value, as read from YAML.
    declared : iterable of Parameter
        From `load_parameters`.
    where, notebook : str
        Names of the definition and of the notebook, for the message.

    Raises
    ------
    ParameterError
        If a name is unknown or reserved, a value has another type than the notebook's default, is
        no day where the default is one, or a parameter is missing whose default is ``None``
        against its own type (``start: str = None``).

    Examples
    --------
    >>> start = Parameter("start", "str", "2017-01-01")
    >>> check_parameters({"start": 2017}, [start], where="weekly", notebook="trend.ipynb")
    Traceback (most recent call last):
        ...
    analytics.errors.ParameterError: weekly: start = 2017: must be str. Write it as in \
trend.ipynb, e.g. start: '2017-01-01'.
    """
    known = {parameter.name: parameter for parameter in declared}
    for name, value in values.items():
        if name in _RESERVED:
            raise ParameterError(f"{where}: {name}", "is set for each report", f"Leave {name} out")
        if name not in known:
            raise ParameterError(
                f"{where}: {name}",
                f"is no parameter of {notebook}",
                f"Use one of {', '.join(known)}",
            )
        parameter = known[name]
        given, example = f"{where}: {name} = {value!r}", _example(parameter)
        if not fits(value, parameter.kind):
            raise ParameterError(
                given,
                f"must be {parameter.kind}",
                f"Write it as in {notebook}, e.g. {name}: {example}",
            )
        if _is_day(parameter.default) and isinstance(value, str) and not _is_day(value):
            raise ParameterError(given, "must be a day", f"Write it year first, e.g. {example}")
    for parameter in known.values():
        is_needed = parameter.default is None and not fits(None, parameter.kind)
        if is_needed and parameter.name not in values:
            raise ParameterError(
                f"{where}: {parameter.name}",
                f"is needed by {notebook} and missing",
                f"Add it under 'parameters' as {parameter.kind}",
            )


def find_files(values: Mapping[str, Any], folder: Path, where: str) -> dict[str, Any]:
    """Return values in which the files that parameters name have their full path.

    Raises
    ------
    FileError
        A file is not there.
    """
    found = {name: (folder / values[name]).resolve() for name in FILES if values.get(name)}
    for name, path in found.items():
        if not path.is_file():
            raise FileError(
                f"{where}: {name} {values[name]!r}",
                "is not there",
                "Give its path from the definition",
            )
    return {**values, **{name: str(path) for name, path in found.items()}}


def fits(value: Any, kind: str) -> bool:
    """Return whether a value read from YAML has a type written as in a notebook.

    An ``int`` is a ``float`` too; a truth value is never a number.

    Examples
    --------
    >>> fits(["IQ-KI"], "list[str]"), fits(3, "float"), fits(True, "int"), fits(None, "str | None")
    (True, True, False, True)
    """
    return _fits(value, ast.parse(kind, mode="eval").body)


def _fits(value: Any, kind: ast.expr) -> bool:
    if isinstance(kind, ast.BinOp):
        return _fits(value, kind.left) or _fits(value, kind.right)
    if isinstance(kind, ast.Constant):
        return kind.value is None and value is None
    if isinstance(kind, ast.Subscript) and isinstance(kind.value, ast.Name):
        if kind.value.id == "list":
            return isinstance(value, list) and all(_fits(item, kind.slice) for item in value)
        pair = kind.slice
        if kind.value.id == "dict" and isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
            return isinstance(value, dict) and all(
                _fits(k, pair.elts[0]) and _fits(v, pair.elts[1]) for k, v in value.items()
            )
    if isinstance(kind, ast.Name):
        if kind.id in ("object", "Any"):
            return True
        if kind.id == "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        if kind.id == "int":
            return isinstance(value, int) and not isinstance(value, bool)
        if kind.id in _SCALARS:
            return isinstance(value, _SCALARS[kind.id])
    raise ParameterError(
        ast.unparse(kind),
        "is no type for a notebook parameter",
        "Use str, int, float, bool, list[...], dict[..., ...], None or several joined by |",
    )


def parse_parameters(source: str, notebook: str) -> tuple[Parameter, ...]:
    """Read assignments of literals from the source of a parameters cell."""
    parameters = []
    try:
        for statement in ast.parse(source).body:
            if isinstance(statement, ast.AnnAssign) and statement.value is not None:
                target: ast.expr = statement.target
                default = ast.literal_eval(statement.value)
                kind = ast.unparse(statement.annotation)
            elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target = statement.targets[0]
                default = ast.literal_eval(statement.value)
                kind = _kind_of(default)
            else:
                raise ValueError(ast.unparse(statement))
            if not isinstance(target, ast.Name):
                raise ValueError(ast.unparse(statement))
            parameters.append(Parameter(target.id, kind, default))
    except (SyntaxError, ValueError) as error:
        raise ParameterError(
            f"{notebook}: parameters cell",
            "may only assign literals to names",
            f"Move the rest to the next cell ({error})",
        ) from error
    return tuple(parameters)


def _kind_of(default: Any) -> str:
    """Write the type of a default as an annotation."""
    if default is None:
        return "object"
    if isinstance(default, list):
        kinds = sorted({_kind_of(item) for item in default})
        return f"list[{' | '.join(kinds)}]" if kinds else "list"
    return type(default).__name__


def _example(parameter: Parameter) -> str:
    return repr(parameter.default) if parameter.default is not None else "..."


def _is_day(value: Any) -> bool:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return len(value) == 10
