"""The Chromium that prints PDFs: where one is, whether it keeps its sandbox, and its start.

``python -m analytics.rendering.browser`` prints the path of the first one that starts. Nothing is
installed here; ``make browser`` does that.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

from analytics.errors import BrowserError

PROGRAMS = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
)
"""Names on the search path, the quickest to start first."""

APPLICATIONS = ("Google Chrome", "Chromium", "Microsoft Edge")
"""Names of macOS applications, in ``/Applications`` or the user's own."""

PLAYWRIGHT_CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")
"""Where Playwright keeps what it fetched, under the home directory (Linux, macOS)."""

_FETCHED = (
    "chromium_headless_shell-*/*/chrome-headless-shell",
    "chromium_headless_shell-*/*/headless_shell",
    "chromium-*/*/chrome",
    "chromium-*/*/*.app/Contents/MacOS/*",
)


def find_browsers(
    *, environ: Mapping[str, str] | None = None, applications: Path = Path("/Applications")
) -> list[Path]:
    """Return every Chromium on this machine, the one to try first at the head.

    ``BROWSER_PATH`` is the user's own choice and stands alone when set. Otherwise: programs on the
    search path, macOS applications, what Playwright fetched (newest first). A Chromium in a snap is
    left out, since it does not see the temporary directory it is started in.

    Parameters
    ----------
    environ : mapping of str to str, optional
        Environment variables; those of this process by default.
    applications : Path
        Where macOS keeps its applications.

    Returns
    -------
    list of Path
        Executables, without doubles; empty if there is none.

    Raises
    ------
    BrowserError
        If ``BROWSER_PATH`` names something that cannot be executed.

    Examples
    --------
    >>> find_browsers(environ={}, applications=Path("nowhere"))
    []
    >>> find_browsers(environ={"BROWSER_PATH": "nowhere/chrome"})
    Traceback (most recent call last):
        ...
    analytics.errors.BrowserError: BROWSER_PATH nowhere/chrome: names no program that can be \
started. Set it to a Chromium or Chrome, or unset it to have one looked for.
    """
    environ = os.environ if environ is None else environ
    if chosen := environ.get("BROWSER_PATH"):
        if not _is_executable(Path(chosen)):
            raise BrowserError(
                f"BROWSER_PATH {chosen}",
                "names no program that can be started",
                "Set it to a Chromium or Chrome, or unset it to have one looked for",
            )
        return [Path(chosen)]
    on_path = (shutil.which(name, path=environ.get("PATH", "")) for name in PROGRAMS)
    home = Path(environ["HOME"]) if environ.get("HOME") else None
    folders = [applications, *([home / "Applications"] if home else [])]
    apps = (
        folder / f"{name}.app" / "Contents" / "MacOS" / name
        for folder in folders
        for name in APPLICATIONS
    )
    candidates = [*(Path(found) for found in on_path if found), *apps, *_fetched(environ, home)]
    usable = (path for path in candidates if _is_executable(path) and not _is_snap(path))
    return list(dict.fromkeys(usable))


def describe_sandbox(*, uid: int | None = None) -> str:
    """Return what to say about the browser's sandbox: nothing while it is on.

    Parameters
    ----------
    uid : int, optional
        User to start the browser as; this process's by default.

    Returns
    -------
    str
        A sentence if the sandbox is off, else the empty string.

    Examples
    --------
    >>> describe_sandbox(uid=1000)
    ''
    >>> describe_sandbox(uid=0)
    'The browser runs without its sandbox, since Chromium has none for root.'
    """
    if (os.geteuid() if uid is None else uid) != 0:
        return ""
    return "The browser runs without its sandbox, since Chromium has none for root."


