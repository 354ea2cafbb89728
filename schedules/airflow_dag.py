"""Monthly reports on Airflow, a task for each, for those who outgrow one machine.

Put this file into the folder of DAGs. The workers need this project and the package
``apache-airflow-providers-papermill`` in their environment, and ``INCIDENT_ANALYTICS`` set to the
checkout. Notebooks run in kernels on the workers; `analytics render` is many times faster on one
machine (docs/benchmarks.md).
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task

CHECKOUT = Path(os.environ.get("INCIDENT_ANALYTICS", "/opt/incident-analytics"))
OUT = CHECKOUT / "reports"
LANGUAGES = ("en", "ar", "ckb")


@task
def plan_reports() -> list[dict[str, object]]:
    """Return what papermill is to run: a notebook, its parameters and where its result goes."""
    from analytics.rendering import load_definitions

    definitions = load_definitions(CHECKOUT / "reports" / "monthly.yaml", period="latest")
    return [
        {
            "input_nb": str(definition.notebook),
            "output_nb": str(OUT / f"{definition.name}.{language}.ipynb"),
            "parameters": {
                **definition.parameters,
                "data": [str(path) for path in definition.data],
                "language": language,
            },
        }
        for definition in definitions
        for language in LANGUAGES
    ]


@task
def plan_pages(reports: list[dict[str, object]]) -> list[dict[str, dict[str, str]]]:
    """Return the notebook that each page is made of, for the environment of its command."""
    return [{"NOTEBOOK": str(report["output_nb"])} for report in reports]


@dag(
    schedule="15 6 2 * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017  of older Pythons too
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 1, "execution_timeout": timedelta(minutes=15)},
    tags=["incident-analytics"],
)
def incident_reports() -> None:
    """Run each notebook, then make its HTML and PDF."""
    reports = plan_reports()
    notebooks = PapermillOperator.partial(
        task_id="run_notebook", kernel_name="python3", language_name="python"
    ).expand_kwargs(reports)
    pages = BashOperator.partial(
        task_id="make_pages",
        bash_command='jupyter nbconvert --to incident-html "$NOTEBOOK" && '
        'jupyter nbconvert --to incident-pdf "$NOTEBOOK"',
        append_env=True,
    ).expand(env=plan_pages(reports))
    notebooks >> pages


incident_reports()
