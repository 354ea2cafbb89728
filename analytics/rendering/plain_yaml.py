"""YAML as people write it by hand: no dates, no yes/no, no base 60, no key given twice."""

from __future__ import annotations

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from analytics.errors import FileError, ParameterError


class _PlainLoader(yaml.SafeLoader):
    """YAML 1.2 in spirit."""


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


def read_mapping(path: Path, first_key: str) -> dict[str, Any]:
    """Return the one mapping that a YAML file holds; days in it are text.

    Parameters
    ----------
    path : Path
    first_key : str
        A key to begin with, for the message where the file holds something else.

    Raises
    ------
    FileError
        If the file cannot be read, or is not UTF-8.
    ParameterError
        If it is not YAML, holds no mapping, or a key twice.
    """
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
            path.name, "must hold keys with values", f"Start with '{first_key}: ...'"
        )
    return {str(key): value for key, value in content.items()}
