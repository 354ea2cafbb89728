"""A papermill engine that runs a notebook in this process, without a kernel.

Half of what a report costs is a kernel that starts, imports and answers over sockets, and a
notebook saved at every cell. Here the cells run in an IPython shell of this process and their
outputs are caught where a kernel would send them: same types, same MIME keys.

Not caught: what a subprocess writes to file descriptors 1 and 2. There is no time limit in here
either; whoever starts the process keeps the clock (`analytics.rendering.server`).
"""

from __future__ import annotations

import builtins
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

import nbformat
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

Output = nbformat.NotebookNode


class _Sheet:
    """The outputs of the cell that is running, in order."""

    def __init__(self) -> None:
        self.outputs: list[Output] = []
        self.displays: dict[str, list[Output]] = {}
        self.will_clear = False

    def add(self, output: Output, display_id: str = "") -> None:
        if self.will_clear:
            self.clear()
        last = self.outputs[-1] if self.outputs else None
        if last and output.output_type == "stream" == last.output_type and last.name == output.name:
            last.text += output.text
            return
        self.outputs.append(output)
        if display_id:
            self.displays.setdefault(display_id, []).append(output)

    def clear(self) -> None:
        self.outputs.clear()
        self.will_clear = False


class _Stream(io.TextIOBase):
    """A text stream that writes onto a sheet."""

    def __init__(self, name: str, sheet: _Sheet) -> None:
        self.name, self.sheet = name, sheet

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text:
            self.sheet.add(_output("stream", name=self.name, text=text))
        return len(text)


def _sheet(part: Any) -> _Sheet:
    """The sheet of the shell that a publisher or a hook belongs to."""
    sheet: _Sheet = part.shell.sheet
    return sheet


class _Publisher(DisplayPublisher):
    """Puts what `display` is given onto the sheet."""

    def publish(  # type: ignore[no-untyped-def]
        self, data, metadata=None, source=None, *, transient=None, update=False, **kwargs
    ) -> None:
        sheet = _sheet(self)
        display_id = str((transient or {}).get("display_id", ""))
        if update:
            for shown in sheet.displays.get(display_id, []):
                shown.data, shown.metadata = _node(data), _node(metadata or {})
            return
        output = _output("display_data", data=data, metadata=metadata or {})
        sheet.add(output, display_id)

    def clear_output(self, wait: bool = False) -> None:
        if wait:
            _sheet(self).will_clear = True
        else:
            _sheet(self).clear()


class _Hook(DisplayHook):
    """Puts a cell's last value onto the sheet."""

    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict, md_dict=None) -> None:  # type: ignore[no-untyped-def]
        if format_dict:
            _sheet(self).add(
                _output(
                    "execute_result",
                    data=format_dict,
                    metadata=md_dict or {},
                    execution_count=self.prompt_count,
                )
            )

    def finish_displayhook(self) -> None:
        pass


class ReportShell(InteractiveShell):
    """IPython without a terminal, a history or a user's profile."""

    display_pub_class = _Publisher
    displayhook_class = _Hook

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.sheet = _Sheet()
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

    def _showtraceback(self, etype, evalue, stb) -> None:  # type: ignore[no-untyped-def]
        self.sheet.add(
            _output("error", ename=etype.__name__, evalue=str(evalue), traceback=list(stb))
        )

    def init_sys_modules(self) -> None:
        """Leave ``__main__`` alone: it belongs to the program that renders."""

    def enable_gui(self, gui: Any = None) -> None:
        """Ignore requests for a window."""


class InProcessEngine:
    """Registered with papermill under the name ``inprocess``.

    Not a subclass of papermill's `Engine`: papermill imports this module by its entry point while
    it is being imported itself, so this module imports nothing of it at its top.
    """

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> Any:
        """Run the cells in order, and return the notebook; stop at the first that fails."""
        from papermill.engines import NotebookExecutionManager

        names = ("progress_bar", "log_output", "autosave_cell_every")
        managed = {name: options[name] for name in names if name in options}
        manager = NotebookExecutionManager(nb, output_path=output_path, **managed)
        manager.notebook_start()
        try:
            _run_cells(manager)
        finally:
            manager.cleanup_pbar()
            manager.notebook_complete()
        return manager.nb

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """Return the kernel's name, which papermill takes the form of parameters from."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """Return the notebook's language."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))


def _run_cells(manager: Any) -> None:
    with _shell() as shell:
        for index, cell in enumerate(manager.nb.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            manager.cell_start(cell, index)
            cell.outputs, is_good = _run_cell(shell, cell.source)
            cell.execution_count = shell.execution_count - 1
            if not is_good and "raises-exception" not in cell.metadata.get("tags", []):
                manager.cell_exception(cell, index)
                return
            manager.cell_complete(cell, index)


def _run_cell(shell: ReportShell, source: str) -> tuple[list[Output], bool]:
    """Run one cell; its outputs, and whether it ran to its end."""
    sheet = shell.sheet
    sheet.outputs = []
    with redirect_stdout(_Stream("stdout", sheet)), redirect_stderr(_Stream("stderr", sheet)):
        result = shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
    return sheet.outputs, result.success


@contextmanager
def _shell() -> Iterator[ReportShell]:
    """A fresh shell, and the process as it was once it is done."""
    if InteractiveShell.initialized():
        raise RuntimeError("the inprocess engine cannot run inside an IPython session")
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    # What JupyterLab shows of a plotly figure; elsewhere plotly adds a script from the network.
    has_renderer = "PLOTLY_RENDERER" in os.environ
    os.environ.setdefault("PLOTLY_RENDERER", "plotly_mimetype")
    kept = sys.displayhook, sys.excepthook, builtins.input, list(sys.path)
    with tempfile.TemporaryDirectory() as folder:
        shell = ReportShell.instance(config=config, ipython_dir=folder)
        builtins.input = _refuse_input
        if "" not in sys.path:
            sys.path.insert(0, "")
        try:
            yield shell
        finally:
            ReportShell.clear_instance()
            if not has_renderer:
                del os.environ["PLOTLY_RENDERER"]
            shell.restore_sys_module_state()  # type: ignore[no-untyped-call]
            sys.displayhook, sys.excepthook, builtins.input, sys.path[:] = kept


def _refuse_input(prompt: object = "") -> str:
    raise StdinNotImplementedError("a report cannot ask for input")


def _output(kind: str, **content: Any) -> Output:
    output: Output = _node({"output_type": kind, **content})
    return output


def _node(value: Any) -> Any:
    return nbformat.from_dict(value)  # type: ignore[no-untyped-call]
