"""Notebooks are essays: thin cells, no logic, no numbers in prose, no outputs."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If,
    ast.IfExp, ast.Try, ast.With, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
)  # fmt: skip


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def is_parameters(cell):
    return "parameters" in cell.metadata.get("tags", [])


def test_there_are_notebooks():
    assert {path.stem for path in NOTEBOOKS} >= {"trend_report", "key_date_report"}


def test_cells_are_short_and_without_logic(notebook):
    for cell in code_cells(notebook):
        if not is_parameters(cell):
            assert len(cell.source.splitlines()) <= 8, cell.source
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, FORBIDDEN), cell.source


def test_imports_are_from_the_package_alone(notebook):
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                assert [alias.name for alias in node.names] == ["analytics"]
            assert not isinstance(node, ast.ImportFrom)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("open", "exec", "eval", "print")


def test_one_parameters_cell_of_literals(notebook):
    (cell,) = filter(is_parameters, code_cells(notebook))
    for line in ast.parse(cell.source).body:
        ast.literal_eval(line.value)
    assert all("#" in line for line in cell.source.splitlines())


def test_no_number_is_typed_in_prose(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\d", cell.source), cell.source


def test_committed_without_outputs_and_with_stable_ids(notebook):
    ids = [cell.id for cell in notebook.cells]
    assert len(ids) == len(set(ids))
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None
    assert notebook.metadata.title


def test_series_are_taken_by_the_rules_of_the_edition(notebook):
    """What counts by itself would tell what an edition withholds."""
    past = ("count_incidents", "count_band", "draw_series", "count_distribution", "merge_reports")
    for cell in code_cells(notebook):
        assert not [name for name in past if f"a.{name}(" in cell.source], cell.source
