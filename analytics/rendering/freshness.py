"""Whether a report is still what would be made: told by contents, never by times."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from analytics.reference import data_path
from analytics.rendering.manifest import hash_file

_PACKAGE = Path(__file__).parents[1]
_DISTRIBUTION = "incident-analytics"
_REQUIREMENT = re.compile(r"[\w.-]+(?:\[[\w,-]*)?")
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)""")


def take_fingerprint(provenance: Mapping[str, Any], *, title: str) -> str:
    """Return a hash over everything that decides what is in a report.

    That is its inputs, parameters, notebook, title and language; the code, tables and
    translations of this project; and the version of every package it rests on, fonts included. A
    commit that changes none of these changes nothing.

    Parameters
    ----------
    provenance : Mapping
        From `analytics.rendering.manifest.describe_provenance`.
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
