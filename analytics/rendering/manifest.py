"""What a report was made of: inputs, parameters, code and packages, and hashes of what came out."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from analytics.rendering.definitions import Definition
from analytics.rendering.parameters import FILES

MANIFEST_VERSION = 1
_TOLD_ELSEWHERE = ("data", "language", "edition")
# Those whose version can change a number or a drawing.
_PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "statsmodels",
    "duckdb",
    "ibis-framework",
    "hijridate",
    "babel",
    "plotly",
    "papermill",
)


def describe_provenance(
    definition: Definition, *, language: str, parameters: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return what a report is made of, as it is printed at its end.

    Only names, hashes and versions: no path, user or time, so that the same input gives the same
    page anywhere.

    Parameters
    ----------
    definition : Definition
    language : str
    parameters : Mapping
        As the notebook was given them.

    Returns
    -------
    dict
        Groups ``Report``, ``Parameters``, ``Inputs`` (file name: SHA-256), ``Code``, ``Packages``.
    """
    series = {"series": definition.series, **definition.values} if definition.values else {}
    files = {name: Path(parameters[name]) for name in FILES if parameters.get(name)}
    told = {**parameters, **{name: path.name for name, path in files.items()}}
    inputs: dict[str, str] = {}
    for path in (*definition.data, *files.values()):
        # Files of one name, from several folders, are told apart by their hashes alone.
        known = f"{inputs[path.name]}, " if path.name in inputs else ""
        inputs[path.name] = f"{known}sha256 {_hash_input(path)}"
    return {
        "Report": {
            "definition": definition.name,
            **series,
            "language": language,
            "edition": definition.edition,
        },
        "Parameters": {k: v for k, v in told.items() if k not in _TOLD_ELSEWHERE},
        "Inputs": inputs,
        "Code": {
            **describe_code(),
            "notebook": f"{definition.notebook.name} sha256 {_hash_input(definition.notebook)}",
        },
        "Packages": describe_packages(),
    }


def describe_code() -> dict[str, str]:
    """Return the version of this project, and its commit."""
    return {"incident-analytics": _version("incident-analytics"), "commit": describe_commit()}


def describe_packages() -> dict[str, str]:
    """Return the version of Python, and of each package that can change a number or drawing."""
    packages = {name: _version(name) for name in _PACKAGES}
    return {"python": platform.python_version(), **packages}


def write_manifest(
    provenance: Mapping[str, Any],
    outputs: Iterable[Path],
    *,
    title: str,
    fingerprint: str,
    n_figures: int,
) -> str:
    """Return the manifest as JSON: the provenance, and name, size and hash of each output.

    Parameters
    ----------
    provenance : Mapping
        From `describe_provenance`.
    outputs : iterable of Path
        Files as written.
    title : str
        In the language of the report.
    fingerprint : str
        From `analytics.rendering.freshness.take_fingerprint`.
    n_figures : int
        Charts in the report.
    """
    content = {
        "manifest": MANIFEST_VERSION,
        "Title": title,
        **provenance,
        "Fingerprint": fingerprint,
        "Figures": n_figures,
        "Outputs": {
            path.name: {"bytes": path.stat().st_size, "sha256": hash_file(path)}
            for path in sorted(outputs)
        },
    }
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=False) + "\n"


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash_input(path: Path) -> str:
    """The hash of a file that many reports are made of: read anew only when it has changed."""
    state = path.stat()
    return _hash_state(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=256)
def _hash_state(path: Path, size: int, written: int) -> str:
    return hash_file(path)


@lru_cache(maxsize=1)
def describe_commit() -> str:
    """Return the commit the code is at, ``+`` if changed since; empty outside a checkout."""
    folder = Path(__file__).parent
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],  # noqa: S607
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        # A package installed inside somebody else's checkout is not at that checkout's commit.
        tracked = subprocess.run(
            ["git", "ls-files", "--error-unmatch", "manifest.py"],  # noqa: S607
            cwd=folder,
            capture_output=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip() if tracked.returncode == 0 else ""


@lru_cache(maxsize=64)
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
