"""Claims as an analyst writes them: a YAML file read, checked, and refused with the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from analytics.claims.verdict import DIRECTIONS
from analytics.errors import FileError, ParameterError
from analytics.periods import KeyDate, Window
from analytics.reference import data_path

_CLAIM_KEYS = ("text", "source", "voice", "direction", "size", "tests", "cannot_be_tested")
_TEST_KEYS = ("records", "totals", "published", "period", "compared_with", "window", "interval",
              "place", "where", "measure", "key_date", "windows", "against", "also",
              "decides")  # fmt: skip
_KINDS = ("records", "totals", "published")


@dataclass(frozen=True)
class Test:
    """One way to test a claim: on what, which days, compared with which."""

    kind: str
    source: tuple[str, ...]
    options: dict[str, Any]
    is_deciding: bool


@dataclass(frozen=True)
class Claim:
    """What somebody said of a trend, and what would test it."""

    claim_id: str
    text: dict[str, str]
    said_by: str
    direction: str
    size: float | None
    tests: tuple[Test, ...]
    cannot_be_tested: dict[str, str]


def load_claims(path: str | Path = "") -> tuple[Claim, ...]:
    """Return the claims in a YAML file; the project's own where none is given.

    docs/claims.md says what may stand in it.

    Raises
    ------
    FileError
        The file is missing or unreadable.
    ParameterError
        It is not YAML, or a key is unknown, missing or has a value outside what is allowed.

    Examples
    --------
    >>> [claim.claim_id for claim in load_claims()][:4]
    ['T1', 'T2', 'T3', 'T4']
    """
    file = Path(path) if path else data_path("claims.yaml")
    try:
        # The base loader makes text of everything: no day, number or truth is guessed.
        content = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(str(path), "cannot be read", "Give the path of a YAML file") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ParameterError(f"{file.name}{line}", "is not YAML", "Mend it") from error
    claims = content.get("claims") if isinstance(content, dict) else None
    if not isinstance(claims, dict) or not claims:
        raise ParameterError(file.name, "has no claims", "Write them under 'claims:', by name")
    return tuple(_read_claim(f"{file.name}: {name}", str(name), c) for name, c in claims.items())


def _read_claim(where: str, name: str, given: Any) -> Claim:
    _check_keys(where, given, _CLAIM_KEYS)
    reason = _text(
        f"{where}: cannot_be_tested", given.get("cannot_be_tested", {}), may_be_empty=True
    )
    direction = given.get("direction", "")
    if not reason and direction not in DIRECTIONS:
        raise ParameterError(
            f"{where}: direction {direction!r}", "is not known", f"Use {', '.join(DIRECTIONS)}"
        )
    size = _number(f"{where}: size", given["size"]) if "size" in given else None
    tests = given.get("tests", [])
    if not isinstance(tests, list) or (not tests and not reason):
        raise ParameterError(
            f"{where}: tests", "are none", "Give a list of tests, or 'cannot_be_tested: reason'"
        )
    return Claim(
        name,
        _text(f"{where}: text", given.get("text")),
        str(given.get("source", "")),
        direction,
        size,
        tuple(_read_test(f"{where}: test {i}", test) for i, test in enumerate(tests, start=1)),
        reason,
    )


def _read_test(where: str, given: Any) -> Test:
    _check_keys(where, given, _TEST_KEYS)
    kinds = [kind for kind in _KINDS if kind in given]
    if len(kinds) != 1:
        raise ParameterError(where, "names no source, or two", f"Give one of {', '.join(_KINDS)}")
    source = given[kinds[0]]
    options = {k: v for k, v in given.items() if k not in (*_KINDS, "decides")}
    needed = ("key_date", "windows") if "key_date" in given else ("period", "compared_with")
    for key in (*needed, *(("window",) if kinds == ["records"] and "period" in given else ())):
        if key not in given:
            raise ParameterError(
                f"{where}: {key}", "is missing", "Write it as 2021-11-01/2021-11-30"
            )
    for key in ("period", "compared_with", "window"):
        if key in given:
            options[key] = _days(given[key])
    if "key_date" in given:
        KeyDate.parse(given["key_date"])
        options["windows"] = [_days(span) for span in given["windows"]]
    decides = given.get("decides", "true")
    if decides not in ("true", "false"):
        raise ParameterError(f"{where}: decides {decides!r}", "is no truth", "Use true or false")
    return Test(
        kinds[0], tuple([source] if isinstance(source, str) else source), options, decides == "true"
    )


def _days(text: str) -> Window:
    date = KeyDate.parse(text)
    return Window(date.date_start, date.date_end)


def _check_keys(where: str, given: Any, known: tuple[str, ...]) -> None:
    if not isinstance(given, dict):
        raise ParameterError(where, "holds no keys with values", f"Use {', '.join(known)}")
    for key in given:
        if key not in known:
            raise ParameterError(f"{where}: {key}", "is no key here", f"Use {', '.join(known)}")


def _text(where: str, given: Any, *, may_be_empty: bool = False) -> dict[str, str]:
    said = {"en": given} if isinstance(given, str) else given
    if may_be_empty and not said:
        return {}
    if not isinstance(said, dict) or not said.get("en") or set(said) - {"en", "ar", "ckb"}:
        raise ParameterError(where, "is not text by language", "Write 'en: ...', then ar and ckb")
    return {str(code): str(text) for code, text in said.items()}


def _number(where: str, text: str) -> float:
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < 1000 or number == 1:
        raise ParameterError(
            f"{where} {text!r}", "is no ratio", "Write 2 for doubled, 0.5 for halved"
        )
    return number
