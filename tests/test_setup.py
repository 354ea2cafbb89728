"""Set-up decides rightly and says one sentence when it cannot; the installing itself is CI's."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "scripts" / "setup.py"
MAKE = shutil.which("make")

spec = importlib.util.spec_from_file_location("setup_script", SCRIPT)
setup = importlib.util.module_from_spec(spec)
spec.loader.exec_module(setup)


@pytest.fixture
def program(tmp_path):
    """Return a way to put a shell script on a path of our own."""

    def write(name, body):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def checkout(tmp_path):
    """Copy what set-up reads to a place where it may write."""
    root = tmp_path / "checkout"
    for name in ("scripts/setup.py", "pyproject.toml", "environment.yml", "Makefile", "locks"):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, target)
    return root


def run_setup(root, *arguments, **environ):
    """Run the script of a checkout as on a machine with neither apt-get nor sudo."""
    return subprocess.run(
        [sys.executable, str(root / "scripts" / "setup.py"), *arguments],
        env={"PATH": "nowhere", **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def as_done(root, prefix, *layers, browser=""):
    """Stamp an environment as set up by the files of a checkout."""
    code = (
        f"import sys, json; sys.path.insert(0, {str(root / 'scripts')!r}); import setup\n"
        f"print(json.dumps({{layer: setup.digest(layer) for layer in {layers}}}))"
    )
    digests = json.loads(subprocess.check_output([sys.executable, "-c", code], text=True))
    stamp = {"root": str(root), "browser": browser, **digests}
    (prefix / setup.STAMP).write_text(json.dumps(stamp))


# --- which Python --------------------------------------------------------------------------------


def make(*arguments, path, cwd=ROOT):
    if MAKE is None:
        pytest.skip("no make")
    return subprocess.run(
        [MAKE, *arguments],
        cwd=cwd,
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def fake_python(version):
    """Body of a Python that answers the Makefile's question as that version would."""
    return (
        'code=$(echo "$2" | sed \'s/sys.version_info/(' + version + ", 0)/')\n"
        f'exec {sys.executable} -c "$code"'
    )


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        ({"python3": "3, 12"}, "python3"),
        ({"python3": "3, 9", "python3.11": "3, 11"}, "python3.11"),
        ({"python3": "3, 16", "python3.13": "3, 13"}, "python3.13"),
        ({"python3": "3, 16"}, "python3"),
        ({"python3": "3, 9"}, ""),
        ({}, ""),
    ],
)
def test_make_takes_the_first_python_that_has_wheels(program, tmp_path, there, taken):
    for name, version in there.items():
        program(f"bin/{name}", fake_python(version))
    for tool in ("sed", "sh", "echo"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    done = make("-n", "-p", "help", path=tmp_path / "bin")
    assert re.search(r"^PYTHON := ?(.*)$", done.stdout, re.MULTILINE)[1].strip() == taken


def test_no_python_is_one_sentence_with_the_remedy(tmp_path):
    (tmp_path / "sh").symlink_to(shutil.which("sh"))
    done = make("setup", path=tmp_path)
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed and none is on the path: install one" in done.stderr
    assert "Traceback" not in done.stderr


# --- which environment ---------------------------------------------------------------------------


def test_the_environment_is_dot_venv_outside_conda(checkout):
    assert run_setup(checkout, "bin").stdout == f"{checkout}/.venv/bin\n"


@pytest.mark.parametrize(
    ("name", "has_all", "is_taken"),
    [("incident-analytics", False, True), ("other", True, True), ("base", False, False)],
)
def test_a_conda_environment_is_used_if_made_from_the_file(
    checkout, program, tmp_path, name, has_all, is_taken
):
    program(f"conda/{name}/bin/python", "exit 0" if has_all else "exit 1")
    prefix = tmp_path / "conda" / name
    done = run_setup(checkout, "bin", CONDA_PREFIX=str(prefix), CONDA_DEFAULT_ENV=name)
    assert done.stdout == f"{prefix if is_taken else checkout / '.venv'}/bin\n"


def test_direct_requirements_are_asked_of_conda_by_name(checkout, program, tmp_path):
    program("conda/bin/python", f'echo "$@" > {tmp_path}/asked')
    run_setup(checkout, "bin", CONDA_PREFIX=str(tmp_path / "conda"))
    asked = (tmp_path / "asked").read_text().split()
    assert {"pandas", "ibis-framework", "hatchling", "fontpkg-noto-sans"} <= set(asked)
    assert "pytest" not in asked


def test_conda_is_given_what_it_lacks_and_no_venv_is_made(checkout, program, tmp_path):
    python = program("conda/bin/python", f'echo "$@" >> {tmp_path}/log')
    environ = {"CONDA_PREFIX": str(tmp_path / "conda"), "BROWSER_PATH": "none"}
    done = run_setup(checkout, "install", "test", **environ)
    assert done.returncode == 0, done.stderr
    log = (tmp_path / "log").read_text()
    assert re.search(r"-m pip install -qq babel>=.*pytest>=.*hatchling>=", log)
    assert f"--no-deps --no-build-isolation --editable {checkout}" in log
    assert not (checkout / ".venv").exists()
    stamp = setup.read_stamp(python.parents[1])
    assert {"runtime", "test"} <= stamp.keys()
    assert "lab" not in stamp


# --- what is done again --------------------------------------------------------------------------


@pytest.fixture
def venv(checkout, program):
    """A finished environment in a checkout, whose Python fails if anything is asked of it."""
    program("checkout/.venv/bin/python", "echo asked >&2; exit 1")
    as_done(checkout, checkout / ".venv", "runtime")
    return checkout / ".venv"


def test_nothing_is_done_where_nothing_changed(checkout, venv):
    done = run_setup(checkout, "install")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["pyproject.toml", "locks/runtime.txt"])
