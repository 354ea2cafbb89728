"""A browser with the network cut, for the tests that are marked to need one."""

import pytest

from analytics.rendering.browser import find_browsers, launch, open_driver


def pytest_collection_modifyitems(items):
    if not find_browsers():
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="module")
def browser():
    with open_driver() as driver:
        started = launch(driver)
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Return what opens a file in a fresh context, with all that it asked for and complained of."""
    contexts = []

    def opened(path, width=1280, **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(path.as_uri())
        page.n_drawn = page.evaluate("window.reportReady")
        return page

    yield opened
    for context in contexts:
        context.close()
