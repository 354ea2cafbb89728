"""Make the pictures of reports that the README shows: `make pictures`.

A report is rendered as for anybody and photographed by the browser that prints the PDFs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from analytics.rendering import load_definition, render_reports
from analytics.rendering.browser import launch

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "pictures"
# Name of the picture: definition, language, what of the page; the top of it where nothing is said.
PICTURES = {
    "kirkuk.en": ("kirkuk_16_october_2017", "en", ""),
    "kirkuk.ar": ("kirkuk_16_october_2017", "ar", ""),
    "series.en": ("kirkuk_16_october_2017", "en", "#figure-3"),
    "weekly.ar": ("weekly_press_2021", "ar", "#figure-4"),
}
SIZE = {"width": 860, "height": 1080}


def main() -> int:
    """Write the pictures anew; return an exit code."""
    names = dict.fromkeys(name for name, _, _ in PICTURES.values())
    definitions = [load_definition(ROOT / "reports" / f"{name}.yaml") for name in names]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as out, sync_playwright() as driver:
        results = render_reports(definitions, languages=["en", "ar"], formats=["html"], out_dir=out)
        files = {(result.name, result.language): result.files.get("html") for result in results}
        browser = launch(driver)
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        for picture, (name, language, part) in PICTURES.items():
            path = files[name, language]
            if path is None:
                print(f"pictures: {name}.{language} was not rendered", file=sys.stderr)
                return 1
            page.goto(path.as_uri())
            page.evaluate("window.reportReady")
            shown = page.locator(part) if part else page
            made = FOLDER / f"{picture}.png"
            shown.screenshot(path=made)
            print(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1000:.0f} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