def launch_options(
    path: Path, *, is_for_print: bool = False, uid: int | None = None
) -> dict[str, Any]:
    """Return the arguments for Playwright's ``chromium.launch``.

    Playwright turns the sandbox off unless asked; here it is on for everyone but root.

    Parameters
    ----------
    path : Path
        The browser.
    is_for_print : bool
        Whether nothing is looked at: a headless shell then paints no frames, which takes a tenth of
        the time and a third of the memory of a report that is printed.
    uid : int, optional
        User to start it as; this process's by default.

    Examples
    --------
    >>> launch_options(Path("chrome"), uid=1000)
    {'executable_path': 'chrome', 'chromium_sandbox': True, 'headless': True, 'args': []}
    """
    # Only a headless shell has this switch; a whole Chrome would wait for frames.
    is_still = is_for_print and "headless" in path.name
    return {
        "executable_path": str(path),
        "chromium_sandbox": not describe_sandbox(uid=uid),
        "headless": True,
        "args": ["--enable-begin-frame-control"] if is_still else [],
    }


@contextmanager
def open_driver() -> Iterator[Playwright]:
    """Open Playwright's driver, which starts and steers browsers; closed at the end.

    Yields
    ------
    Playwright
        Its synchronous interface, for `launch`.

    Raises
    ------
    BrowserError
        If the driver does not start: it needs a library that small Debian images lack.
    """
    manager = sync_playwright()
    try:
        driver = manager.__enter__()
    except Exception as error:  # Playwright raises no class of its own here
        raise BrowserError(
            "PDF",
            "Playwright's driver does not start",
            "Install libatomic1 (sudo apt install libatomic1) and run `make browser`",
        ) from error
    try:
        yield driver
    finally:
        manager.__exit__()


def launch(
    playwright: Playwright,
    *,
    browsers: Sequence[Path] | None = None,
    is_for_print: bool = False,
) -> Browser:
    """Return a started browser: the first that starts.

    Parameters
    ----------
    playwright : Playwright
        From `open_driver`.
    browsers : sequence of Path, optional
        The browsers to try; those of `find_browsers` by default.
    is_for_print : bool
        As for `launch_options`.

    Returns
    -------
    Browser
        Headless; to be closed by the caller.

    Raises
    ------
    BrowserError
        If there is none, or none starts, with the reason the last one gave.
    """
    remedy = (
        "Install Chromium or Google Chrome, or set BROWSER_PATH to one, "
        "or let `make browser` look for one, then render again"
    )
    browsers = find_browsers() if browsers is None else browsers
    reason = ""
    for path in browsers:
        try:
            return playwright.chromium.launch(**launch_options(path, is_for_print=is_for_print))
        except Error as error:
            reason = f"{path} does not start ({_cause(str(error))})"
    raise BrowserError("PDF", reason or "needs a Chromium and this machine has none", remedy)


def _is_executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _is_snap(path: Path) -> bool:
    if path.resolve().name == "snap" or "/snap/" in str(path.resolve()):
        return True
    with path.open("rb") as file:  # Ubuntu's stub is a script that calls the snap
        head = file.read(4096)
    return head.startswith(b"#!") and b"/snap/bin" in head


def _fetched(environ: Mapping[str, str], home: Path | None) -> list[Path]:
    """List what Playwright fetched: its small shell before a whole Chromium, newest first."""
    named = environ.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = [Path(named)] if named else [home / cache for cache in PLAYWRIGHT_CACHES if home]
    return [
        path
        for pattern in _FETCHED
        for cache in caches
        for path in sorted(cache.glob(pattern), key=_revision, reverse=True)
    ]


def _revision(path: Path) -> int:
    found = re.search(r"chromium(?:_headless_shell)?-(\d+)", str(path))
    return int(found[1]) if found else 0


def _cause(message: str) -> str:
    """Return in words why a start failed, from Playwright's report of it."""
    if re.search(r"sandboxing failed|No usable sandbox", message):
        return "this system allows it no sandbox"
    found = re.search(r"error while loading shared libraries: [^:\s]+", message)
    return found[0] if found else "it ended at once"


def main() -> int:
    """Print the first browser that starts; say on the error stream why there is none."""
    try:
        browsers = find_browsers()
        with open_driver() as driver:
            for path in browsers:
                try:
                    launch(driver, browsers=[path]).close()
                except BrowserError as error:
                    print(error.rule, file=sys.stderr)
                else:
                    print(path)
                    return 0
    except BrowserError as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
