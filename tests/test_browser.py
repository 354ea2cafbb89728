"""Which Chromium is taken, with what sandbox, and what is said when there is none."""

from pathlib import Path

import pytest

from analytics.errors import BrowserError
from analytics.rendering.browser import find_browsers, launch, open_driver

NOWHERE = Path("nowhere")


@pytest.fixture
def machine(tmp_path):
    """Lay out a machine of our own; returns what puts a program on it."""

    def put(name, content="#!/bin/sh\nexit 1\n"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o755)
        return path

    return put


@pytest.fixture
def environ(tmp_path):
    return {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path / "home")}


def test_none_is_found_where_there_is_none(environ):
    assert find_browsers(environ=environ, applications=NOWHERE) == []


def test_the_small_shell_then_chrome_then_applications_then_what_playwright_fetched(
    machine, environ, tmp_path
):
    cache = "home/.cache/ms-playwright"
    fetched_old = machine(f"{cache}/chromium_headless_shell-99/linux/headless_shell")
    fetched = machine(f"{cache}/chromium_headless_shell-1255/linux/chrome-headless-shell")
    fetched_whole = machine(f"{cache}/chromium-1300/chrome-linux/chrome")
    app = machine("Apps/Chromium.app/Contents/MacOS/Chromium")
    own_app = machine("home/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    chrome = machine("bin/google-chrome")
    shell = machine("bin/chromium-headless-shell")
    found = find_browsers(environ=environ, applications=tmp_path / "Apps")
    assert found == [shell, chrome, app, own_app, fetched, fetched_old, fetched_whole]
    assert find_browsers(environ=environ)[0] == shell


def test_newer_revisions_come_first_by_number_not_by_text(machine, environ, tmp_path):
    cache = {"PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "cache")}
    old = machine("cache/chromium_headless_shell-999/linux/headless_shell")
    new = machine("cache/chromium_headless_shell-1255/linux/headless_shell")
    assert find_browsers(environ=environ | cache, applications=NOWHERE) == [new, old]


def test_a_snap_and_ubuntus_stub_for_it_are_passed_over(machine, environ, tmp_path):
    machine("bin/chromium-browser", "#!/bin/sh\nexec /snap/bin/chromium\n")
    snap = machine("elsewhere/snap")
    (tmp_path / "bin/chromium").symlink_to(snap)
    assert find_browsers(environ=environ, applications=NOWHERE) == []


def test_a_file_that_may_not_be_executed_is_passed_over(machine, environ):
    machine("bin/chromium").chmod(0o644)
    assert find_browsers(environ=environ, applications=NOWHERE) == []


def test_browser_path_stands_alone(machine, environ):
    machine("bin/chromium")
    own = machine("mine/chrome")
    assert find_browsers(environ=environ | {"BROWSER_PATH": str(own)}) == [own]
    with pytest.raises(BrowserError, match="BROWSER_PATH gone: names no program"):
        find_browsers(environ=environ | {"BROWSER_PATH": "gone"})


def test_a_browser_that_does_not_start_gives_way_to_the_next_and_is_named(machine):
    first = machine("bin/first")
    missing = "error while loading shared libraries: libnss3.so: cannot open it"
    second = machine("bin/second", f"#!/bin/sh\necho '{missing}' >&2\nexit 127\n")
    with open_driver() as driver:
        with pytest.raises(BrowserError, match=r"this machine has none. Install Chromium"):
            launch(driver, browsers=[])
        with pytest.raises(BrowserError) as caught:
            launch(driver, browsers=[first, second])
    assert str(caught.value) == (
        f"PDF: {second} does not start (error while loading shared libraries: libnss3.so). "
        "Install Chromium or Google Chrome, or set BROWSER_PATH to one, "
        "or let `make browser` look for one, then render again."
    )


@pytest.mark.browser
def test_the_browser_of_this_machine_starts_after_one_that_does_not(machine):
    with open_driver() as driver:
        browser = launch(driver, browsers=[machine("broken"), *find_browsers()])
        try:
            page = browser.new_page()
            page.set_content("<h1>سەرەتا</h1>")
            assert page.pdf().startswith(b"%PDF-")
        finally:
            browser.close()
