"""The reports in the repository, in all languages: the same numbers, and text that can be found."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

from analytics.rendering import load_definition, render_reports
from analytics.rendering.browser import find_browser

ROOT = Path(__file__).parents[1]
NAMES = ["end_of_combat_mission_2021", "kirkuk_16_october_2017", "weekly_press_2021"]
LATIN = str.maketrans("٠١٢٣٤٥٦٧٨٩٫٬−", "0123456789.,-")
CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SIGNS = re.compile("[\u064b-\u0652\u0670]")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The three reports in three languages: {(name, language): {format: path}}."""
    definitions = [load_definition(ROOT / "reports" / f"{name}.yaml") for name in NAMES]
    results = render_reports(
        definitions, languages=["en", "ar", "ckb"], out_dir=tmp_path_factory.mktemp("reports")
    )
    assert [result.problem for result in results] == [""] * 9
    return {(result.name, result.language): result.files for result in results}


class Words(HTMLParser):
    """The text of a page, or of what is printed of it."""

    def __init__(self, path, *, is_printed):
        super().__init__()
        self.depth, self.parts = 0, []
        self.left_out = ["script", "style", "title"] + ["details", "nav"] * is_printed
        html = path.read_text(encoding="utf-8")
        if is_printed:  # two lines that only a screen shows
            html = re.sub(r'<(p|a) class="(no-script|skip)".*?</\1>', "", html)
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.depth += tag in self.left_out

    def handle_endtag(self, tag):
        self.depth -= tag in self.left_out

    def handle_data(self, data):
        if not self.depth:
            self.parts.append(data)

    @property
    def text(self):
        return CONTROLS.sub("", " ".join(self.parts))


def numbers(path):
    text = Words(path, is_printed=False).text.translate(LATIN)
    text = re.sub(r"\b[0-9a-f]{12,}\b", "", text)
    return Counter(n.replace(",", "").rstrip(".") for n in re.findall(r"\d[\d,.]*", text))


@pytest.mark.parametrize("language", ["ar", "ckb"])
@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_in_every_language(shipped, name, language):
    english = numbers(shipped[name, "en"]["html"])
    assert len(english) > 50
    other = numbers(shipped[name, language]["html"])
    assert set(other) == set(english), {n for n in english | other if english[n] != other[n]}


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_without_a_translation(shipped, name, language):
    assert "⟦" not in shipped[name, language]["html"].read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_the_page_is_found_in_the_pdf(shipped, name, language):
    seen = Words(shipped[name, language]["html"], is_printed=True).text
    pages = PdfReader(shipped[name, language]["pdf"]).pages
    printed = CONTROLS.sub("", " ".join(page.extract_text() for page in pages))
    words = set(re.findall(r"\b[^\W\d_]{2,}\b", SIGNS.sub("", seen)))
    assert len(words) > 200
    assert {word for word in words if word not in printed} == set()


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
def test_fonts_of_the_pdf_are_whole(shipped, language):
    """Embedded, and not as drawings (Type 3), whose words readers tear apart."""
    fonts = {}
    for page in PdfReader(shipped[NAMES[1], language]["pdf"]).pages:
        fonts |= page["/Resources"].get("/Font", {})
    kinds = {font.get_object()["/Subtype"] for font in fonts.values()}
    assert kinds == {"/Type0"}
    for font in fonts.values():
        (descendant,) = font.get_object()["/DescendantFonts"]
        assert "/FontFile2" in descendant.get_object()["/FontDescriptor"]
