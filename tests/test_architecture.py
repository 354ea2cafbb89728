"""docs/architecture.md is true: every module is in its table and imports only from above."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "analytics"
RESTRICTED = {
    "statsmodels": {"models"},
    "plotly": {"figures", "rendering"},
    "papermill": {"rendering"},
    "nbconvert": {"rendering"},
    "nbclient": {"rendering"},
    "playwright": {"rendering"},
    "typer": {"cli"},
}
PAGES = {"figures", "tables", "words"}  # they see frames, never models
LONGEST = 300
FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
LATE = ("__init__.py", "cli/__init__.py")


def read_table():
    """Map each module named on the page to its row, counted from the top."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    cells = [line.split("|")[2] for line in page.splitlines() if line.startswith("|")]
    names = [re.findall(r"`([a-z_]+)/?`", cell) for cell in cells]
    return {name: row for row, found in enumerate(names) for name in found}


def unit_of(path):
    """Name the module or sub-package of analytics that a file belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(source, *, top_only=False):
    """List the dotted names a source imports, late imports included unless told."""
    tree = ast.parse(source)
    found = []
    for node in tree.body if top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a name comes from"
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def faults_of(unit, source, rows):
    """List what a module imports against the page."""
    faults = []
    for name in imports_of(source):
        first, *rest = name.split(".")
        if first == "analytics" and rest and rest[0] in rows and rest[0] != unit:
            if rows[rest[0]] >= rows[unit]:
                faults.append(f"{unit} imports {rest[0]}, which is not above it")
            elif unit in PAGES and rest[0] == "models":
                faults.append(f"{unit} imports models, and a page cannot fit")
        elif unit not in RESTRICTED.get(first, {unit}):
            faults.append(f"{unit} imports {first}, which is for {sorted(RESTRICTED[first])}")
    return faults


def test_page_and_package_name_the_same_modules():
    rows = read_table()
    assert rows.keys() == {unit_of(path) for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_only_from_above_and_is_short(path):
    source = path.read_text(encoding="utf-8")
    rows = read_table()
    assert unit_of(path) in rows, "not in the table of docs/architecture.md"
    assert not faults_of(unit_of(path), source, rows)
    n_lines = source.count("\n")
    assert n_lines <= LONGEST, "one stage to a module: does this one hide two?"


@pytest.mark.parametrize(
    ("unit", "source", "fault"),
    [
        ("figures", "from analytics.models import x", "a page cannot fit"),
        ("series", "def f():\n    import analytics.cli", "which is not above it"),
        ("figures", "import statsmodels.api as sm", "which is for ['models']"),
        ("models", "from analytics.models.family import x", ""),
        ("rendering", "import plotly, papermill", ""),
    ],
)
def test_a_wrong_import_would_be_seen(unit, source, fault):
    rows = {"series": 0, "models": 1, "figures": 2, "rendering": 3, "cli": 4}
    assert [fault in found for found in faults_of(unit, source, rows)] == [True] * bool(fault)


@pytest.mark.parametrize("name", LATE)
def test_the_doors_import_nothing_heavy_at_once(name):
    light = {"__future__", "collections", "enum", "importlib", "os", "pathlib", "sys", "typing"}
    source = (PACKAGE / name).read_text(encoding="utf-8")
    found = imports_of(source, top_only=True)
    at_once = {name.split(".")[0] for name in found if not name.startswith("analytics.cli")}
    assert at_once <= light | {"typer"}
