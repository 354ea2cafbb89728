"""A finished report against its data: whether it is as written, and the data still give it.

Nothing in the files given is run or followed: their recipes choose among what this project counts,
and the names of their inputs are looked up in folders that the user names, never as paths.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analytics.clusters import load_decisions
from analytics.errors import AnalyticsError, FileError
from analytics.records import load_records
from analytics.recount import compare_packs, recount_pack
from analytics.reference import data_path
from analytics.rendering.finished import Finished, check_seal, load_finished
from analytics.rendering.manifest import describe_code, describe_packages, hash_file
from analytics.rendering.parameters import FILES
from analytics.schema import DIFFERENCES, names
from analytics.sidecar import UNREADABLE, load_sidecar, load_text, write_cells

SAME, DIFFERS, CANNOT_TELL = 0, 1, 2

_ENDINGS = (
    *(".manifest.json", ".data.json", ".previous.json", ".data.csv"),
    *(".static.html", ".html", ".pdf", ".ipynb"),
)
_GROUPS = ("Report", "Parameters", "Inputs", "Code", "Packages")
_COLUMNS = names(DIFFERENCES)
# A name from a file that is anybody's must not move the cursor or turn the line around.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HASH = re.compile(r"[0-9a-f]{64}")
_REMEDY = "Give a report's HTML file, its manifest, or a folder of reports"


@dataclass
class Verified:
    """What was found of one report.

    Parameters
    ----------
    name : str
        Stem of its files.
    code : int
        0: the data give these numbers; 1: something differs; 2: nobody can tell.
    findings : list of (code, sentence)
        What was looked at, in order.
    differences : DataFrame
        `analytics.schema.DIFFERENCES`.
    """

    name: str
    code: int = SAME
    findings: list[tuple[int, str]] = field(default_factory=list)
    differences: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_COLUMNS))

    def find(self, code: int, sentence: str) -> None:
        """Take a finding; one that differs outweighs what cannot be told, and that what is same."""
        self.findings.append((code, _CONTROL.sub("?", sentence)))
        order = (SAME, CANNOT_TELL, DIFFERS)
        self.code = max(self.code, code, key=order.index)


def find_reports(path: str | Path) -> list[Path]:
    """Return the reports of a folder, or the one that a file belongs to, without their endings.

    Raises
    ------
    FileError
        If there are none.
    """
    path = Path(path)
    if not path.exists():
        raise FileError(str(path), "is not there", _REMEDY)
    # The list of reports is none itself.
    files = [path] if path.is_file() else [*path.glob("*.html"), *path.glob("*.manifest.json")]
    found = {_strip(file) for file in files if file.name != "index.html" or path.is_file()}
    if not found:
        raise FileError(str(path), "holds no reports", _REMEDY)
    return sorted(found)


def _strip(path: Path) -> Path:
    ending = next((end for end in _ENDINGS if path.name.endswith(end)), "")
    return path.with_name(path.name.removesuffix(ending))


def verify_report(stem: Path, *, data: Sequence[str | Path] = ()) -> Verified:
    """Return whether a report is as it was written and the data still give its numbers.

    Parameters
    ----------
    stem : Path
        Of the report's files, from `find_reports`.
    data : sequence of str or Path
        Files, or folders in which the inputs are looked for by name; besides these the folder of
        the report, ``data`` in it and beside it and below the working directory, and the project's.
    """
    verified = Verified(stem.name)
    try:
        manifest = _read_manifest(stem)
        _check_outputs(stem, manifest, verified)
        page = _read_page(stem, manifest, verified)
        made_of = manifest or page.provenance
        _compare_code(made_of, verified)
        files = _find_inputs(made_of, [*data, *_usual_folders(stem)], verified)
        if files is not None:
            verified.differences = _recount(stem, page, files, verified)
    except AnalyticsError as error:
        verified.find(CANNOT_TELL, str(error))
    return verified


def _read_manifest(stem: Path) -> dict[str, Any]:
    """The manifest beside a report; empty where there is none."""
    path = stem.with_name(f"{stem.name}.manifest.json")
    if not path.exists():
        return {}
    try:
        manifest = json.loads(load_text(path, _REMEDY))
        for entry in manifest["Outputs"].values():
            if not _HASH.fullmatch(entry["sha256"]):
                raise ValueError("no hash")
        for group in _GROUPS:
            {**manifest[group]}
    except UNREADABLE as error:
        raise FileError(path.name, "is not the manifest of a report", _REMEDY) from error
    return dict(manifest)


def _check_outputs(stem: Path, manifest: Mapping[str, Any], verified: Verified) -> None:
    """Every file that the manifest names, byte for byte."""
    if not manifest:
        verified.find(
            SAME,
            "No manifest lies beside it: of the page its series alone are checked, since a seal "
            "can be made anew over other sentences and charts; of other files nothing is",
        )
    for name, entry in manifest.get("Outputs", {}).items():
        path = stem.with_name(Path(name).name)
        if Path(name).name != name or not name.startswith(f"{stem.name}."):
            verified.find(DIFFERS, f"The manifest names {name[:80]!r}, which is none of its files")
        elif not path.is_file():
            verified.find(CANNOT_TELL, f"Missing: {name}, which the manifest names")
        elif (found := hash_file(path)) != entry["sha256"]:
            verified.find(
                DIFFERS, f"{name} was changed: sha256 {entry['sha256']} was written, it is {found}"
            )
        else:
            verified.find(SAME, f"{name}: as it was written")


def _read_page(stem: Path, manifest: Mapping[str, Any], verified: Verified) -> Finished:
    """The pages, with what they tell of themselves compared with their seals and the manifest."""
    beside = [stem.with_name(f"{stem.name}.{ending}") for ending in ("html", "static.html")]
    paths = [path for path in beside if path.exists()]
    if not paths and manifest:
        return Finished()
    pages = []
    for path in paths or beside[:1]:
        html, page = load_finished(path)
        pages.append(page)
        seal = check_seal(html)
        if seal is None and path.name not in manifest.get("Outputs", {}):
            verified.find(CANNOT_TELL, f"{path.name} has no seal: its text and charts may be any")
        elif seal is False:
            verified.find(DIFFERS, f"{path.name} was changed after it was sealed")
        elif seal:
            verified.find(SAME, f"{path.name}: as it was sealed")
        for group in _GROUPS if manifest else ():
            if manifest[group] != page.provenance.get(group):
                verified.find(DIFFERS, f"{group}: {path.name} and the manifest tell of others")
        if page.numbers != pages[0].numbers:
            verified.find(DIFFERS, f"{path.name} holds other series than {paths[0].name}")
    return pages[0]


def _compare_code(made_of: Mapping[str, Any], verified: Verified) -> None:
    """Other code or packages are no difference by themselves: the numbers tell."""
    told = {**made_of.get("Code", {}), **made_of.get("Packages", {})}
    here = {**describe_code(), **describe_packages()}
    other = [
        f"{name} {told[name]} (here {version or 'unknown'})"
        for name, version in here.items()
        if told.get(name) and told[name] != version
    ]
    if other:
        verified.find(SAME, f"Made with other code, recounted with this: {', '.join(other)}")


def _usual_folders(stem: Path) -> Iterator[Path]:
    for folder in (stem.parent, Path()):
        yield from (folder, folder / "data", folder / ".." / "data")
    yield data_path("governorates.csv").parent


def _find_inputs(
    made_of: Mapping[str, Any], places: Sequence[str | Path], verified: Verified
) -> dict[str, list[Path]] | None:
    """Files by what they are, ``data`` or a parameter's name; None where one is missing."""
    inputs = made_of.get("Inputs", {})
    if not inputs:
        verified.find(CANNOT_TELL, "The report does not say which data it was made of")
        return None
    parameters = made_of.get("Parameters", {})
    kinds = {str(parameters[kind]): kind for kind in FILES if parameters.get(kind)}
    found: dict[str, list[Path]] = {}
    n_missing = 0
    for name, hashes in inputs.items():
        known = _candidates(str(name), places)
        for wanted in _HASH.findall(str(hashes)) or [""]:
            same = [path for path, digest in known.items() if digest == wanted]
            if not known:
                n_missing += 1
                verified.find(CANNOT_TELL, f"Missing: input {name}; give its folder with --data")
                continue
            path = (same or list(known))[0]
            found.setdefault(kinds.get(name, "data"), []).append(path)
            if same:
                verified.find(SAME, f"Input {name}: as recorded")
            else:
                verified.find(
                    DIFFERS,
                    f"Input {name} was changed: sha256 {wanted} is recorded, it is {known[path]}",
                )
    return None if n_missing else found


