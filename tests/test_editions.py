"""What an edition leaves out is nowhere in what is made of it, and cannot be worked out."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader
from scipy.optimize import linprog
from typer.testing import CliRunner

from analytics.basis import select_incidents
from analytics.cli import app
from analytics.editions import EDITIONS, code_ids, load_edition, release_records
from analytics.editions.cells import choose_withheld, hide_periods, hide_small_cells
from analytics.editions.search import find_texts, take_fingerprints
from analytics.errors import ParameterError
from analytics.periods import Window
from analytics.rendering import load_definition, render_reports
from analytics.rendering.finished import seal_page
from analytics.rendering.lint import lint_report
from analytics.trace import trace_series

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "trend_report.ipynb"
NAMES = ("Salim Haddawi", "سليم الهداوي", "Karwan Mistefa")
SECRETS = (
    *NAMES, "Tal Khafi", "mayor", "informant", "36.481723", "44.271", "SECRET-ID", "Daquq",
    "hunter2", "0750 123", "salim@example.org",
)  # fmt: skip


def make_records():
    """Two years of incidents, each with a person, a village, a point and a telling id."""
    rng = np.random.default_rng(20171016)
    days = pd.to_datetime("2020-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 731, 260)), "D")
    shares = np.array([0.5, 0.3, 0.1, 0.05, 0.05])
    places = rng.choice(["IQ-KI", "IQ-DI", "IQ-SD", "IQ-NI", "IQ-AN"], 260, p=shares)
    frame = pd.DataFrame(
        {
            "report_id": [f"SECRET-ID-{i}" for i in range(260)],
            "date_start": days,
            "date_end": days,
            "published_on": days + pd.Timedelta(days=1),
            "governorate": places,
            "district": np.where(places == "IQ-KI", "Daquq", None),
            "place": "Tal Khafi",
            "latitude": np.where(places == "IQ-KI", 36.481723, 36.1),
            "longitude": np.where(places == "IQ-KI", 44.271, 44.0),
            "event_type": rng.choice(["IED", "raid", "sniper attack"], 260),
            "target": rng.choice(["police", "the mayor Salim Haddawi", "civilian"], 260),
            "perpetrator": "IS",
            "killed": rng.integers(0, 4, 260),
            "source_url": [f"https://user:hunter2@news.example.org/{i}" for i in range(260)],
            "victim_name": rng.choice([*NAMES], 260),
            "notes": "informant Salim Haddawi, 0750 123, salim@example.org",
        }
    )
    return frame.assign(date_start=frame["date_start"].dt.strftime("%Y-%m-%d"),
                        date_end=frame["date_end"].dt.strftime("%Y-%m-%d"),
                        published_on=frame["published_on"].dt.strftime("%Y-%m-%d"))  # fmt: skip


def write_definition(folder, edition, **parameters):
    make_records().to_csv(folder / "records.csv", index=False)
    given = {
        "window_start": "2020-01-01", "window_end": "2021-12-31", "interval": "month",
        "where": {}, "key_dates": [], "as_of": "2022-01-10", **parameters,
    }  # fmt: skip
    path = folder / "planted.yaml"
    content = {
        "title": "Reported attacks week by week",
        "notebook": str(NOTEBOOK),
        "data": ["records.csv"],
        "parameters": given,
        "edition": edition,
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("edition", ["partner", "public"])
def test_planted_secrets_are_nowhere(tmp_path, edition):
    path = write_definition(tmp_path, edition)
    results = render_reports(
        [load_definition(path)], languages=["en", "ckb"], formats=["html", "pdf", "ipynb"],
        out_dir=tmp_path / "out",
    )  # fmt: skip
    assert [result.problem for result in results] == ["", ""]
    allowed = {"SECRET-ID", "Daquq"} if edition == "partner" else set()
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == 13  # the index among them
    for file in files:
        if file.suffix == ".pdf":
            text = " ".join(page.extract_text() for page in PdfReader(file).pages)
            text += str(PdfReader(file).metadata)
        else:
            text = file.read_text(encoding="utf-8")
        found = [secret for secret in SECRETS if secret in text and secret not in allowed]
        assert found == [], file.name
    # The last thirty days before the release have no record, and no zero either.
    pack = json.loads((tmp_path / "out" / f"planted.{edition}.en.data.json").read_text())
    whole = next(s for s in pack["series"] if s["name"] == "incidents per month")
    assert (whole["periods"]["is_complete"][-1]) is (edition == "partner")
    assert max(row["date_end"] for row in pack["reports"].values()) <= "2021-12-31"
    if edition == "public":
        assert max(row["date_end"] for row in pack["reports"].values()) <= "2021-12-11"
        split = [s for s in pack["series"] if s["recipe"]["by"]]
        assert len(split) >= 3
        for series in split:
            counts = [c for c in series["periods"]["count"] if c is not None]
            assert not [c for c in counts if 0 < c < 5]
            assert series["cells"] == []
            assert any(series["periods"]["is_withheld"])
        page = (tmp_path / "out" / "planted.public.en.html").read_text(encoding="utf-8")
        assert "&lt;5*" in page
        assert "This is the public edition." in page


def test_the_same_report_of_the_internal_edition_has_the_secrets():
    """The records are such that the test above could fail."""
    incidents = select_incidents(_loaded(), edition="internal").incidents
    text = incidents.to_csv()
    assert [secret for secret in SECRETS if secret not in text] == []


def _loaded():
    from analytics.records import load_records

    return load_records(make_records()).to_pandas()


@pytest.mark.parametrize("edition", EDITIONS)
def test_release_by_hand(edition):
    reports = pd.DataFrame(
        {
            "report_id": ["a", "b"],
            "date_start": pd.to_datetime(["2021-10-01", "2021-12-20"]),
            "date_end": pd.to_datetime(["2021-10-01", "2021-12-20"]),
            "governorate": ["IQ-KI", "IQ-KI"],
            "district": ["Daquq", "Daquq"],
            "latitude": [35.1372, 35.1372],
            "longitude": [44.4509, 44.4509],
            "target": ["police; civilian", "police, Omar Aziz"],
            "source_url": ["file:///home/me/x.html", "https://a.example/1"],
            "notes": ["", "seen by Omar Aziz"],
        }
    )
    released = select_incidents(reports, edition=edition, as_of="2021-12-31").released
    told = released.incidents
    n = dict(released.rules.itertuples(index=False))
    if edition == "internal":
        assert n == {}
        assert len(told) == 2
    elif edition == "partner":
        assert n == {"columns": 1, "places": 2, "recent_places": 1, "words": 1, "addresses": 1}
        assert told["district"].fillna("-").tolist() == ["Daquq", "-"]
        assert told["latitude"].fillna(-1).tolist() == [35.1, -1]
        assert told["target"].tolist() == ["police; civilian", "other"]
        assert told["source_url"].isna().tolist() == [True, False]
        assert "notes" not in told
        assert "Omar" not in released.reports.to_csv()
    else:
        # Of b, only that it is not told.
        assert n == {"recent": 1, "columns": 0, "places": 1, "words": 0, "addresses": 1, "ids": 1}
        assert told["report_ids"].tolist() == [code_ids("a")]
        assert not {"district", "latitude", "longitude", "notes"} & set(told)
        assert released.known_until == pd.Timestamp("2021-12-01")


def test_days_that_are_not_told_are_not_zero():
    reports = pd.DataFrame(
        {
            "report_id": list("abc"),
            "date_start": pd.to_datetime(["2021-10-01", "2021-11-20", "2021-12-30"]),
            "date_end": pd.to_datetime(["2021-10-01", "2021-11-20", "2021-12-30"]),
        }
    )
    window = Window("2021-10-01", "2021-12-31")
    selection = select_incidents(reports, edition="public", as_of="2021-12-31")
    series = trace_series(selection, window, "month").series
    assert series["count"].fillna(-1).tolist() == [1, 1, 0]
    assert series["is_complete"].tolist() == [True, True, False]
    selection = select_incidents(reports, edition="public", as_of="2021-12-15")
    series = trace_series(selection, window, "month").series
    assert series["count"].fillna(-1).tolist() == [1, 0, -1]


@pytest.mark.parametrize("place", ["IQ-AN", "IQ-KI", "elsewhere"])
def test_small_counts_of_one_place_are_withheld_as_in_the_report_of_all_places(place):
    window, told = Window("2020-01-01", "2021-12-31"), {"edition": "public", "as_of": "2022-06-30"}
    selection = select_incidents(_loaded(), place=place, **told)
    series = trace_series(selection, window, "month").series
    by = "zone" if place == "elsewhere" else "governorate"
    country = trace_series(select_incidents(_loaded(), **told), window, "month", by=by).series
    # What the report of the country keeps back, that of the place does not give away.
    kept_back = country.loc[country[by] == place, "is_withheld"].to_numpy()
    assert (series["is_withheld"].to_numpy() >= kept_back).all()
    shown = series.loc[~series["is_withheld"], "count"]
    assert not shown.between(1e-9, 4.999).any()
    assert not (series["is_withheld"] & series["is_complete"]).any()
    kinds = trace_series(selection, window, "month", by="event_type").series
    hidden = kinds["period_start"].isin(series.loc[series["is_withheld"], "period_start"])
    assert kinds.loc[hidden, "count"].isna().all()
    assert trace_series(selection, window, "day").series["is_withheld"].all()


def test_a_single_small_period_is_not_given_away_by_the_number_of_records():
    counts = pd.DataFrame({"count": [9.0, 2.0, 7.0, 0.0], "is_complete": True})
    hidden = hide_periods(counts, np.array([False, True, False, False]))
    assert hidden["is_withheld"].tolist() == [False, True, True, False]


def audit(counts, cells, totals, row, column):
    """The lowest and highest value of a cell that agree with everything that is shown."""
    n_rows, n_columns = counts.shape
    unknown = [(r, c) for r, c in np.argwhere(cells)] + [(r, -1) for r in np.flatnonzero(totals)]
    place = {tuple(map(int, cell)): number for number, cell in enumerate(unknown)}
    equations, known = [], []
    for r in range(n_rows):
        line, rest = np.zeros(len(unknown)), 0.0 if totals[r] else counts[r].sum()
        for c in range(n_columns):
            if cells[r, c]:
                line[place[r, c]] = 1
            else:
                rest -= counts[r, c]
        if totals[r]:
            line[place[r, -1]] = -1
        equations.append(line)
        known.append(rest)
    for c in range(n_columns):
        line = np.zeros(len(unknown))
        for r in np.flatnonzero(cells[:, c]):
            line[place[int(r), c]] = 1
        equations.append(line)
        known.append(counts[:, c].sum() - counts[~cells[:, c], c].sum())
    line = np.zeros(len(unknown))
    for r in np.flatnonzero(totals):
        line[place[int(r), -1]] = 1
    equations.append(line)
    known.append(counts.sum() - counts[~totals].sum())
    goal = np.zeros(len(unknown))
    goal[place[row, column]] = 1
    ends = []
    for sign in (1, -1):
        solved = linprog(sign * goal, A_eq=np.array(equations), b_eq=known, bounds=(0, None))
        assert solved.status in (0, 3)
        ends.append(sign * solved.fun if solved.status == 0 else np.inf)
    return ends


@pytest.mark.parametrize("seed", range(12))
def test_no_small_cell_can_be_worked_out(seed):
    rng = np.random.default_rng(seed)
    n_rows = int(rng.integers(2, 6))
    counts = rng.poisson(rng.uniform(0.3, 8, (n_rows, 1)) * np.ones((1, 6))).astype(float)
    cells, totals = choose_withheld(counts, 5)
    small = (counts > 0) & (counts < 5)
    assert (cells | ~small).all()
    for row, column in np.argwhere(small):
        low, high = audit(counts, cells, totals, int(row), int(column))
        assert high - low >= 1 - 1e-6, (seed, row, column)
    for row in np.flatnonzero((counts.sum(axis=1) > 0) & (counts.sum(axis=1) < 5)):
        low, high = audit(counts, cells, totals, int(row), -1)
        assert high - low >= 1 - 1e-6


def test_large_cells_stay():
    series = pd.DataFrame(
        {
            "zone": ["a"] * 2 + ["b"] * 2,
            "period_start": pd.to_datetime(["2020-01-01", "2020-02-01"] * 2),
            "count": [7, 0, 9, 12],
            "count_min": [7, 0, 9, 12],
        }
    )
    hidden = hide_small_cells(series, 5)
    assert hidden["count"].tolist() == [7, 0, 9, 12]
    assert hidden["total"].tolist() == [7, 7, 21, 21]
    assert not hidden["is_withheld"].any()
    assert hidden["count_min"].isna().all()


def test_withheld_texts_are_found_and_codes_are_not():
    prints = take_fingerprints(["Omar Aziz", "sure", "Kirkuk", "17", "36.4817", "police"])
    assert list(
        find_texts("killed OMAR  Aziz near 36.4817; police sure in Kirkuk, 17", prints)
    ) == [*("omar aziz", "36.4817")]


def page(said="well", **changes):
    series = {
        "name": "incidents per week by governorate",
        "recipe": {"by": "governorate"},
        "periods": {
            "governorate": ["IQ-KI", "IQ-DI"], "period_start": ["2021-01-04"] * 2,
            "count": [7, 9], "is_withheld": [False, False],
        },
    }  # fmt: skip
    series["periods"] |= changes
    script = '<script type="application/json" id="{}">{}</script>'
    made = {"Report": {"edition": "public"}}
    return (
        "<html lang='en'><body>"
        + script.format("manifest", json.dumps(made))
        + script.format("numbers", json.dumps({"series": [series]}))
        + f"<p>{said}</p></body></html>"
    )


@pytest.mark.parametrize(
    ("html", "said"),
    [
        (page(count=[3, 9]), "the cell IQ-KI 2021-01-04 is 3, below 5"),
        (page(count=[None, 9], is_withheld=[True, False]), "is known from its period's total"),
        (page("at 35.1372 N, 44.4509 E"), "holds a point: 35.1372 N, 44.4509"),
        (page("see /home/me/x"), "holds a path of a machine: /home/me/x"),
        (page("write to a.b@example.org"), "holds an address of a person"),
        (page().replace('"public"', '"internal"'), "was made as the internal edition, not as"),
        (page("Omar Aziz"), "that was left out of the records: omar aziz"),
    ],
)
def test_the_linter_names_each_fault(html, said):
    prints = take_fingerprints(["Omar Aziz"])
    assert lint_report(page(), "public", withheld=prints) == []
    (fault,) = lint_report(html, "public", withheld=prints)
    assert re.search(re.escape(said), fault)


def test_the_command_tells_what_breaks_the_rules_and_exits_by_it(tmp_path):
    def lint(*arguments):
        done = CliRunner().invoke(app, ["lint", str(tmp_path), "--edition", "public", *arguments])
        return done.exit_code, done.stdout.splitlines()

    (tmp_path / "good.en.html").write_text(page(), encoding="utf-8")
    code, said = lint()
    assert (code, said) == (0, ["good.en: nothing against the rules of the public edition"])
    (tmp_path / "torn.en.html").write_text(page()[:-3], encoding="utf-8")
    code, said = lint()
    assert code == 2
    assert said[1].startswith("torn.en: torn.en.html: is cut off: its end is missing")
    # Cut exactly after a tag, and changed after it was made: no markup tells.
    whole = seal_page(page().replace("<body>", '<meta name="seal" content=""><body>'))
    for text, fault in (
        (whole[: whole.rindex("<")], "torn.en: torn.en.html: is cut off: its end is missing"),
        (whole.replace("public", "public "), "  The page is not as it was made."),
    ):
        (tmp_path / "torn.en.html").write_text(text, encoding="utf-8")
        assert any(line.startswith(fault) for line in lint()[1])
    (tmp_path / "torn.en.html").write_text(whole, encoding="utf-8")
    assert lint()[0] == 0
    (tmp_path / "torn.en.html").write_text(page()[:-3], encoding="utf-8")
    (tmp_path / "bad.en.html").write_text(page("Salim Haddawi", count=[3, 9]), encoding="utf-8")
    # What lies beside a page goes out with it.
    (tmp_path / "good.en.data.csv").write_text("see /home/me/x", encoding="utf-8")
    code, said = lint()
    assert code == 1
    assert said[:3] == [
        "bad.en: breaks the rules of the public edition",
        "  incidents per week by governorate: the cell IQ-KI 2021-01-04 is 3, below 5.",
        "good.en: breaks the rules of the public edition",
    ]
    assert said[3].startswith("  Good.en.data.csv holds a path of a machine: /home/me/x")
    make_records().to_csv(tmp_path / "records.csv", index=False)
    code, said = lint("--data", str(tmp_path / "records.csv"))
    assert "  The page holds a text that was left out of the records: salim haddawi." in said


def test_a_column_of_numbers_is_no_point():
    column = "<script id='figure-1-data'>{}</script>"
    assert lint_report(page() + column.format('{"x":[1,33.63,45.21,-2e-5,null]}'), "public") == []
    # Both ends of an error bar lie on one axis; two numbers elsewhere can be a place.
    assert lint_report(page() + column.format('{"y":[34.1179,41.0825]}'), "public") == []
    assert lint_report(page() + column.format('{"customdata":[33.63,45.21]}'), "public")


def test_an_edition_that_is_not_there():
    with pytest.raises(ParameterError, match="edition 'secret': is not known"):
        load_edition("secret")


def test_release_of_nothing():
    frame = _loaded().iloc[:0]
    released = release_records(frame.assign(report_ids=[]), frame, "public")
    assert released.incidents.empty
