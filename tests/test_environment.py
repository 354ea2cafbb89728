"""pyproject.toml, environment.yml and locks/ ask for the same things."""

import re
import tomllib
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
LOCKS = ("runtime", "test", "lab", "bench", "uv")

CONDA_NAMES = {
    "brotli": "brotli-python",
    "ibis-framework[duckdb]": "ibis-duckdb",
    "nbconvert": "nbconvert-core",
    "playwright": "playwright-python",
    "psycopg[binary]": "psycopg",
}
PYPI_ONLY = {"axe-playwright-python", "fontpkg-ibm-plex-sans-arabic", "fontpkg-noto-sans"}


def declared(*parts):
    """Map name[extras] to the range for parts of pyproject.toml."""
    project = PYPROJECT["project"]
    lines = {
        "runtime": project["dependencies"],
        "build": PYPROJECT["dependency-groups"]["build"],
        **project["optional-dependencies"],
    }
    wanted = [Requirement(line) for part in parts or lines for line in lines[part]]
    return {
        canonicalize_name(r.name) + (f"[{','.join(sorted(r.extras))}]" if r.extras else ""): str(
            r.specifier
        )
        for r in wanted
    }


def locked(name):
    """Parse one file of locks/: (name, version, marker, number of hashes) a requirement."""
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    blocks = re.findall(r"^[a-z0-9].*(?:\n[ \t].*)*", text, re.MULTILINE)
    for block in blocks:
        requirement = Requirement(block.split(" \\")[0])
        yield requirement, len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", block))


def test_conda_specs_are_the_ranges_of_pyproject_in_both_directions():
    specs = [rattler.MatchSpec(line, strict=True) for line in ENVIRONMENT["dependencies"][:-1]]
    conda = {spec.name.normalized: str(spec.version) for spec in specs}
    assert len(conda) == len(specs), "a package is named twice"
    assert conda.pop("python") == PYPROJECT["project"]["requires-python"]
    assert conda.pop("pip") == "None"
    pip = {
        r.name: str(r.specifier) for r in map(Requirement, ENVIRONMENT["dependencies"][-1]["pip"])
    }
    assert set(pip) == PYPI_ONLY
    # What benchmarks are compared with is no part of the conda environment.
    extras = [name for name in PYPROJECT["project"]["optional-dependencies"] if name != "bench"]
    wanted = {
        CONDA_NAMES.get(name, name): bounds
        for name, bounds in declared("runtime", "build", *extras).items()
    }
    assert conda | pip == wanted


@pytest.mark.parametrize("line", ["numpy >>2", "numpy >= =2", ""])
def test_a_wrong_conda_spec_would_not_parse(line):
    with pytest.raises(Exception, match=r"(?i)pars|name"):
        rattler.MatchSpec(line, strict=True)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address_and_hashes_everything(name):
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    assert not re.search(r"://|--(index|extra-index|find-links|trusted-host)|^-i|^-f", text, re.M)
    requirements = list(locked(name))
    assert requirements
    for requirement, n_hashes in requirements:
        assert n_hashes > 0, requirement
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(
    ("sys_platform", "os_name"), [("linux", "posix"), ("darwin", "posix")], ids=["linux", "macos"]
)
@pytest.mark.parametrize("extra", ["test", "lab", "bench"])
def test_locks_hold_one_allowed_version_of_all_that_is_declared(
    python, sys_platform, os_name, extra
):
    here = default_environment() | {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": sys_platform,
        "os_name": os_name,
    }
    pins = {}
    for requirement, _ in [*locked("runtime"), *locked(extra)]:
        if requirement.marker is None or requirement.marker.evaluate(here):
            pin = str(requirement.specifier).removeprefix("==")
            assert pins.setdefault(requirement.name, pin) == pin, requirement.name
    for name, bounds in declared("runtime", "build", extra).items():
        assert pins[name.split("[")[0]] in Requirement(f"x{bounds}").specifier, (
            f"{name}{bounds} is not in locks/: run `make lock`"
        )


def test_jupyterlab_is_installed_for_make_lab_only():
    # It slows each kernel by about a second; a report must not wait for it.
    assert "jupyterlab" in {r.name for r, _ in locked("lab")}
    assert "jupyterlab" not in {r.name for name in ("runtime", "test") for r, _ in locked(name)}
