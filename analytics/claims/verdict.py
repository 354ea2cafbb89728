"""What an interval allows one to say of a claim: the rules of docs/decisions/060."""

from __future__ import annotations

from math import isfinite, log

VERDICTS = ("supported", "not supported", "cannot tell")
DIRECTIONS = ("rise", "fall", "no change")
MEANINGFUL = 1.25
"""Smallest ratio that a reader would call a rise; its inverse a fall."""
LEAST_COVERAGE = 0.5
LARGEST_DETECTABLE = 2.0


def judge(
    direction: str,
    lower: float,
    upper: float,
    *,
    detectable: float,
    size: float | None = None,
    coverage: float | None = None,
    meaningful: float = MEANINGFUL,
) -> tuple[str, str]:
    """Return the verdict on a claim and the code of its reason, from the interval that is printed.

    Parameters
    ----------
    direction : {"rise", "fall", "no change"}
    lower, upper : float
        Bounds of the rate ratio; NaN for no bound.
    detectable : float
        Smallest ratio above 1 that would have been seen with 80 % power.
    size : float, optional
        The ratio that is claimed ("doubled" is 2). It is read as half to one and a half times the
        claimed change on the log scale, so "doubled" is 1.41 to 2.83.
    coverage : float, optional
        Lowest share of what happened that the records may hold.

    Examples
    --------
    >>> judge("rise", 1.3, 2.1, detectable=1.6)
    ('supported', 'agrees')
    >>> judge("rise", 0.4, 0.9, detectable=1.6)
    ('not supported', 'excluded')
    >>> judge("rise", 0.9, 2.1, detectable=1.6)
    ('cannot tell', 'both')
    >>> judge("rise", 1.3, 2.1, detectable=1.6, coverage=0.25)
    ('cannot tell', 'coverage')
    """
    if coverage is not None and coverage < LEAST_COVERAGE:
        return "cannot tell", "coverage"
    largest = max(LARGEST_DETECTABLE, size or 0, 1 / size if size else 0)
    if not isfinite(detectable) or detectable > largest:
        return "cannot tell", "power"
    least = lower if isfinite(lower) else 0.0
    most = upper if isfinite(upper) else float("inf")
    if size is not None:
        low, high = sorted((size**0.5, size**1.5))
        if low <= least and most <= high:
            return "supported", "agrees"
        is_excluded = most < low or least > high
    elif direction == "no change":
        if 1 / meaningful <= least and most <= meaningful:
            return "supported", "agrees"
        is_excluded = most < 1 / meaningful or least > meaningful
    elif direction == "rise":
        if least > 1 and most >= meaningful:
            return "supported", "agrees"
        is_excluded = most < meaningful
    else:
        if most < 1 and least <= 1 / meaningful:
            return "supported", "agrees"
        is_excluded = least > 1 / meaningful
    return ("not supported", "excluded") if is_excluded else ("cannot tell", "both")


def combine(tests: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the verdict on a claim from those of its deciding tests, and the deciding reason.

    The burden is on the claim: it is supported if every reading supports it, not supported if some
    reading excludes it and none supports it; otherwise nobody can tell.

    Examples
    --------
    >>> combine([("supported", "agrees"), ("cannot tell", "power")])
    ('cannot tell', 'readings')
    >>> combine([("not supported", "excluded"), ("cannot tell", "coverage")])
    ('not supported', 'excluded')
    """
    verdicts = {verdict for verdict, _ in tests}
    if verdicts == {"supported"}:
        return "supported", "agrees"
    if "supported" in verdicts:
        return "cannot tell", "readings"
    if "not supported" in verdicts:
        return "not supported", "excluded"
    return "cannot tell", tests[0][1] if tests else "untestable"


def times_as_many(detectable: float, meaningful: float = MEANINGFUL) -> float:
    """Return how many times as many incidents would show the smallest meaningful change.

    >>> round(times_as_many(1.5625), 3)
    4.0
    """
    return (log(detectable) / log(meaningful)) ** 2 if isfinite(detectable) else float("nan")
