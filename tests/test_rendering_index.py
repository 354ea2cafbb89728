"""The index: what it lists, what it escapes, and how it is used in a browser without a network."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from analytics.rendering.index import read_entries, write_index

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def folder(tmp_path):
    """Return a folder of reports as their manifests tell of them; no report is opened here."""

    def add(name, language, title, **report):
        outputs = [f"{name}.{language}.html", f"{name}.{language}.pdf"]
        for output in outputs:
            (tmp_path / output).touch()
        content = {
            "Title": title,
            "Report": {"definition": name, **report, "language": language},
            "Outputs": {output: {} for output in outputs},
        }
        path = tmp_path / f"{name}.{language}.manifest.json"
        path.write_text(json.dumps(content), "utf-8")

    for period in ("2021-11", "2021-12"):
        for place in ("all", "IQ-KI"):
            for language in ("en", "ar", "ckb"):
                values = {"series": "monthly", "period": period, "place": place}
                add(f"monthly.{period}.{place}", language, f"{place} {period} {language}", **values)
    add("weekly", "en", HOSTILE)
    return tmp_path


def test_entries_stand_by_period_then_place(folder):
    (folder / "broken.manifest.json").write_text("{")
    (folder / "list.manifest.json").write_text("[]")
    (folder / "gone.en.manifest.json").write_text(
        '{"Report": {"definition": "gone", "language": "en"}, "Outputs": {"gone.en.html": {}}}'
    )
    (folder / "out.en.manifest.json").write_text(
        '{"Report": {"definition": "o", "language": "en"}, "Outputs": {"../weekly.en.html": {}}}'
    )
    entries = list(read_entries(folder))
    assert [(e.series, e.period, e.place) for e in entries] == [
        *[("monthly", "2021-12", place) for place in ("all", "IQ-KI")],
        *[("monthly", "2021-11", place) for place in ("all", "IQ-KI")],
        ("weekly", "", ""),
    ]
    assert entries[0].files["ckb"] == {
        "html": "monthly.2021-12.all.ckb.html",
        "pdf": "monthly.2021-12.all.ckb.pdf",
    }


def test_the_page_asks_for_nothing_and_escapes_titles(folder):
    html = write_index(folder).read_text("utf-8")
    assert "default-src &#39;none&#39;" in html
    assert HOSTILE not in html
    assert "&lt;img src=x" in html
    assert "كانون الأول ٢٠٢١" in html
    assert not list(folder.glob(".index*"))


def test_an_empty_folder_has_a_page_that_says_so(tmp_path):
    assert "No report has been rendered" in write_index(tmp_path).read_text("utf-8")


@pytest.mark.browser
def test_the_lists_are_filtered_and_read_aloud(folder, visit):
    path = write_index(folder)
    page = visit(path, locale="en-GB")
    shown = page.locator(".reports > li:visible")
    assert shown.count() == 5
    page.select_option("#en-period", "2021-12")
    assert shown.count() == 2
    page.select_option("#en-place", "IQ-KI")
    page.select_option("#en-language", "ckb")
    (files,) = page.locator(".files > li:visible").all_inner_texts()
    assert files.split() == ["کوردی", "HTML", "PDF"]
    assert page.locator(".shown:visible").inner_text() == "1 of 13 reports are shown"
    page.check("#in-ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator(".files > li:visible").count() == 1
    assert "١" in page.locator(".shown:visible").inner_text()
    for name in ("en", "ar", "ckb"):
        page.check(f"#in-{name}")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    assert page.said == []
    plain = visit(path, java_script_enabled=False)
    assert plain.locator(".reports > li:visible").count() == 5
    assert plain.locator("select:visible").count() == 0
    plain.check("#in-ckb")
    assert plain.locator("section:visible").get_attribute("lang") == "ckb"
