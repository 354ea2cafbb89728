"""What a series is long enough for, and which key dates it can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from analytics.errors import ModelError
from analytics.models.notes import Note
from analytics.models.timing import Change, Grid, Truth, Vector

RUNGS = ("segmented", "step", "two-rate")
_MIN_SEGMENTED, _MIN_STEP, _MIN_TWO_RATE = 12, 8, 3
_MIN_BETWEEN, _MAX_INFLATION, _MAX_CORRELATION = 6, 10.0, 0.95


@dataclass(frozen=True)
class Rung:
    """What the ladder allows: effects by label, whether a trend is fitted, and its name."""

    name: str
    effects: dict[str, str]
    has_trend: bool
    notes: tuple[Note, ...]


def choose_rung(
    grid: Grid,
    changes: Sequence[Change],
    is_usable: Truth,
    asked: dict[str, str] | None,
) -> Rung:
    """Return what may be fitted on the periods at hand.

    The shorter side of a date counts: the usable periods between it and its neighbours (or the
    ends of the series). 12 and more: level and slope. 8 to 11: a step beside the trend, marked
    weak. 3 to 7: two rates compared, without trend; but where the whole series reaches 8 periods
    to either side of the date, and only another date is near, a step beside the trend. Fewer:
    refused. Effects that were asked for are obeyed, and marked where the ladder would not have
    given them.

    Raises
    ------
    ModelError
        Fewer than 3 usable periods on a side of a date.
    """
    shorter = count_shorter_sides(grid, changes, is_usable)
    for change, n_bins in zip(changes, shorter, strict=True):
        if n_bins < (1 if asked else _MIN_TWO_RATE):
            raise ModelError(
                f"key date {change.label}",
                f"has {n_bins} usable periods on its shorter side, and {_MIN_TWO_RATE} are needed",
                "Describe the counts without a model, widen the window or take shorter periods",
            )
    if asked:
        return Rung("segmented", asked, True, tuple(_overruled(changes, shorter, asked)))
    notes: list[Note] = []
    reach = [
        min(int((is_usable & side).sum()) for side in (c.is_before(grid), c.is_after(grid)))
        for c in changes
    ]
    is_two_rate = bool(changes) and min(reach) < _MIN_STEP
    effects: dict[str, str] = {}
    for change, n_bins in zip(changes, shorter, strict=True):
        effects[change.label] = "level+slope" if n_bins >= _MIN_SEGMENTED else "level"
        if n_bins < _MIN_SEGMENTED:
            code = "rung_two_rate" if is_two_rate else "rung_step"
            notes.append(Note(code, {"date": change.label, "n_bins": n_bins}))
    name = "two-rate" if is_two_rate else "step" if notes else "segmented"
    return Rung(name, effects, not is_two_rate, tuple(notes))


def count_shorter_sides(grid: Grid, changes: Sequence[Change], is_usable: Truth) -> list[int]:
    """Usable periods on the shorter side of each date, up to its neighbours."""
    segments = _count_segments(grid, changes, is_usable)
    return [min(pair) for pair in pairwise(segments)]


def _count_segments(grid: Grid, changes: Sequence[Change], is_usable: Truth) -> list[int]:
    after_last = np.ones(len(grid.starts), dtype=bool)
    counts = []
    for change in changes:
        counts.append(int((is_usable & after_last & change.is_before(grid)).sum()))
        after_last = change.is_after(grid)
    return [*counts, int((is_usable & after_last).sum())]


def _overruled(changes: Sequence[Change], shorter: list[int], asked: dict[str, str]) -> list[Note]:
    notes = []
    for change, n_bins in zip(changes, shorter, strict=True):
        effect = asked[change.label]
        if n_bins < (_MIN_SEGMENTED if "slope" in effect else _MIN_STEP):
            notes.append(
                Note("rung_overruled", {"effects": effect, "date": change.label, "n_bins": n_bins})
            )
    return notes


def find_close_dates(
    grid: Grid, changes: Sequence[Change], is_usable: Truth
) -> tuple[int, Note] | None:
    """First date with fewer than 6 usable periods between it and the next, if there is one."""
    between = _count_segments(grid, changes, is_usable)[1:-1]
    for at, n_bins in enumerate(between):
        if n_bins < _MIN_BETWEEN:
            return at, _confused(changes, at, at + 1, "periods between them", n_bins)
    return None


def find_confused_dates(
    changes: Sequence[Change], names: Sequence[str], columns: Vector, weights: Vector
) -> tuple[int, Note] | None:
    """First neighbouring dates whose effects the fitted columns cannot tell apart.

    Parameters
    ----------
    names : sequence of str
        Terms, the intercept first.
    columns : ndarray, shape (n, p)
    weights : ndarray, shape (n,)
        Working weights.

    Notes
    -----
    Two signs: a level whose variance is more than 10 times what it would be without the terms of
    the other dates, or two coefficients of neighbouring dates, level with level or slope with
    slope, correlated beyond .95. The usual variance inflation factor, against all columns, is no
    sign: with two dates at thirds of a series the slope of the first has 32, whatever the number
    of periods, and season and trend add to it though no date is at fault.
    """
    if len(changes) < 2:
        return None
    centred = columns - np.average(columns, axis=0, weights=weights)
    weighted = centred[:, 1:] * np.sqrt(weights)[:, None]
    length = np.linalg.norm(weighted, axis=0)
    shared_part = (weighted / length).T @ (weighted / length)
    inverse = np.linalg.inv(shared_part)
    scale = np.sqrt(np.diag(inverse))
    correlation = inverse / np.outer(scale, scale)
    at = {name: i for i, name in enumerate(names[1:])}
    for i, (one, two) in enumerate(pairwise(changes)):
        for kind in ("level", "slope"):
            first, second = at.get(f"{kind}[{one.label}]"), at.get(f"{kind}[{two.label}]")
            if first is not None and second is not None:
                shared = abs(float(correlation[first, second]))
                if shared > _MAX_CORRELATION:
                    reason = f"correlation of their {kind}s"
                    return i, _confused(changes, i, i + 1, reason, round(shared, 3))
    for i, change in enumerate(changes):
        place = at.get(f"level[{change.label}]")
        if place is None:
            continue
        labels = [f"[{other.label}]" for other in changes if other != change]
        alone = [j for name, j in at.items() if not name.endswith(tuple(labels))]
        variance_alone = np.linalg.inv(shared_part[np.ix_(alone, alone)])[
            alone.index(place), alone.index(place)
        ]
        inflation = float(inverse[place, place] / variance_alone)
        if inflation > _MAX_INFLATION:
            pair = sorted((i, _nearest(changes, i)))
            return pair[0], _confused(
                changes, pair[0], pair[1], "variance inflation", round(inflation, 1)
            )
    return None


def join_changes(changes: Sequence[Change], at: int) -> tuple[Change, ...]:
    """Make one change of two neighbours: from the first day of one to the last of the other."""
    one, two = changes[at], changes[at + 1]
    joint = Change(f"{one.label}+{two.label}", one.first, max(one.settled, two.settled))
    return (*changes[:at], joint, *changes[at + 2 :])


def _nearest(changes: Sequence[Change], i: int) -> int:
    others = [j for j in (i - 1, i + 1) if 0 <= j < len(changes)]
    return min(others, key=lambda j: abs(changes[j].settled - changes[i].settled))


def _confused(changes: Sequence[Change], i: int, j: int, reason: str, value: float) -> Note:
    dates = f"{changes[i].label} and {changes[j].label}"
    return Note("joint_effect", {"dates": dates, "reason": reason, "value": value})
