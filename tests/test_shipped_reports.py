"""The reports in the repository, in all languages: the same numbers, and text that can be found."""

import fcntl
import json
import os
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from analytics.language import Language
from analytics.rendering import load_definition, load_definitions, render_reports
from analytics.rendering.finished import read_finished
from analytics.rendering.prose import translate

ROOT = Path(__file__).parents[1]
SHIPPED = ["end_of_combat_mission_2021", "kirkuk_16_october_2017", "weekly_press_2021"]
# Of the monthly report the country, and a governorate of whose incidents there is none.
MONTHLY = ["monthly.2021-12.all", "monthly.2021-12.IQ-WA"]
NAMES = SHIPPED + MONTHLY
LATIN = str.maketrans("٠١٢٣٤٥٦٧٨٩٫٬−", "0123456789.,-")
CONTROLS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SIGNS = re.compile("[\u064b-\u0652\u0670]")

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The reports in three languages, made once: {(name, language): {format: path}}."""
    definitions = [load_definition(ROOT / "reports" / f"{name}.yaml") for name in SHIPPED]
    definitions += load_definitions(
        ROOT / "reports" / "monthly.yaml", period="2021-12", only={"place": ["all", "IQ-WA"]}
    )
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    with (folder / "shipped.lock").open("w") as lock:
        # The first worker renders; to the others all is up to date.
        fcntl.flock(lock, fcntl.LOCK_EX)
        results = render_reports(
            definitions,
            languages=["en", "ar", "ckb"],
            formats=["html", "pdf", "static.html"],
            out_dir=folder / "shipped",
        )
    assert [result.problem for result in results] == [""] * 15
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
    assert len(english) > 20
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


# What of a chart lies outside its frame, or on something else, once it is drawn for a width.
LAYOUT = """async (width) => {
  const plots = [...document.querySelectorAll(".plot")];
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  if (window.Plotly) {
    await Promise.all(plots.map((plot) => Plotly.Plots.resize(plot)));
    const isLate = (plot) => Math.abs(plot.settledWidth - plot.offsetWidth) > 1;
    for (let n = 0; n < 500 && plots.some(isLate); n += 1) await wait(20);
    if (plots.some(isLate)) return ["the charts do not take the width of " + width];
    await wait(60);
  }
  const faults = document.documentElement.scrollWidth > width ? ["the page is too wide"] : [];
  plots.forEach((plot) => {
    const tell = (said) => faults.push(plot.closest("figure").id + ": " + said);
    const frame = plot.getBoundingClientRect();
    const lines = [...plot.querySelectorAll("svg text")].flatMap((text) => {
      const spans = [...text.querySelectorAll("tspan.line")];
      return (spans.length ? spans : [text]).map((part) => ({
        text: part.textContent.trim(), owner: text, box: part.getBoundingClientRect() }));
    }).filter(({ text, box }) => text && box.width > 0);
    lines.forEach(({ text, owner, box }, i) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1
          || box.top < frame.top - 3 || box.bottom > frame.bottom + 3) tell(text + " is cut");
      lines.slice(i + 1).forEach((other) => {
        if (owner !== other.owner
            && box.left + 1 < other.box.right && other.box.left + 1 < box.right
            && box.top + 4 < other.box.bottom && other.box.top + 4 < box.bottom)
          tell(text + " lies on " + other.text);
      });
    });
    if (!plot.querySelector(".point, .js-line")) tell("is empty");
  });
  return faults;
}"""
WIDTHS = (1280, 680, 390)  # a laptop, a sheet of A4 between its margins, a phone
# All folds are open; of a long table the rows are made alike, and axe is slow on thousands.
UNFOLD = """() => {
  document.querySelectorAll("tbody tr:nth-child(n + 9)").forEach((row) => row.remove());
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
}"""


def run_axe(page, **options):
    page.evaluate(UNFOLD)
    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False, **options})
    return found.generate_report() if found.violations_count else ""


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_whole_at_every_width_and_open_to_all(shipped, visit, name, language):
    path = shipped[name, language]["html"]
    # The page's own policy would stop axe, as it stops every stranger.
    page = visit(path, bypass_csp=True)
    assert page.n_drawn == json.loads(shipped[name, language]["manifest"].read_text())["Figures"]
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(LAYOUT, width) == []
    assert page.asked == [path.as_uri()]
    assert page.said == []
    assert run_axe(page) == ""
    if language == "en":  # colours are the same in every language
        page.emulate_media(color_scheme="dark")
        assert run_axe(page, runOnly=["color-contrast"]) == ""


def test_a_label_that_is_cut_or_covered_and_an_empty_chart_are_found(shipped, visit):
    """The test above could fail."""
    page = visit(shipped["monthly.2021-12.IQ-WA", "en"]["html"], bypass_csp=True)
    page.evaluate(
        """() => {
          const [one, other] = document.querySelectorAll(".plot");
          const labels = one.querySelectorAll(".ytick text");
          labels[1].setAttribute("y", labels[0].getAttribute("y"));
          labels[1].setAttribute("transform", labels[0].getAttribute("transform"));
          one.querySelector(".xtick text").setAttribute("transform", "translate(-500, 0)");
          other.querySelectorAll(".point, .js-line").forEach((mark) => mark.remove());
          document.querySelector("figure a, p").innerHTML += "<img src='data:,'>";
        }"""
    )
    layout = LAYOUT.replace("Plotly.Plots.resize(plot)", "null")
    faults = " ".join(page.evaluate(layout, 1280))
    for fault in (" lies on ", " is cut", "figure-2: is empty"):
        assert fault in faults
    assert "image-alt" in run_axe(page)


@pytest.mark.parametrize(
    ("edition", "scheme"), [("html", "light"), ("html", "dark"), ("static.html", "light")]
)
def test_what_is_not_coded_is_striped_on_the_map(shipped, visit, edition, scheme):
    """Halabja alone; the stripes are of the colour of its edge, and are seen."""
    page = visit(shipped["monthly.2021-12.all", "en"][edition], color_scheme=scheme)
    stripes = page.evaluate(
        """() => Array.from(document.querySelectorAll("pattern path")).map(function (line) {
          const id = line.parentElement.id;
          const tiles = Array.from(document.querySelectorAll("path")).filter(
            (path) => (path.style.fill || path.getAttribute("fill") || "").includes("#" + id));
          const edges = tiles.map((tile) => getComputedStyle(tile).stroke);
          const drawn = getComputedStyle(line);
          return [edges.length, edges[0] === drawn.stroke, Number(drawn.opacity)];
        })"""
    )
    assert stripes == [[1, True, 1]]


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
def test_axe_finds_nothing_in_the_static_edition(shipped, visit, language):
    page = visit(shipped[SHIPPED[0], language]["static.html"], bypass_csp=True)
    assert run_axe(page) == ""


@pytest.mark.parametrize("language", ["en", "ckb"])
def test_charts_and_records_are_within_reach_of_the_keyboard(shipped, visit, language):
    page = visit(shipped["weekly_press_2021", language]["html"])
    n_figures = page.n_drawn
    focus = "() => document.activeElement"
    reached = []
    for _ in range(200):
        page.keyboard.press("Tab")
        figure = page.evaluate(f"({focus})().dataset.figure ?? ''")
        if figure and reached[-1:] != [figure]:
            reached.append(figure)
            page.keyboard.press("Enter")
            assert page.evaluate(f"({focus})().localName") == "summary"
            assert page.evaluate(f"({focus})().parentElement.open")
            page.keyboard.press("Escape")
            assert not page.evaluate(f"({focus})().parentElement.open")
        if len(reached) == n_figures:
            break
    assert reached == [str(n + 1) for n in range(n_figures)]
    fold = page.locator("details[data-series]").first
    fold.locator("summary").first.focus()
    page.keyboard.press("Space")
    records = fold.locator("td.records details").first
    for _ in range(3):  # the table that scrolls, then the records of its first row
        page.keyboard.press("Tab")
        if page.evaluate(f"({focus})().closest('td.records') !== null"):
            break
    page.keyboard.press("Enter")
    assert records.evaluate("(element) => element.open")
    assert records.locator("li").first.is_visible()
    page.keyboard.press("Escape")
    assert not records.evaluate("(element) => element.open")
    assert fold.evaluate("(element) => element.open")


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
@pytest.mark.parametrize("name", NAMES)
def test_the_static_edition_says_the_same_without_script(shipped, visit, name, language):
    path = shipped[name, language]["static.html"]
    html = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 1_000_000
    assert shipped[name, language]["html"].stat().st_size < 2_500_000
    assert "<script" not in html
    assert "script-src 'none'" in html
    page = visit(path, 390, java_script_enabled=False)
    n_figures = json.loads(shipped[name, language]["manifest"].read_text())["Figures"]
    assert page.locator(".plot > svg").count() == n_figures
    assert page.asked == [path.as_uri()]
    assert page.said == []
    assert numbers(shipped[name, language]["html"]).keys() <= numbers(path).keys()
    marked = re.findall(r'\bid="([^"]+)"', html)
    assert len(marked) == len(set(marked))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(marked)
    kept = read_finished(html)
    whole = read_finished(shipped[name, language]["html"].read_text(encoding="utf-8"))
    assert (kept.provenance, kept.numbers, kept.rows) == (
        whole.provenance, whole.numbers, whole.rows,
    )  # fmt: skip


def outline_titles(items):
    for item in items:
        yield from outline_titles(item) if isinstance(item, list) else [item["/Title"]]


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_is_a_document(shipped, name, language):
    path = shipped[name, language]["pdf"]
    assert path.stat().st_size < 2_000_000
    pdf = PdfReader(path)
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    title = json.loads(shipped[name, language]["manifest"].read_text())["Title"]
    assert CONTROLS.sub("", pdf.metadata.title) == SIGNS.sub("", CONTROLS.sub("", title))
    headings = re.findall(r"<h[123][^>]*>(.*?)</h", shipped[name, language]["html"].read_text())
    assert len(list(outline_titles(pdf.outline))) == len(headings)
    texts = [CONTROLS.sub("", page.extract_text()) for page in pdf.pages]
    speech = Language(language)
    pages = translate("Page %1 of %2", speech)[0]
    for number, text in enumerate(texts, start=1):
        count = pages.replace("%1", str(number)).replace("%2", str(len(texts)))
        # Of digits that run against the line, readers of a PDF turn the order.
        for part in count.split():
            assert part in text.translate(LATIN) or part[::-1] in text.translate(LATIN)
    assert not [image for page in pdf.pages for image in page.images]
    links = [
        note.get_object()["/A"]["/URI"]
        for page in pdf.pages
        for note in page.get("/Annots", [])
        if "/URI" in note.get_object().get("/A", {})
    ]
    assert all(link.startswith("http") for link in links)
    # The first page is whole: what is missing ends on it, the next begins with a heading.
    missing = re.search(
        r'class="first-page">.*?</div>\n(?=<h2|<div)',
        shipped[name, language]["html"].read_text(),
        re.S,
    )
    last = re.findall(r"<li>(.*?)</li>", missing[0], re.S)[-1]
    words = re.findall(r"\b[^\W\d_]{4,}\b", SIGNS.sub("", CONTROLS.sub("", last)))
    assert {word for word in words if word not in texts[0]} == set()
