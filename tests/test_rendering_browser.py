"""The finished files in a browser with the network cut, and the PDF's structure and text."""

import getpass
import re
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from pypdf import PdfReader

from analytics.language import Language
from analytics.rendering import Definition, render_reports
from analytics.rendering.prose import translate

SMALL = Path(__file__).parent / "notebooks" / "small_report.ipynb"
PLACE = "Kirkuk <b>كركوك</b> ێۆڕڵڤە سەڵاحەدین الإسلامية"

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The small report in English and Sorani: {language: {format: path}}."""
    definition = Definition("small", "A small report", SMALL, {"place": PLACE, "n_weeks": 40})
    out = tmp_path_factory.mktemp("reports")
    results = render_reports([definition], languages=["en", "ckb"], out_dir=out)
    assert [result.problem for result in results] == ["", ""]
    return {result.language: result.files for result in results}


@pytest.mark.parametrize("width", [390, 820, 1280])
@pytest.mark.parametrize("language", ["en", "ckb"])
def test_every_chart_is_drawn_without_a_request(files, visit, language, width):
    path = files[language]["html"]
    page = visit(path, width)
    assert page.n_drawn == 2
    assert page.locator(".plot .main-svg .plot-container, .plot .main-svg").count() >= 2
    assert page.locator(".plot .point").count() == 40 + 2
    assert page.asked == [path.as_uri()]
    assert page.said == []
    assert page.locator("#no-script").count() == 0
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    for plot in page.locator(".plot").all():
        box, svg = plot.bounding_box(), plot.locator(".main-svg").first.bounding_box()
        assert abs(box["width"] - svg["width"]) <= 1
        assert abs(box["height"] - svg["height"]) <= 1


def test_the_policy_stops_a_script_that_is_not_ours(files, visit):
    page = visit(files["en"]["html"])
    page.evaluate(
        """() => { const s = document.createElement("script");
        s.textContent = "window.stranger = 1"; document.head.append(s);
        new Image().src = "https://example.org/x.png"; }"""
    )
    assert page.evaluate("window.stranger") is None
    assert [re.search(r"violates the following .*?(script|img)-src", text)[1] for text in page.said]


def test_charts_speak_on_hover_and_tables_open_by_keyboard(files, visit):
    page = visit(files["en"]["html"])
    page.locator(".plot .point").nth(3).hover(force=True)
    page.wait_for_selector(".hoverlayer text")
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open] td").first.is_visible()


def test_ticks_are_numbered_in_the_digits_of_the_language(files, visit):
    read = "() => [...document.querySelectorAll('.ytick')].map((t) => t.textContent).join(' ')"
    assert re.fullmatch(r"[0-5 ]+", visit(files["en"]["html"]).evaluate(read))
    page = visit(files["ckb"]["html"])
    assert re.fullmatch(r"[٠-٥ ]+", page.evaluate(read))
    page.evaluate("Plotly.relayout(document.querySelector('.plot'), {'yaxis.range': [0, 3]})")
    assert re.fullmatch(r"[٠-٥٫ ]+", page.evaluate(read))


def test_text_is_in_the_fonts_of_the_page(files, visit):
    page = visit(files["ckb"]["html"])
    faces = page.evaluate("[...document.fonts].map((face) => face.family + ' ' + face.status)")
    assert faces == [*["Noto Sans loaded"] * 2, *["IBM Plex Sans Arabic loaded"] * 2]
    family = page.locator(".xtick text").first.evaluate(
        "(text) => getComputedStyle(text).fontFamily"
    )
    assert family.startswith('"Noto Sans", "IBM Plex Sans Arabic"')


def test_a_reader_prints_at_the_width_of_the_paper(files, visit):
    page = visit(files["en"]["html"])
    widths = "() => [...document.querySelectorAll('.plot .main-svg')].map((s) => s.clientWidth)"
    on_screen = page.evaluate(widths)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert set(page.evaluate(widths)) == {680}
    assert page.evaluate("document.body.clientWidth") == 680
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(widths) == on_screen


def test_a_table_wider_than_the_paper_is_set_smaller(files, visit):
    page = visit(files["en"]["html"])
    page.evaluate(
        """() => document.querySelectorAll(".table tr").forEach((row) => {
        for (let i = 0; i < 14; i++) row.insertAdjacentHTML("beforeend", "<td>1,234.5</td>"); })"""
    )
    page.emulate_media(media="print")
    is_cut = "() => [...document.querySelectorAll('.table')].some((t) => t.scrollWidth > 681)"
    assert page.evaluate(is_cut)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.evaluate(is_cut)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ckb"])
def test_axe_finds_no_violation(files, visit, language, scheme):
    found = find_spec("axe_playwright_python")
    if found is None:
        pytest.skip("axe-playwright-python is not installed")
    script = (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    # The page's own policy would stop axe, as it stops every stranger.
    page = visit(files[language]["html"], color_scheme=scheme, bypass_csp=True)
    page.locator("details").first.evaluate("(fold) => { fold.open = true; }")
    page.evaluate(script)
    found = page.evaluate("axe.run()")
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found["violations"]] == []
    assert len(found["passes"]) > 20


def outline_titles(items):
    for item in items:
        yield from outline_titles(item) if isinstance(item, list) else [item["/Title"]]


@pytest.mark.parametrize("language", ["en", "ckb"])
def test_the_pdf_is_tagged_outlined_and_named(files, language):
    path = files[language]["pdf"]
    pdf = PdfReader(path)
    catalogue = pdf.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"] == language
    assert pdf.metadata.title == "A small report"
    titles = list(outline_titles(pdf.outline))
    headings = ["A small report", "The series", "Places", "What this cannot show"]
    assert titles[:4] == [translate(heading, Language(language))[0] for heading in headings]
    assert path.stat().st_size < 2_000_000
    for page in pdf.pages:
        assert [round(float(v)) for v in page.mediabox[2:]] == [595, 842]


def test_neither_page_nor_pdf_tells_of_this_machine(files):
    """No user and no path, in the text, the metadata or between objects."""
    own = (Path.home(), Path(__file__).parents[1], Path(sys.prefix), Path(tempfile.gettempdir()))
    private = [f"{folder}/" for folder in own] + [f"{getpass.getuser()}@"]
    for language, formats in files.items():
        pdf = PdfReader(formats["pdf"])
        parts = [str(pdf.metadata), str(pdf.xmp_metadata), str(pdf.trailer["/Root"])]
        parts += [page.extract_text() for page in pdf.pages]
        parts += [formats["pdf"].read_bytes().decode("latin-1")]
        parts += [formats[form].read_text("utf-8") for form in ("html", "manifest")]
        found = {name for name in private for part in parts if name in part}
        assert found == set(), language
        assert set(pdf.metadata) <= {
            "/Title", "/Creator", "/Producer", "/CreationDate", "/ModDate"
        }  # fmt: skip


def test_the_pdf_holds_text_and_vectors_only(files):
    pdf = PdfReader(files["en"]["pdf"])
    texts = [" ".join(page.extract_text().split()) for page in pdf.pages]
    for number, text in enumerate(texts, start=1):
        assert f"Page {number} of {len(texts)}" in text
    whole = " ".join(texts)
    assert "Did the number of attacks change?" in whole
    assert "80 attacks in 40 weeks in Kirkuk" in whole
    assert "2017-10-02" in whole
    assert not [image for page in pdf.pages for image in page.images]


def test_words_of_all_three_languages_are_found_in_the_pdf(files):
    whole = "".join(page.extract_text() for page in PdfReader(files["ckb"]["pdf"]).pages)
    # Lam with alef, which a font draws as one, must come out as two letters in their order.
    for word in PLACE.replace("<b>", "").replace("</b>", "").split():
        assert word in whole
