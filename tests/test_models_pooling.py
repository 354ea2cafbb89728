"""Rubin's rules by hand, and the pooled fit beside single ones."""

import numpy as np
import pandas as pd
import pytest

from analytics.errors import ModelError, ParameterError
from analytics.models import fit_pooled, fit_segmented, pool_draws, project_counterfactual

DATE = "2018-01-01"


@pytest.fixture
def series():
    days = pd.date_range("2015-01-01", periods=60, freq="MS")
    counts = np.random.default_rng(4).poisson(25, 60).astype(float)
    return pd.DataFrame({"period_start": days, "period_days": days.days_in_month, "count": counts})


def blur(series, n_draws=20, size=6, seed=8):
    """Draws in which some incidents fall into either of two neighbouring months."""
    rng = np.random.default_rng(seed)
    draws = []
    for _ in range(n_draws):
        moved = rng.binomial(size, 0.5, len(series)).astype(float)
        draws.append(series.assign(count=series["count"] + moved - np.roll(moved, 1)))
    return draws


def test_rubin_by_hand():
    estimates, errors = np.array([[1.0], [2.0], [3.0]]), np.full((3, 1), 2.0)
    pooled = pool_draws(estimates, errors, df_complete=50)
    # W = 4, B = 1, T = 4 + 4/3; share 1/4; df 2 / (1/4)^2 = 32; observed 51/53 * 50 * 3/4.
    assert pooled.std_error.item() ** 2 == pytest.approx(16 / 3)
    assert pooled.share.item() == pytest.approx(0.25)
    assert pooled.df.item() == pytest.approx(1 / (1 / 32 + 1 / (51 / 53 * 50 * 0.75)))


def test_equal_draws_give_the_fit_itself(series):
    pooled, fit = fit_pooled([series] * 5, [DATE]), fit_segmented(series, [DATE])
    numbers = ["estimate", "std_error", "ratio", "se_quasi", "se_hac"]
    pd.testing.assert_frame_equal(pooled.terms[numbers], fit.terms[numbers])
    assert pooled.statistics["dates_share"] == pytest.approx(0, abs=1e-12)
    # Barnard and Rubin's degrees are (df + 1) / (df + 3) of those of the complete data.
    assert pooled.terms["p_value"].to_numpy() == pytest.approx(fit.terms["p_value"], rel=0.1)


def test_dates_add_to_the_variance(series):
    draws = blur(series)
    pooled = fit_pooled(draws, [DATE])
    mean = fit_segmented(series.assign(count=np.mean([d["count"] for d in draws], axis=0)), [DATE])
    at = pooled.terms["term"] == f"level[{DATE}]"
    assert 0 < pooled.statistics["dates_share"] < 1
    estimates = [fit_segmented(draw, [DATE]).terms.loc[at, "estimate"].item() for draw in draws]
    assert pooled.terms.loc[at, "estimate"].item() == pytest.approx(np.mean(estimates))
    assert pooled.points["count"].to_numpy() == pytest.approx(mean.points["count"])
    assert any(str(note).endswith("due to interval dates") for note in pooled.notes)


def test_pooled_fit_carries_a_counterfactual(series):
    points = project_counterfactual(fit_pooled(blur(series), [DATE])).points
    assert points["excess_lower"].iloc[36:].notna().all()


def test_refusals(series):
    with pytest.raises(ParameterError, match=r"1 draws: cannot be pooled\. Draw at least 20"):
        fit_pooled([series], [DATE])
    with pytest.raises(ParameterError, match="the draws: have different periods"):
        fit_pooled([series, series.iloc[1:]], [DATE])
    empty = series.assign(count=series["count"].where(series["period_start"] < DATE, 0))
    with pytest.raises(ModelError, match="15 of 20 draws: cannot be fitted"):
        fit_pooled([series] * 5 + [empty] * 15, [DATE])
