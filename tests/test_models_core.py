"""The numerical core beside statsmodels, and the lag-one correlation beside its definition."""

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.errors import ModelError
from analytics.models.family import _fit_counts, fit_family
from analytics.models.std_errors import _CORRELATIONS, _expected_lag1, find_std_errors


@pytest.fixture(params=[0, 1, 2])
def data(request):
    rng = np.random.default_rng(request.param)
    n = 40 + 30 * request.param
    columns = np.column_stack([np.ones(n), np.linspace(0, 3, n), np.arange(n) >= n // 2])
    offset = np.log(rng.choice([28, 30, 31], n))
    mean = np.exp(offset - 1 + columns @ [0, 0.2, -0.5])
    return columns, rng.negative_binomial(5, 5 / (5 + mean)).astype(float), offset


@pytest.mark.parametrize("alpha", [None, 0.3])
def test_coefficients_and_errors_agree_with_statsmodels(data, alpha):
    columns, counts, offset = data
    family = sm.families.Poisson() if alpha is None else sm.families.NegativeBinomial(alpha=alpha)
    reference = sm.GLM(counts, columns, offset=offset, family=family).fit(tol=1e-12)
    if alpha is None:
        fit = fit_family(columns, counts, offset, "quasipoisson")
    else:
        fit = _fit_counts(columns, counts, offset, "negbin", alpha)
    assert fit.coefficients == pytest.approx(reference.params, rel=1e-5)
    assert np.sqrt(np.diag(fit.bread)) == pytest.approx(reference.bse, rel=1e-5)
    assert fit.log_likelihood == pytest.approx(reference.llf)
    assert fit.deviance == pytest.approx(reference.deviance)
    assert fit.residuals == pytest.approx(reference.resid_pearson, rel=1e-4)


@pytest.mark.parametrize("lags", [0, 1, 4])
def test_hac_agrees_with_statsmodels(data, lags):
    columns, counts, offset = data
    reference = sm.GLM(counts, columns, offset=offset, family=sm.families.Poisson()).fit(
        tol=1e-12, cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
    )
    fit = fit_family(columns, counts, offset, "quasipoisson")
    errors = find_std_errors(fit, columns, np.arange(len(counts)), lags)
    assert errors.hac == pytest.approx(reference.bse, rel=1e-6)


def test_negbin_maximises_the_likelihood_over_alpha_too(data):
    columns, counts, offset = data
    fit = fit_family(columns, counts, offset, "negbin")
    for factor in (0.9, 1.1):
        family = sm.families.NegativeBinomial(alpha=fit.alpha * factor)
        other = sm.GLM(counts, columns, offset=offset, family=family).fit()
        assert other.llf < fit.log_likelihood


def test_default_lags_are_those_of_newey_and_west(data):
    columns, counts, offset = data
    fit = fit_family(columns, counts, offset, "quasipoisson")
    by_n = {40: 3, 70: 3, 100: 4}  # floor(4 (n/100)^(2/9)): 3.26, 3.69, 4
    assert find_std_errors(fit, columns, np.arange(len(counts))).hac_lags == by_n[len(counts)]


@pytest.mark.parametrize("numbers", [np.arange(20), np.r_[0:7, 9:22]])
def test_expected_lag1_correlation_is_the_ratio_of_traces(numbers):
    n = len(numbers)
    columns = np.column_stack([np.ones(n), numbers, numbers >= 10, np.sin(numbers)])
    basis = np.linalg.qr(columns.astype(float))[0]
    apart = np.abs(numbers[:, None] - numbers)
    neighbours = (apart == 1) / 2
    maker = np.eye(n) - basis @ basis.T
    expected, traces = _expected_lag1(basis, numbers)
    for at in (60, 95, 140, 170):
        residual = maker @ (_CORRELATIONS[at] ** apart.astype(float)) @ maker
        by_hand = np.trace(residual @ neighbours) / np.trace(residual)
        assert expected[at] == pytest.approx(by_hand, abs=1e-6)
        assert traces[at] == pytest.approx(np.trace(residual), rel=1e-6)


@pytest.mark.parametrize("numbers", [np.arange(40), np.r_[0:7, 9:42]])
def test_the_error_under_correlation_is_that_of_a_chain(data, numbers):
    middle = len(data[1]) // 2
    columns, counts, offset = (part[middle - 20 : middle + 20] for part in data)
    fit = fit_family(columns, counts, offset, "quasipoisson")
    errors = find_std_errors(fit, columns, numbers)
    assert errors.lag1_correlation < errors.lag1_allowed < 0.95
    assert errors.lag1_allowed >= 0
    chain = errors.lag1_allowed ** np.abs(numbers[:, None] - numbers).astype(float)
    root = np.sqrt(fit.mean)
    basis = np.linalg.qr(columns * root[:, None])[0]
    trace = np.trace((np.eye(40) - basis @ basis.T) @ chain)
    weighted = fit.bread @ columns.T * root
    variance = np.diag(weighted @ chain @ weighted.T) * (fit.residuals @ fit.residuals) / trace
    assert errors.autocorrelation == pytest.approx(np.sqrt(variance), rel=1e-3)


def test_lag1_correlation_is_nearly_unbiased():
    # White noise around 6 columns at n = 24: the raw correlation is near -.2, ours near 0.
    rng = np.random.default_rng(3)
    n = 24
    time = np.arange(n)
    columns = np.column_stack(
        [np.ones(n), time, time >= 12, np.clip(time - 12, 0, None), np.sin(time), np.cos(time)]
    ).astype(float)
    found, raw = [], []
    for _ in range(300):
        fit = fit_family(columns, rng.normal(size=n), np.zeros(n), "gaussian")
        found.append(find_std_errors(fit, columns, time).lag1_correlation)
        raw.append(fit.residuals[1:] @ fit.residuals[:-1] / (fit.residuals @ fit.residuals))
    assert np.mean(raw) < -0.1
    assert abs(np.median(found)) < 0.06


def test_separation_is_refused():
    columns = np.column_stack([np.ones(20), np.arange(20) >= 10]).astype(float)
    counts = np.where(np.arange(20) < 10, 5.0, 0.0)
    with pytest.raises(ModelError, match="runs off to a rate of zero"):
        fit_family(columns, counts, np.zeros(20), "quasipoisson")
