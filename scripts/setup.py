"""Make the environment that the ``make`` targets run in, with the standard library alone.

Outside conda that is ``.venv``, filled from the hash-locked files in ``locks/``; inside a conda
environment made from ``environment.yml`` it is that environment. Then a Chromium is looked for.

    python3 scripts/setup.py install [test|lab|bench]   make or complete the environment
    python3 scripts/setup.py browser                    look again for a Chromium
    python3 scripts/setup.py bin                        print the directory of its programs
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "locks"
STAMP = "incident-analytics-setup.json"
LAYERS = ("runtime", "test", "lab", "bench")
APT_BROWSERS = ("chromium-headless-shell", "chromium")
NO_BROWSER = (
    "No Chromium could be had, so reports are written as HTML without PDF; for the PDF install "
    "Chromium or Google Chrome, or set BROWSER_PATH to one, and run `make browser`."
)


class SetupError(Exception):
    """One sentence for the user: what is missing and what to do."""


def say(text: str) -> None:
    """Tell the user, beside what a command prints."""
    print(text, file=sys.stderr, flush=True)


def run(*command: str | Path, **options: Any) -> None:
    """Run a command from the project's directory; raise if it fails."""
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, **options)


def output_of(*command: str | Path, stderr: int | None = subprocess.DEVNULL) -> str | None:
    """Return what a command prints; None if it fails or is not there."""
    words = [str(part) for part in command]
    try:
        return subprocess.check_output(words, cwd=ROOT, text=True, stderr=stderr).strip()
    except (OSError, subprocess.CalledProcessError):
        return None


# --- which environment ---------------------------------------------------------------------------


