"""One definition, many reports: the values that it goes through, and what they fill in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from analytics.errors import ParameterError

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"^\w[\w.-]*$")


def fill(value: Any, filling: Mapping[str, str], where: str) -> Any:
    """Return a value with its placeholders filled; where nothing fills them, nothing is one.

    Raises
    ------
    ParameterError
        If a placeholder has another name than those given.

    Examples
    --------
    >>> fill(["{period_start}", 7], {"period_start": "2021-01-01"}, "monthly.yaml")
    ['2021-01-01', 7]
    """
    if isinstance(value, str) and filling:
        if unknown := [name for name in _PLACEHOLDER.findall(value) if name not in filling]:
            raise ParameterError(
                f"{where}: {{{unknown[0]}}}", "fills nothing", f"Use one of {', '.join(filling)}"
            )
        if set("{}") & set(_PLACEHOLDER.sub("", value)):
            raise ParameterError(
                f"{where}: {value!r}", "has a brace that is no placeholder", "Leave it out"
            )
        return _PLACEHOLDER.sub(lambda found: filling[found[1]], value)
    if isinstance(value, list):
        return [fill(item, filling, where) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, filling, where) for key, item in value.items()}
    return value


def spread_values(
    given: Any, only: Mapping[str, Sequence[str]], where: str
) -> list[dict[str, str]]:
    """Return the combinations of the values under ``for_each``; one that is empty if none.

    Parameters
    ----------
    given : Mapping or None
        Name to a list of values; ``governorates`` stands for the codes of all.
    only : Mapping
        Name to the values wanted.
    where : str
        Name of the definition, for messages.

    Raises
    ------
    ParameterError
        If a name or a value is not there, or a value could not stand in the name of a file.

    Examples
    --------
    >>> spread_values({"place": ["IQ-KI", "IQ-DI"]}, {"place": ["IQ-DI"]}, "monthly.yaml")
    [{'place': 'IQ-DI'}]
    >>> len(spread_values({"place": "governorates"}, {}, "monthly.yaml"))
    19
    """
    wanted = given or {}
    if not isinstance(wanted, dict):
        raise ParameterError(
            f"{where}: for_each", "must be names with values", "Write 'place: governorates'"
        )
    for name in only:
        if name not in wanted:
            raise ParameterError(
                f"{where}: only {name}", "is not gone through here", "Name a key of 'for_each'"
            )
    lists = []
    for name, items in wanted.items():
        codes = _list_codes(items, f"{where}: for_each: {name}")
        for code in only.get(name, codes):
            if code not in codes:
                raise ParameterError(
                    f"{where}: {name} {code}", "is not known", f"Use {', '.join(codes)}"
                )
        lists.append([(str(name), code) for code in codes if code in only.get(name, codes)])
    return [dict(pairs) for pairs in itertools.product(*lists)]


def _list_codes(items: Any, where: str) -> list[str]:
    codes: dict[str, None] = {}
    for item in [items] if isinstance(items, str) else items if isinstance(items, list) else []:
        if item == "governorates":
            from analytics.reference import governorate_codes

            codes |= dict.fromkeys(governorate_codes())
        elif isinstance(item, str) and _NAME.match(item):
            codes[item] = None
        else:
            raise ParameterError(f"{where}: {item!r}", "cannot name a file", "Use letters and '-'")
    if not codes:
        raise ParameterError(where, "is no list of values", "Write 'governorates' or a list")
    return list(codes)
