"""The page made of a notebook: complete, safe whatever records hold, the same each time."""

import base64
import copy
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pandas as pd
import plotly
import plotly.graph_objects as go
import pytest
from markupsafe import Markup

from analytics.errors import ParameterError, RenderError
from analytics.language import Language
from analytics.rendering.assets import read_plotly, write_font_faces
from analytics.rendering.display import (
    escape_markdown,
    format_table,
    show_figure,
    show_table,
    show_text,
)
from analytics.rendering.page import compose_page
from analytics.rendering.prose import iter_messages, render_prose
from analytics.rendering.report import execute_notebook

SMALL = Path(__file__).parent / "notebooks" / "small_report.ipynb"
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"' &amp; \x00\x1b ]]>"


class Reader(HTMLParser):
    """Elements in order, with their attributes, and the text of each kind of element."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.texts, self.stack = [], {}, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.stack.append(tag)

    def handle_endtag(self, tag):
        if tag in self.stack:
            del self.stack[len(self.stack) - 1 - self.stack[::-1].index(tag) :]

    def handle_data(self, text):
        if self.stack:
            self.texts.setdefault(self.stack[-1], []).append(text)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def executed():
    return execute_notebook(SMALL, {"place": HOSTILE})


@pytest.fixture(scope="module")
def page(executed):
    return compose_page(executed, title="Small & sound", provenance={"Code": {"a": "<1>"}})


def outputs(*bundles, kind="display_data"):
    """A notebook of one cell with these outputs."""
    cell = nbformat.v4.new_code_cell("x", id="c")
    cell.outputs = [
        nbformat.v4.new_output(kind, data=data, metadata=metadata) for data, metadata in bundles
    ]
    return nbformat.v4.new_notebook(cells=[cell])


def body_of(page):
    return page.html[page.html.index("<main") : page.html.index("</main>")]


def test_nothing_comes_from_elsewhere(page):
    read = Reader(page.html)
    for tag, attributes in read.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            value = attributes.get(name) or ""
            assert value.startswith(("#", "data:")) or not value, (tag, value)
    assert "link" not in {tag for tag, _ in read.elements}
    assert not re.search(r"url\((?!data:)", "".join(read.texts["style"]))
    assert "@import" not in "".join(read.texts["style"])


def test_the_policy_knows_both_scripts_and_no_other(page):
    read = Reader(page.html)
    policy = next(m["content"] for m in read.all("meta") if m.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    own = [t for t in read.texts["script"] if t.startswith('\n"use strict"')]
    packed = max(read.texts["script"], key=len)
    library = gzip.decompress(base64.b85decode(packed.replace(",", "<"))).decode()
    assert library == read_plotly()
    for source in (*own, library):
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.count("sha256-") == 2


def test_only_what_maps_need_is_left_out_of_the_library():
    whole = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text("utf-8")
    ours = read_plotly()
    texts = re.findall(r"\b(?:exports|textContent)='((?:[^'\\]|\\.)*+)'", whole)
    long = [text for text in texts if len(text) > 50_000]
    assert len(whole) - len(ours) == sum(map(len, long)) > 500_000
    assert all("maplibre" in text.lower() for text in long)


def test_the_page_says_its_language_title_and_headings_in_order(page):
    read = Reader(page.html)
    assert read.all("html")[0]["lang"] == "en"
    assert read.all("html")[0]["dir"] == "ltr"
    assert read.texts["title"] == ["Small & sound"]
    assert read.texts["h1"] == ["Small & sound"]
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels == [1, 2, 2, 2, 2]
    ids = [a["id"] for _, a in read.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert "Did the number of attacks change?" in page.html
    assert "A small report" not in page.html


def test_code_is_left_out_and_figures_are_whole(executed, page):
    assert "show_figure(" not in page.html
    assert "import " not in body_of(page)
    assert page.n_figures == 2
    given = [
        o.data["application/vnd.plotly.v1+json"]
        for cell in executed.cells
        for o in cell.get("outputs", [])
        if "application/vnd.plotly.v1+json" in o.get("data", {})
    ]
    held = re.findall(
        r'<script type="application/json" id="figure-\d-data">(.*?)</script>', page.html
    )
    assert [json.loads(text) for text in held] == given
    plots = [a for a in Reader(page.html).all("div") if a.get("class") == "plot"]
    assert [a["aria-label"] for a in plots] == ["A line of counts", "Two bars: Kirkuk 3, Diyala 5"]
    assert {a["role"] for a in plots} == {"img"}
    assert body_of(page).count("<figure ") == body_of(page).count("</figure>") == 2


def test_tables_can_be_read_by_row_and_column(page):
    heads = Reader(body_of(page)).all("th")
    assert len(heads) == 2 * (3 + 12)
    assert [a["scope"] for a in heads[:4]] == ["col", "col", "col", "row"]


def test_the_same_notebook_gives_the_same_bytes(executed, page):
    again = compose_page(
        copy.deepcopy(executed), title="Small & sound", provenance={"Code": {"a": "<1>"}}
    )
    assert again.html.encode() == page.html.encode()
    rerun = execute_notebook(SMALL, {"place": HOSTILE})
    assert compose_page(rerun, title="Small & sound", provenance={"Code": {"a": "<1>"}}) == page


def test_text_from_records_stays_text(page):
    read = Reader(page.html)
    assert not read.all("img")
    assert not [a for _, a in read.elements if any(name.startswith("on") for name in a)]
    # Figures (2), library, the page's own script, provenance.
    assert len(read.all("script")) == 5
    assert "alert(1)" in body_of(page)
    assert "\x00" not in page.html
    assert "\x1b" not in page.html


@pytest.mark.parametrize("show", ["table", "caption", "alt", "text"])
def test_hostile_text_is_shown_wherever_it_stands(show, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "analytics.rendering.display.display",
        lambda data, metadata=None, raw=False: shown.append((data, metadata or {})),
    )
    frame = pd.DataFrame({HOSTILE: [HOSTILE], "n": ["1"]})
    if show == "table":
        show_table(frame, caption="A", note=HOSTILE)
    elif show == "text":
        show_text(f"Said: {escape_markdown(HOSTILE)}.")
    else:
        words = {"caption": "A", "alt": "B", show: HOSTILE}
        show_figure(go.Figure(go.Bar(x=[HOSTILE], y=[1])), **words, table=frame, summary=HOSTILE)
    page = compose_page(outputs(*shown), title=HOSTILE)
    read = Reader(page.html)
    assert not read.all("img")
    assert len(read.all("script")) == (3 if page.n_figures else 1)
    body_text = " ".join(text for texts in Reader(body_of(page)).texts.values() for text in texts)
    assert "onerror=alert(2)" in body_text or show == "alt"


def test_foreign_html_is_cut_down_to_tables_and_text():
    html = (
        "<style>b{}</style><table onclick=x><tr><th scope=col>A<td>1</table>"
        "<script>alert(1)</script><a href=http://x>l</a><iframe src=y></iframe>"
    )
    page = compose_page(outputs(({"text/html": html, "text/plain": "t"}, {})))
    body = body_of(page)
    assert '<table><tbody><tr><th scope="col">A</th><td>1</td></tr></tbody></table>l' in body
    assert not re.search("onclick|<script|alert|iframe|href|b{}", body)


def test_other_outputs_have_their_place():
    page = compose_page(
        outputs(
            ({"image/png": "AAAA\n", "text/plain": "dots"}, {}),
            ({"image/svg+xml": "<svg onload=x>", "text/plain": "lines"}, {}),
            ({"text/plain": "<b>plain</b>"}, {}),
            ({"text/markdown": "*soft* <b>x</b> ![a](http://x) [b](javascript:x)"}, {}),
        )
    )
    body = body_of(page)
    assert '<img src="data:image/png;base64,AAAA" alt="dots">' in body
    assert 'src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9eD4="' in body
    assert "<pre>&lt;b&gt;plain&lt;/b&gt;</pre>" in body
    assert "<p><em>soft</em> &lt;b&gt;x&lt;/b&gt; a b</p>" in body


def test_warnings_are_kept_out_and_paths_are_hidden():
    notebook = outputs()
    home = Path("/home/someone")
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("stream", name="stderr", text="/home/someone/a.py:1: UserWarning"),
        nbformat.v4.new_output(
            "stream", name="stdout", text="/home/someone/b.csv https://x.org/home/someone/c"
        ),
    ]
    page = compose_page(notebook, private=[home, Path("/")])
    assert page.warnings == ("/home/someone/a.py:1: UserWarning",)
    assert "<pre>…/b.csv https://x.org/home/someone/c</pre>" in page.html
    assert "UserWarning" not in page.html


def test_a_section_with_nothing_to_show_is_left_out():
    notebook = outputs(({"text/plain": "shown"}, {}))
    head = nbformat.v4.new_markdown_cell
    silent = nbformat.v4.new_code_cell("x", id="d")
    notebook.cells = [
        head("# Title\n\nQuestion", id="t"), nbformat.v4.new_code_cell("x", id="s"),
        head("## Counted", id="a"), *notebook.cells, head("## Nothing", id="b"), silent,
        head("## Words alone", id="e"),
    ]  # fmt: skip
    html = compose_page(notebook).html
    assert re.findall(r"<h2[^>]*>(.*?)</h2>", html) == ["Counted", "Words alone"]
    assert "<p>Question</p>" in html


def test_a_cell_that_failed_makes_no_page():
    notebook = outputs()
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("error", ename="KeyError", evalue="x", traceback=[])
    ]
    with pytest.raises(RenderError, match="cell 1: stopped with KeyError"):
        compose_page(notebook)


@pytest.mark.parametrize(("code", "direction"), [("ar", "rtl"), ("ckb", "rtl")])
def test_what_is_not_translated_is_marked(executed, code, direction):
    page = compose_page(executed, language=code, title="No catalogue holds this title")
    html = Reader(page.html).all("html")[0]
    assert (html["lang"], html["dir"]) == (code, direction)
    heading = Reader(page.html).all("h1")[0]
    assert (heading["class"], heading["lang"], heading["dir"]) == ("untranslated", "en", "ltr")
    assert (
        '<div class="untranslated" lang="en" dir="ltr"><p>Did the number of attacks change?</p>'
        in page.html
    )
    assert "IBM Plex Sans Arabic" in page.html
    assert "counter(page,arabic-indic)" in page.html
    assert "⟦" not in page.html


def test_messages_are_headings_paragraphs_and_items():
    text = "# A\n\nOne\n*two*.\n## B\n- c\n- d\n  e\n\n1. f\n\n```\nno\n\nno\n```\n\n| a |\n|---|\n"
    assert list(iter_messages(text)) == ["A", "One *two*.", "B", "c", "d e", "f"]


def test_a_list_stays_one_list():
    html = render_prose("Before\n\n- a\n- b\n\nAfter", Language("en"))
    assert html == "<p>Before</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>After</p>\n"


@pytest.mark.parametrize("text", ["1. a", "- b", "# c", "*d* _e_ `f`", "[g](h) <i>", "a|b", "\\"])
def test_escaped_markdown_reads_as_it_was(text):
    html = render_prose(escape_markdown(text), Language("en"))
    read = Reader(html)
    assert "".join(read.texts["p"]).strip() == text
    assert [tag for tag, _ in read.elements] == ["p"]


@pytest.mark.parametrize(
    ("cells", "is_figures"),
    [
        (["3", "1,234.5"], True),
        (["−12 %", "٣٫٥٪"], True),
        (["0.2 to 0.4", "1"], False),
        (["–", "7"], True),
        (["(3–5)", "[2]"], True),
        (["2017-10-16"], True),
        (["3 a"], False),
    ],
)
def test_figures_are_aligned_by_what_they_are(cells, is_figures):
    html = format_table(pd.DataFrame({"name": "x", "n": cells}))
    assert ('<td class="figure">' in html) is is_figures


def test_unknown_is_a_dash_and_zero_is_not():
    html = format_table(pd.DataFrame({"a": ["x", "y"], "b": [float("nan"), 0.0]}))
    assert "<td>–</td>" in html.replace(' class="figure"', "")
    assert ">0.0</td>" in html


def test_a_table_as_text_is_refused_unless_it_is_markup():
    with pytest.raises(ParameterError, match="may hold markup from records"):
        format_table("<table></table>")
    assert format_table(Markup("<table></table>")) == "<table></table>"


@pytest.mark.parametrize("words", [{"caption": " ", "alt": "a"}, {"caption": "a", "alt": ""}])
def test_a_figure_says_what_it_shows(words):
    with pytest.raises(ParameterError, match="is empty"):
        show_figure(go.Figure(), **words)


def test_fonts_hold_what_the_text_needs():
    latin = write_font_faces("abc")
    assert latin.count("@font-face") == 2
    arabic = write_font_faces("ە ێ ۆ ڕ ڵ ڤ ٣")
    assert arabic.count("@font-face") == 4
    rare = write_font_faces("Привет")
    assert "unicode-range:U+41F,U+432,U+435,U+438,U+440,U+442" in rare
    assert len(rare) < 80_000


def test_the_page_is_small(page):
    assert len(page.html.encode()) < 2_500_000
    assert len(page.without_library().encode()) < 200_000