def read_requirements(*layers: str) -> list[str]:
    """Return the direct requirements of pyproject.toml: of running, of each layer, of building."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = declared["project"]["optional-dependencies"]
    return [
        *declared["project"]["dependencies"],
        *(line for layer in layers if layer != "runtime" for line in extras[layer]),
        *declared["dependency-groups"]["build"],
    ]


def find_conda(environ: Mapping[str, str]) -> Path | None:
    """Return the active conda environment if it was made from environment.yml, else None.

    It was if it bears the file's name or already holds all that running needs; any other, such as
    the ``base`` that conda activates in every terminal, is left alone.
    """
    prefix = Path(environ.get("CONDA_PREFIX") or os.devnull)
    if not (prefix / "bin" / "python").exists():
        return None
    named = re.search(r"^name: *(\S+)", (ROOT / "environment.yml").read_text(), re.MULTILINE)
    if named and named[1] in (environ.get("CONDA_DEFAULT_ENV"), prefix.name):
        return prefix
    names = [re.split(r"[^\w.-]", line)[0] for line in read_requirements()]
    ask = "import importlib.metadata, sys; [*map(importlib.metadata.version, sys.argv[1:])]"
    return prefix if output_of(prefix / "bin/python", "-c", ask, *names) is not None else None


def find_prefix(environ: Mapping[str, str]) -> Path:
    """Return the directory of the environment in use, made or not."""
    return find_conda(environ) or ROOT / ".venv"


# --- what has been done --------------------------------------------------------------------------


def digest(layer: str) -> str:
    """Return a hash of all that a layer is made from, and of where it stands."""
    parts = [ROOT / "pyproject.toml", LOCKS / "runtime.txt", LOCKS / f"{layer}.txt"]
    content = b"".join(part.read_bytes() for part in parts)
    return hashlib.sha256(content + str(ROOT).encode()).hexdigest()


def read_stamp(prefix: Path) -> dict[str, str]:
    """Return what is finished in an environment: a digest for each layer, and the browser."""
    try:
        stamp = json.loads((prefix / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(prefix: Path, stamp: Mapping[str, str]) -> None:
    """Write the stamp whole or not at all."""
    partial = prefix / f"{STAMP}.partial"
    partial.write_text(json.dumps(stamp, indent=1))
    partial.replace(prefix / STAMP)


# --- the environment -----------------------------------------------------------------------------


def make_venv(venv: Path) -> None:
    """Make .venv, unless a whole one is there; a broken, moved or half-made one is made anew."""
    stamp = read_stamp(venv)
    python = venv / "bin/python"
    works = output_of(python, "-c", "import sys; assert sys.version_info >= (3, 11)") is not None
    if not works or stamp.get("root", str(ROOT)) != str(ROOT) or "begun" in stamp:
        if importlib.util.find_spec("ensurepip") is None:
            install_ensurepip()
        say(f"Making {venv.name} with Python {sys.version.split()[0]}")
        run(sys.executable, "-m", "venv", "--clear", venv)
    elif output_of(python, "-c", "import pip") is None:
        run(python, "-m", "ensurepip", stdout=subprocess.DEVNULL)


def install_ensurepip() -> None:
    """Install what Debian and Ubuntu split off from Python, where we may."""
    package = f"python3.{sys.version_info.minor}-venv"
    install_with_apt([package])
    if output_of(sys.executable, "-c", "import ensurepip") is None:
        raise SetupError(
            f"{sys.executable} cannot make a virtual environment: install {package} "
            f"(sudo apt install {package}) and run make again."
        )


def install_locked(python: Path, layers: Sequence[str]) -> None:
    """Install the locked packages of the layers and this project: with uv, or else with pip."""
    say(f"Installing the locked packages ({', '.join(layers)})")
    files = [part for layer in layers for part in ("-r", str(LOCKS / f"{layer}.txt"))]
    project = ("--no-deps", "--no-build-isolation", "--editable", ROOT)
    pip = (python, "-m", "pip", "--disable-pip-version-check", "install", "-qq")
    uv = python.with_name("uv")
    environ = {"UV_HTTP_TIMEOUT": "180", **os.environ}
    try:
        run(*pip, "--require-hashes", "-r", LOCKS / "uv.txt")
        quiet = () if sys.stderr.isatty() else ("--quiet",)
        uv_install = (uv, "pip", "install", "--python", python, "--compile-bytecode", *quiet)
        run(*uv_install, "--require-hashes", *files, env=environ)
        run(*uv_install, *project, env=environ)
    except (subprocess.CalledProcessError, OSError):
        say("uv did not manage; doing it with pip, which takes some minutes")
        try:
            run(*pip, "--require-hashes", *files)
            run(*pip, *project)
        except subprocess.CalledProcessError as error:
            raise SetupError(
                "The locked packages could not be installed, for the reason pip gives above: "
                "check the network and the disk, and run make again."
            ) from error


def install_into_conda(prefix: Path, layers: Sequence[str]) -> None:
    """Add to a conda environment only what it lacks, and this project."""
    say(f"Completing the conda environment {prefix.name}")
    pip = (prefix / "bin/python", "-m", "pip", "install", "-qq")
    try:
        run(*pip, *read_requirements(*layers))
        run(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    except subprocess.CalledProcessError as error:
        raise SetupError(
            "The conda environment could not be completed, for the reason pip gives above: "
            "run `conda env update -f environment.yml`, then make again."
        ) from error


def install(layers: Sequence[str], environ: Mapping[str, str]) -> None:
    """Make or complete the environment; nothing is done where nothing changed."""
    conda = find_conda(environ)
    prefix = conda or ROOT / ".venv"
    stamp = read_stamp(prefix)
    wanted = {layer: digest(layer) for layer in layers}
    whole = "begun" not in stamp and (prefix / "bin/python").exists()
    if not (whole and wanted.items() <= stamp.items()):
        if not conda:
            make_venv(prefix)
        # What an earlier lock brought in is brought up to this one too.
        layers = [layer for layer in LAYERS if layer in layers or layer in stamp]
        write_stamp(prefix, {"begun": ", ".join(layers), "root": str(ROOT)})
        if conda:
            install_into_conda(prefix, layers)
        else:
            install_locked(prefix / "bin/python", layers)
        if "test" in layers:
            install_servers()
        done = {layer: digest(layer) for layer in layers}
        browser = {key: stamp[key] for key in ("browser",) if key in stamp}
        write_stamp(prefix, {"root": str(ROOT), **done, **browser})
    browser_path = read_stamp(prefix).get("browser")
    if browser_path is None or (browser_path and not Path(browser_path).exists()):
        install_browser(prefix)


def install_servers() -> None:
    """Install the database server and the Java that tests count on, where we may."""
    if not (shutil.which("initdb") or list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))):
        install_with_apt(["postgresql"])
    if not shutil.which("java"):
        install_with_apt(["openjdk-17-jre-headless", "default-jre-headless"])


# --- the browser ---------------------------------------------------------------------------------


def install_browser(prefix: Path) -> None:
    """Note a Chromium that starts: one that is there, Playwright's, or the distribution's."""
    python = prefix / "bin/python"
    if output_of(python, "-m", "playwright", "--version") is None:
        install_with_apt(["libatomic1"])  # its driver needs it, and small images lack it
    attempts: list[Callable[[], None]] = [
        lambda: None,
        lambda: fetch_playwright_browser(python),
        lambda: install_with_apt(APT_BROWSERS),
    ]
    for attempt in attempts[:1] if os.environ.get("BROWSER_PATH") else attempts:
        attempt()
        path = output_of(python, "-m", "analytics.rendering.browser", stderr=None)
        if path:
            break
    say(f"Reports are printed with {path}" if path else NO_BROWSER)
    write_stamp(prefix, {**read_stamp(prefix), "browser": path or ""})


def fetch_playwright_browser(python: Path) -> None:
    """Let Playwright fetch the Chromium it was made for, for ten minutes at most."""
    say("Fetching Playwright's own Chromium (about 100 MB)")
    fetch = (python, "-m", "playwright", "install", "chromium", "--only-shell")
    # Its own patience, half a minute a try and several tries, is too long where nothing answers.
    environ = {"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": "15000", **os.environ}
    silent = subprocess.DEVNULL
    child = subprocess.Popen(
        fetch, cwd=ROOT, env=environ, stdout=silent, stderr=silent, start_new_session=True
    )
    try:
        if child.wait(timeout=600) != 0:
            say("It could not be fetched")
    except subprocess.TimeoutExpired:
        say("It took too long")
    finally:
        if child.poll() is None:  # its helpers, too
            os.killpg(child.pid, signal.SIGTERM)


def install_with_apt(names: Sequence[str]) -> None:
    """Install the first of these Debian packages that is to be had, if we are allowed to."""
    may = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (may and output_of(*may, "true") is None):
        return
    apt = (*may, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y")
    output_of(*apt, "update")
    for name in names:
        version = re.search(r"Candidate: (\S+)", output_of("apt-cache", "policy", name) or "")
        # Ubuntu's package of that name only installs a snap, which sees no temporary files.
        if version and version[1] != "(none)" and "snap" not in version[1]:
            say(f"Installing {name} with apt-get")
            wait = ("-o", "DPkg::Lock::Timeout=120")
            output_of(*apt, *wait, "install", "--no-install-recommends", name)
            return


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one step; what goes wrong is one sentence and a code, never a traceback."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("step", choices=("install", "browser", "bin"))
    parser.add_argument("extra", nargs="*", choices=(*LAYERS[1:], []), help="with install")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.step == "install":
            install(["runtime", *chosen.extra], os.environ)
        elif chosen.step == "browser":
            install_browser(find_prefix(os.environ))
        else:
            print(find_prefix(os.environ) / "bin")
    except SetupError as error:
        say(str(error))
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"Set-up stopped: {error}. Put that right and run make again.")
    except KeyboardInterrupt:
        say("Stopped; the next make takes it up again.")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
