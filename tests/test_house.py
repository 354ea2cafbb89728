"""What the tree must not hold, read from what git tracks."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]

# Put together from parts, so that this file does not hold what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.~}-])/(?:wo" + r"rk|fa" + r"rm|ro" + r"ot|tm" + r"p)/")
REGISTRY_HOST = re.compile(
    "|".join(("py" + r"pi\.org", "python" + "hosted", "registry" + r"\.npm", "deb" + r"\.debian"))
)
FETCHED = re.compile(r"\bcd" + r"n\.|unp" + r"kg\.com|jsde" + r"livr|cdn" + "js")


def tracked(*patterns):
    """List the text files git tracks, or skip where there is no git."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--", *patterns]
    try:
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def find(pattern, paths):
    """List path:line of each match in text files."""
    found = []
    for path in paths:
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        lines = content.decode("utf-8", "replace").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(lines, start=1)
            if pattern.search(line)
        ]
    return found


def test_no_path_of_one_machine():
    assert not find(MACHINE_PATH, tracked())


def test_no_registry_is_named():
    assert not find(REGISTRY_HOST, tracked())


def test_nothing_is_fetched_from_elsewhere():
    assert not find(FETCHED, tracked("analytics", "notebooks"))


@pytest.mark.parametrize(
    ("pattern", "bad", "good"),
    [
        (MACHINE_PATH, "open('/ro" + "ot/x')", "git/wo" + "rk/x and ~/tm" + "p/x"),
        (REGISTRY_HOST, "https://py" + "pi.org/simple", "pypi and debian"),
        (FETCHED, "https://cd" + "n.plot.ly", "acdn. and a cdn"),
    ],
)
def test_the_patterns_find_what_they_should(pattern, bad, good):
    assert pattern.search(bad)
    assert not pattern.search(good)


def test_notebooks_are_kept_without_outputs():
    for path in tracked("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert not any(cell["outputs"] or cell["execution_count"] for cell in code), path.name


def test_hooks_are_few():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert 1 <= sum(len(repo["hooks"]) for repo in config["repos"]) <= 6


def test_citation_and_licence_agree_with_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"] == "Apache-2.0"
    assert citation["title"].startswith(project["name"])
    assert citation["cff-version"] == "1.2.0"
    assert citation["authors"]
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_changelog_tells_readers_which_results_changed():
    assert "### Results changed" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_ci_is_make_test_and_nothing_else():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith(("#", "set ", "cd "))] == [
        "exec make test"
    ]
