"""The HTML page printed by a browser: the PDF has the page's own fonts, tags and outline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Error, Page, ViewportSize

from analytics.errors import RenderError
from analytics.rendering.assets import load_template, read_plotly
from analytics.rendering.browser import launch, open_driver

# A4 less the margins of the style sheet, in CSS pixels: charts are drawn at the width they print.
_SHEET = ViewportSize(width=680, height=971)


# The library puts its rules into the document once, when it is loaded: without them the layers of
# a chart do not lie on each other, and key dates and labels are cut off.
_LIBRARY_STYLES = """() => Array.from(document.querySelectorAll("style[id^='plotly.js-style']"))
    .flatMap((element) => Array.from(element.sheet.cssRules))
    .map((rule) => rule.cssText).join(" ")"""


# Vowel signs and doublings of Arabic: printed as glyphs over their letters they stand before or
# after them in what a reader of the PDF copies or searches, and the word is not found.
_SIGNS = dict.fromkeys([*range(0x64B, 0x653), 0x670])


@dataclass(frozen=True)
class Printer:
    """A browser page kept open, which prints one report after another.

    Use it in the thread that opened it, outside any asyncio loop.
    """

    page: Page
    timeout_s: float
    styles: str = ""
    """The drawing library's own style rules, which go with the document it was loaded into."""

    def print(self, html: str, *, n_figures: int) -> bytes:
        """Return a page's PDF: A4, tagged, with an outline, charts as vectors.

        Raises as `lift` does.
        """
        try:
            # In the page from the start: rules that come later have all of it laid out again.
            styled = html.replace("</head>", f"<style>{self.styles}</style></head>", 1)
            self._open(styled, n_figures)
            return self.page.pdf(
                prefer_css_page_size=True, print_background=True, tagged=True, outline=True
            )
        except Error as error:
            reason = str(error).splitlines()[0]
            raise RenderError("the PDF", f"could not be printed ({reason})", "Try again") from error

    def lift(self, html: str, *, n_figures: int) -> list[str]:
        """Return a page's charts as SVG (`analytics.rendering.static`), of the width of a sheet.

        Parameters
        ----------
        html : str
            From `analytics.rendering.page.compose_page`, with or without the drawing library:
            this browser page holds it already.
        n_figures : int
            Charts that must have been drawn.

        Raises
        ------
        RenderError
            If a chart is not drawn, the page asks for anything from outside, or the browser fails.
        """
        try:
            self._open(html, n_figures)
            charts: list[str] = self.page.evaluate(load_template("lift.js"))
        except Error as error:
            reason = str(error).splitlines()[0]
            raise RenderError("the charts", f"were not drawn ({reason})", "Try again") from error
        return charts

    def forget(self) -> None:
        """Have the browser give back what the pages before took; alone it waits long to do so."""
        self.page.request_gc()

    def _open(self, html: str, n_figures: int) -> None:
        """Set a page and wait until it is drawn."""
        self.page.set_content(html.translate(_SIGNS), timeout=self.timeout_s * 1000)
        n_drawn = self.page.evaluate("window.reportReady")
        if n_drawn != n_figures or n_drawn != self.page.locator(".plot > .plot-container").count():
            raise RenderError(
                f"{n_drawn} of {n_figures} charts", "were drawn", "Open the HTML to see which"
            )


@contextmanager
def open_printer(*, timeout_s: float = 60.0) -> Iterator[Printer]:
    """Open a browser for printing; closed at the end, whatever happens.

    Raises
    ------
    BrowserError
        If there is no browser, or none starts.
    """
    with open_driver() as driver:
        browser = launch(driver, is_for_print=True)
        try:
            context = browser.new_context(
                viewport=_SHEET,
                offline=True,
                color_scheme="light",
                reduced_motion="reduce",
            )
            context.set_default_timeout(timeout_s * 1000)
            page = context.new_page()
            page.emulate_media(media="print", color_scheme="light")
            page.route("**/*", lambda route: route.abort())
            # `set_content` keeps the page's globals: the library is compiled once for all reports.
            page.add_script_tag(content=read_plotly())
            yield Printer(page, timeout_s, page.evaluate(_LIBRARY_STYLES))
        finally:
            browser.close()
