"""Reports on their way: what is to be made, where it is worked on, how it is put in place."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from analytics.errors import FileError, RenderError
from analytics.rendering.definitions import DEFAULT_FORMATS, Definition
from analytics.rendering.manifest import (
    describe_provenance,
    find_current,
    take_fingerprint,
    write_manifest,
)
from analytics.rendering.parameters import load_parameters
from analytics.rendering.period import Period
from analytics.rendering.static import STATIC
from analytics.sidecar import load_sidecar

_FOLDER = ".rendering-"
_DATA = ("data.json", "data.csv")


@dataclass(frozen=True)
class RenderResult:
    """One report in one language, written or not.

    Parameters
    ----------
    name, language : str
    files : Mapping
        Format to path, of what was written; the manifest under ``manifest``, the series with the
        records of each cell under ``data.json`` and ``data.csv``.
    problem : str
        Why it, or one of its formats, was not written; empty if all is well.
    is_current : bool
        Whether it was left as it lies there, since it would come out the same.
    title : str
    n_figures : int
    seconds : float
        From its start to its files.
    warnings : tuple of str
        What the notebook wrote to stderr; never part of the report.
    """

    name: str
    language: str
    files: Mapping[str, Path] = field(default_factory=dict)
    problem: str = ""
    is_current: bool = False
    title: str = ""
    n_figures: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every format was written."""
        return not self.problem


@dataclass
class Job:
    """A report on its way."""

    definition: Definition
    language: str
    formats: tuple[str, ...]
    folder: Path
    parameters: dict[str, Any]
    provenance: dict[str, Any]
    fingerprint: str
    started: float = 0.0
    is_late: bool = False
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """Name of the files, without their ending."""
        return f"{self.definition.name}.{self.language}"

    @property
    def needs_browser(self) -> bool:
        """Whether a format of it is drawn by a browser."""
        return bool({"pdf", STATIC} & set(self.formats))

    def find_current(self, out_dir: Path) -> RenderResult | None:
        """Return the report that lies there, if it is up to date in every format wanted."""
        found = find_current(out_dir, self.stem, self.formats, self.fingerprint)
        if found is None:
            return None
        files, manifest = found
        return RenderResult(
            name=self.definition.name,
            language=self.language,
            files=files,
            is_current=True,
            title=str(manifest.get("Title", "")),
            n_figures=int(manifest.get("Figures", 0)),
        )

    def keep_previous(self, out_dir: Path) -> None:
        """Set the last report of this series that other records gave beside this one.

        That is what lies there under the same name; where it is of the same inputs, what that one
        was compared with; else the report of the period before. It is copied, since it may be
        replaced, and goes with this report.
        """
        takes = {parameter.name for parameter in load_parameters(self.definition.notebook)}
        if "previous" not in takes or self.parameters.get("previous"):
            return
        kept = self.folder / f"{self.stem}.previous.json"
        for path in self._list_previous(out_dir):
            with suppress(OSError, FileError):
                load_sidecar(path)
                shutil.copyfile(path, kept)
                self.parameters["previous"] = str(kept)
                self.provenance = describe_provenance(
                    self.definition, language=self.language, parameters=self.parameters
                )
                return

    def _list_previous(self, out_dir: Path) -> Iterator[Path]:
        with suppress(OSError, ValueError, KeyError, TypeError):
            text = (out_dir / f"{self.stem}.manifest.json").read_text(encoding="utf-8")
            made_of = json.loads(text)["Inputs"]
            made_of.pop(f"{self.stem}.previous.json", None)
            is_same = made_of == self.provenance["Inputs"]
            yield out_dir / f"{self.stem}.{'previous' if is_same else 'data'}.json"
        if label := self.definition.values.get("period"):
            before = Period.parse(label).earlier(1).label
            name = self.definition.name.replace(f".{label}", f".{before}", 1)
            yield out_dir / f"{name}.{self.language}.data.json"

    def describe(self, engine: str) -> dict[str, Any]:
        """Return the job as the server is given it (`analytics.rendering.report.produce`)."""
        return {
            "folder": str(self.folder),
            "notebook": str(self.definition.notebook),
            "parameters": self.parameters,
            "language": self.language,
            "title": self.definition.title,
            "values": dict(self.definition.values),
            "provenance": self.provenance,
            "formats": self.formats,
            "edition": self.definition.edition,
            "engine": engine,
        }

    def read_result(self, code: int, timeout_s: float) -> str:
        """Take what a copy has left; return why there is no report, or nothing.

        Parameters
        ----------
        code : int
            Exit code of the copy, negative for a signal.
        timeout_s : float
            Its time limit, for the message.
        """
        try:
            self.result = json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            if self.is_late:
                return self.explain(f"took more than {timeout_s:g} s and was stopped")
            if code < 0:
                return self.explain(f"was killed by signal {-code}: out of memory, perhaps")
            return self.explain(f"ended without a report{_last_line(self.folder / 'stderr.txt')}")
        if "error" in self.result:
            return str(RenderError(*self.result["error"]))
        return ""

    def explain(self, rule: str) -> str:
        """Return a reason as the sentence that the user is told."""
        name = self.definition.notebook.name
        return str(RenderError(name, rule, "Run it in JupyterLab to see why"))

    def publish(self, out_dir: Path) -> dict[str, Path]:
        """Put the files in place, the manifest last; return them by format."""
        made = {
            form: (self.folder / f"report.{form}").rename(self.folder / f"{self.stem}.{form}")
            for form in (*self.formats, *_DATA)
            if (self.folder / f"report.{form}").exists()
        }
        if (kept := self.folder / f"{self.stem}.previous.json").exists():
            made["previous.json"] = kept
        text = write_manifest(
            self.provenance,
            made.values(),
            title=self.result["title"],
            fingerprint=self.fingerprint,
            n_figures=self.result["n_figures"],
        )
        made["manifest"] = self.folder / f"{self.stem}.manifest.json"
        made["manifest"].write_text(text, encoding="utf-8")
        return {form: path.replace(out_dir / path.name) for form, path in made.items()}


def plan_jobs(
    definitions: Sequence[Definition],
    languages: tuple[str, ...],
    formats: tuple[str, ...],
    folder: Path,
) -> Iterator[Job]:
    """Yield a job for each definition and language, with a folder of its own."""
    for definition in definitions:
        for language in languages or definition.languages or ("en",):
            parameters = {**definition.parameters, "language": language}
            if definition.edition != "internal":
                parameters["edition"] = definition.edition
            if definition.data:
                parameters["data"] = list(map(str, definition.data))
            provenance = describe_provenance(definition, language=language, parameters=parameters)
            yield Job(
                definition,
                language,
                formats or definition.formats or DEFAULT_FORMATS,
                Path(mkdtemp(dir=folder)),
                parameters,
                provenance,
                take_fingerprint(provenance, title=definition.title),
            )


@contextmanager
def open_work_folder(out_dir: Path) -> Iterator[Path]:
    """A folder beside the reports, so that a finished file is moved into place in one step."""
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        for left in out_dir.glob(f"{_FOLDER}*"):
            if not _is_alive(left.name.removeprefix(_FOLDER).partition("-")[0]):
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=out_dir)).resolve()
        (folder / "shared").mkdir()  # `analytics.rendering.sharing`
    except OSError as error:
        raise FileError(
            str(out_dir), f"cannot be written to ({error.strerror})", "Choose another --out"
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _last_line(log: Path) -> str:
    with suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f" ({lines[-1][:200]})" if lines else ""
    return ""
