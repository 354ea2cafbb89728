"""What a report was made of, hashes of what came out, and whether it is still what would be made.

Told by contents, never by times.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any

from analytics.reference import data_path
from analytics.rendering.definitions import Definition
from analytics.rendering.parameters import FILES

MANIFEST_VERSION = 1
_PACKAGE = Path(__file__).parents[1]
_DISTRIBUTION = "incident-analytics"
_REQUIREMENT = re.compile(r"[\w.-]+(?:\[[\w,-]*)?")
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)""")
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
        From `take_fingerprint`.
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


def take_fingerprint(provenance: Mapping[str, Any], *, title: str) -> str:
    """Return a hash over everything that decides what is in a report.

    That is its inputs, parameters, notebook, title and language; the code, tables and
    translations of this project; and the version of every package it rests on, fonts included. A
    commit that changes none of these changes nothing.

    Parameters
    ----------
    provenance : Mapping
        From `describe_provenance`.
    title : str
        As the definition has it.
    """
    code = {k: v for k, v in provenance.get("Code", {}).items() if k != "commit"}
    made_of = {**provenance, "Code": code, "title": title, "project": _hash_project()}
    text = json.dumps([made_of, _list_packages()], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_current(
    out_dir: Path, stem: str, formats: Sequence[str], fingerprint: str
) -> tuple[dict[str, Path], dict[str, Any]] | None:
    """Return the files of a report that is up to date, and its manifest; None if it is not.

    Every file that the manifest names must be there with the bytes that were written.
    """
    path = out_dir / f"{stem}.manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["Fingerprint"] != fingerprint:
            return None
        outputs = manifest["Outputs"]
        files = {name.removeprefix(f"{stem}."): out_dir / name for name in outputs}
        if not set(formats) <= set(files):
            return None
        for name, entry in outputs.items():
            if hash_file(out_dir / name) != entry["sha256"]:
                return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return {**files, "manifest": path}, manifest


@lru_cache(maxsize=1)
def _hash_project() -> str:
    """One hash of the project's own code, templates, catalogues and tables."""
    digest = hashlib.sha256()
    files = [p for p in _PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    tables = data_path("governorates.csv").parent.glob("*.csv")
    for path in sorted({*files, *tables}):
        digest.update(f"{path.name} {hash_file(path)}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _list_packages() -> list[str]:
    """Name and version of every package that this one needs, directly or not."""
    found: dict[str, str] = {"python": platform.python_version()}
    waiting = [_DISTRIBUTION]
    while waiting:
        name, _, extras = waiting.pop().partition("[")
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue  # a requirement for other systems
        for text in package.requires or ():
            requirement, _, marker = text.partition(";")
            extra = _EXTRA.search(marker)
            needed = _REQUIREMENT.match(requirement)
            if needed and (extra is None or extra[1] in extras) and needed[0] not in found:
                waiting.append(needed[0])
                found[needed[0]] = ""
        found[name] = package.version
    return [f"{name} {version}" for name, version in sorted(found.items()) if version]


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