def test_a_changed_lock_or_project_is_noticed(checkout, venv, name):
    before = [setup.read_stamp(venv)["runtime"]]
    with (checkout / name).open("a") as file:
        file.write("\n# changed\n")
    as_done(checkout, venv, "runtime")
    assert setup.read_stamp(venv)["runtime"] not in before


def test_digests_differ_by_layer():
    assert len({setup.digest(layer) for layer in setup.LAYERS}) == len(setup.LAYERS)


@pytest.mark.slow
@pytest.mark.parametrize("stamp", ['{"begun": "runtime"}', '{"runtime": "of another lock"}'])
def test_a_half_made_or_outdated_environment_is_taken_up_again(checkout, venv, stamp):
    (venv / setup.STAMP).write_text(stamp)
    (checkout / "locks" / "uv.txt").write_text("")  # installs nothing, reaches no network
    (checkout / "locks" / "runtime.txt").write_text("no such requirement !\n")
    done = run_setup(checkout, "install")
    assert done.returncode == 1
    assert "Making .venv" in done.stderr
    assert "The locked packages could not be installed" in done.stderr
    assert "Traceback" not in done.stderr
    assert setup.read_stamp(venv)["begun"] == "runtime"


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_stamp_cut_short_counts_as_none(tmp_path, content):
    (tmp_path / setup.STAMP).write_text(content)
    assert setup.read_stamp(tmp_path) == {}


def test_a_browser_that_went_away_is_looked_for_again(checkout, venv):
    as_done(checkout, venv, "runtime", browser=str(checkout / "gone"))
    done = run_setup(checkout, "install", BROWSER_PATH="none")
    assert done.returncode == 0
    assert setup.NO_BROWSER in done.stderr
    assert setup.read_stamp(venv)["browser"] == ""


# --- what Debian splits off ----------------------------------------------------------------------


def test_missing_ensurepip_is_one_sentence_where_it_may_not_be_installed(checkout, tmp_path):
    # A Python as Debian ships it without python3-venv.
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['ensurepip'] = None")
    done = run_setup(checkout, "install", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    package = f"python3.{sys.version_info.minor}-venv"
    assert done.stderr == (
        f"{sys.executable} cannot make a virtual environment: install {package} "
        f"(sudo apt install {package}) and run make again.\n"
    )


@pytest.mark.parametrize(
    ("policy", "installed"),
    [
        ("  Candidate: 156.0-1", "chromium-headless-shell"),
        ("  Candidate: 2:1snap1-0ubuntu2", None),
        ("  Candidate: (none)", None),
        ("", None),
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="asks for sudo's leave where not root")
def test_apt_installs_the_first_package_that_is_no_snap(
    program, tmp_path, monkeypatch, policy, installed
):
    program("bin/apt-get", f'echo "$@" >> {tmp_path}/log')
    program("bin/apt-cache", f'echo "{policy}"')
    for tool in ("sh", "env"):
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    setup.install_with_apt(setup.APT_BROWSERS)
    log = (tmp_path / "log").read_text().splitlines()
    assert [line.split()[-1] for line in log if " install " in line] == (
        [installed] if installed else []
    )
