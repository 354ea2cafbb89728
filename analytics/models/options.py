"""What may be asked of a segmented regression: the options of `fit_segmented`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from analytics.errors import ParameterError
from analytics.models.family import FAMILIES
from analytics.models.rates import check_conf_level
from analytics.models.std_errors import ERRORS
from analytics.models.timing import TIME_UNITS

EFFECTS = ("level", "slope", "level+slope")
TRANSITIONS = ("exclude", "ramp", "before", "after")


@dataclass(frozen=True)
class Options:
    """The options of `fit_segmented`, under the same names; every default is stated here.

    Attributes
    ----------
    family : {"quasipoisson", "negbin", "poisson", "gaussian"}
        Gaussian has the identity link and takes any numbers, negative ones too; its ratios are
        empty and its bounds are of coefficients.
    trend : bool, optional
        Whether time enters; by default unless two rates are compared.
    harmonics : {0, 1, 2}, optional
        Pairs of sine and cosine of the season; by default 2 with 24 months before the first date,
        1 with 12.
    cycle : float, optional
        Length of the season in periods, its angle counted from the first period as 1. By default
        a year by the calendar.
    calendar_months : bool
        A term for each calendar month (or quarter) but the first of the year, in place of
        harmonics.
    errors : {"auto", "model", "quasi", "hac", "autocorrelation"}
        The standard error; "auto" takes the largest of the last three, coefficient by coefficient.
    hac_lags : int, optional
        By default floor(4 (n/100)^(2/9)). 0 is White's heteroscedasticity-consistent error.
    hac_correction : bool
        Whether the HAC variance is multiplied by n / (n - p), as Stata does and R and statsmodels
        do on request.
    reference : {"auto", "t", "normal"}
        Law of the intervals; "auto" is t with n - p degrees of freedom, but normal for model
        errors of a count family, whose dispersion is taken as known.
    ramadan, eid : bool
        Add the share of the period's days in Ramadan, or in either Eid.
    ramadan_shift_days : int
        Moves every Ramadan and Eid by some days, for a sensitivity check.
    covariates : sequence of str
        Further columns of the series.
    exposure : str, optional
        Column whose logarithm is the offset. A column named ``exposure`` takes the place of
        ``period_days``. None for no offset. A linear model ignores days, and divides by another.
    time_unit : {"period", "day", "month", "year"}
        Unit of trend and slopes.
    time_start : float
        Time of the first period, in that unit: moves the intercept, and nothing else.
    slope_start : float
        What a slope is in a period that begins on its date: 0 makes the level the step on that
        very day; 1, as many tutorials have it, the step against one unit earlier; the time of the
        date itself, the step at time 0 (an interaction of time and step that is not centred).
    transition : {"exclude", "ramp", "before", "after"}
        Periods that contain a date after their first day, or touch a transition interval, are
        left out, or given the share of their days that is after (rising along an interval), or
        count whole as before, or as after.
    on_gate : {"joint", "refuse", "mark"}, optional
        For dates that cannot be told apart. By default joint, but mark for effects that were asked
        for at dates at least 6 periods apart.
    conf_level : float
        Level of every interval.

    Raises
    ------
    ParameterError
        An option outside what is allowed.
    """

    family: str = "quasipoisson"
    trend: bool | None = None
    harmonics: int | None = None
    cycle: float | None = None
    calendar_months: bool = False
    errors: str = "auto"
    hac_lags: int | None = None
    hac_correction: bool = True
    reference: str = "auto"
    ramadan: bool = False
    eid: bool = False
    ramadan_shift_days: int = 0
    covariates: Sequence[str] = ()
    exposure: str | None = "period_days"
    time_unit: str = "year"
    time_start: float = 0.0
    slope_start: float = 0.0
    transition: str = "exclude"
    on_gate: str | None = None
    conf_level: float = 0.95

    def __post_init__(self) -> None:
        for name, allowed in (
            ("family", FAMILIES),
            ("harmonics", (None, 0, 1, 2)),
            ("errors", ERRORS),
            ("reference", ("auto", "t", "normal")),
            ("time_unit", TIME_UNITS),
            ("transition", TRANSITIONS),
            ("on_gate", (None, "joint", "refuse", "mark")),
        ):
            value = getattr(self, name)
            if value not in allowed:
                shown = ", ".join(str(choice) for choice in allowed if choice is not None)
                raise ParameterError(f"{name} {value!r}", "is not known", f"Choose one of {shown}")
        if self.hac_lags is not None and self.hac_lags < 0:
            raise ParameterError(f"hac_lags {self.hac_lags}", "is negative", "Give 0 or more")
        if self.cycle is not None and not (isfinite(self.cycle) and self.cycle > 1):
            raise ParameterError(f"cycle {self.cycle}", "is not above 1", "Give periods, as 52")
        for name in ("time_start", "slope_start"):
            if not isfinite(getattr(self, name)):
                raise ParameterError(f"{name} {getattr(self, name)}", "is no time", "Give 0 or 1")
        check_conf_level(self.conf_level)