def _candidates(name: str, places: Sequence[str | Path]) -> dict[Path, str]:
    """Files of that name in the places given, with their hashes."""
    if Path(name).name != name or name in ("", ".", ".."):
        return {}
    paths = [p if p.is_file() and p.name == name else p / name for p in map(Path, places)]
    return {path.resolve(): hash_file(path) for path in paths if path.is_file()}


def _check_csv(path: Path, pack: Mapping[str, Any], verified: Verified) -> None:
    """The same data as CSV, for which the manifest may be missing."""
    if path.exists() and load_text(path, _REMEDY) != write_cells(pack):
        verified.find(DIFFERS, f"{path.name} does not hold what the data file holds")


def _recount(
    stem: Path, page: Finished, files: Mapping[str, Sequence[Path]], verified: Verified
) -> pd.DataFrame:
    """Count each series again: those of the data file, and of the page where it has others."""
    packs: dict[str, Mapping[str, Any]] = {}
    path = stem.with_name(f"{stem.name}.data.json")
    if path.exists():
        packs["data file"] = load_sidecar(path)
        _check_csv(path.with_suffix(".csv"), packs["data file"], verified)
    if page.numbers:
        packs["page"] = {"series": page.numbers}
    if not packs:
        verified.find(CANNOT_TELL, "The report holds no series to count again")
    if len(packs) == 2:
        if (told := compare_packs(packs["page"], packs["data file"])).empty:
            del packs["page"]
            verified.find(SAME, "The page and its data file hold the same series")
        else:
            verified.find(DIFFERS, f"The page and its data file differ in {len(told)} numbers")
    records = load_records(*map(str, files.get("data", ()))).to_pandas()
    decisions = load_decisions(files["decisions"][0]) if "decisions" in files else None
    found = [verified.differences]
    for where, pack in packs.items():
        differences = compare_packs(pack, recount_pack(pack, records, decisions=decisions))
        n = sum(len(series["periods"]["count"]) for series in pack["series"])
        what = f"The {where}: {len(pack['series'])} series, {n} cells counted again"
        if differences.empty:
            verified.find(SAME, f"{what}, all the same")
        else:
            verified.find(DIFFERS, f"{what}, {len(differences)} differences")
        found.append(differences.assign(file=where))
    return pd.concat(found, ignore_index=True)
