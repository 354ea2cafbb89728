"""The ready-made schedules call commands that exist, and are what their programs take them for."""

import ast
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from analytics.cli import app

SCHEDULES = Path(__file__).parents[1] / "schedules"
RENDER = re.compile(r"\.venv/bin/analytics (render [^\"\n]*(?:\"\$PERIOD\"[^\"\n]*)?)")


@pytest.mark.parametrize("name", ["crontab", "incident-reports.service", "github-workflow.yml"])
def test_the_command_of_a_schedule_is_one_that_the_program_understands(name):
    (given,) = RENDER.findall((SCHEDULES / name).read_text())
    command = typer.main.get_command(app)
    arguments = shlex.split(given.replace("$PERIOD", "latest"))[1:]
    parsed = command.commands["render"].make_context("render", arguments)
    assert (parsed.params["all"], parsed.params["period"]) == (True, "latest")


def test_the_line_for_cron_has_five_times_and_a_command():
    lines = (SCHEDULES / "crontab").read_text().splitlines()
    (line,) = [line for line in lines if line and not line.startswith("#")]
    times = line.split(maxsplit=5)[:5]
    assert times == ["15", "6", "2", "*", "*"]
    # In a crontab a percent sign would end the line.
    assert "%" not in line
    command = line.split(maxsplit=5)[5]
    subprocess.run(["sh", "-n", "-c", command], check=True)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_takes_the_units(tmp_path):
    for path in SCHEDULES.glob("incident-reports.*"):
        shutil.copy(path, tmp_path)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_workflow_runs_what_set_up_makes_and_pastes_no_input_into_a_script():
    workflow = yaml.safe_load((SCHEDULES / "github-workflow.yml").read_text())
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True]["schedule"] == [{"cron": "15 6 2 * *"}]
    steps = workflow["jobs"]["render"]["steps"]
    scripts = [step["run"] for step in steps if "run" in step]
    assert scripts[0] == "make setup"
    assert not any("${{" in script for script in scripts)
    assert workflow["permissions"] == {"contents": "read"}


def test_the_airflow_dag_uses_names_that_exist():
    source = (SCHEDULES / "airflow_dag.py").read_text()
    tree = ast.parse(source)
    ours = [
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module.startswith("analytics")
        for alias in node.names
    ]
    assert ours == [("analytics.rendering", "load_definitions")]
    from importlib.metadata import entry_points

    exporters = {entry.name for entry in entry_points(group="nbconvert.exporters")}
    assert set(re.findall(r"--to (\S+)", source)) <= exporters


def test_the_airflow_dag_is_one_to_airflow():
    models = pytest.importorskip(
        "airflow.dag_processing.dagbag", reason="Airflow is not a dependency"
    )
    bag = models.DagBag(str(SCHEDULES / "airflow_dag.py"))
    assert bag.import_errors == {}
    assert set(bag.dags["incident_reports"].task_ids) == {
        *("plan_reports", "run_notebook", "plan_pages", "make_pages"),
    }
