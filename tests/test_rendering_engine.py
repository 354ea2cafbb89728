"""The engine without a kernel gives what a kernel gives, and leaves the process as it was."""

import builtins
import copy
import sys

import nbformat
import papermill
import pytest

from analytics.errors import RenderError
from analytics.rendering.report import execute_notebook

# Each source is one cell. What they show covers every kind of message a kernel sends.
SOURCES = {
    "streams": "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')",
    "last value": "import pandas as pd\npd.DataFrame({'a': [x]})",
    "plotly": "import plotly.graph_objects as go\nfigure = go.Figure(go.Bar(y=[1]))\nfigure.show()",
    "plotly as last value": "figure",
    "display": "from IPython.display import HTML, Markdown, clear_output, display\ndisplay(1, 2)",
    "update": "handle = display(Markdown('a'), display_id=True)\nhandle.update(HTML('b'))",
    "clear": "print('a')\nclear_output()\nprint('b')\nclear_output(wait=True)\nprint('c')",
    "shown": "from analytics.rendering.display import show_figure\n"
    "show_figure(figure, caption='c', alt='a', table=pd.DataFrame({'n': ['1']}))",
    "silent": "6 * 7;",
    "previous": "6 * 7\n_",
    "await": "import asyncio\nawait asyncio.sleep(0)",
    "shell": "!echo one",
    "magic": "%who_ls int",
    "several": "from IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell.ast_node_interactivity = 'all'\n1\n2",
    "error": "1 / 0",
    "never": "print('not reached')",
}


@pytest.fixture
def notebook():
    cells = [
        nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(SOURCES.values())
    ]
    first = nbformat.v4.new_code_cell("x = 1", id="p", metadata={"tags": ["parameters"]})
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return nbformat.v4.new_notebook(cells=[first, *cells], metadata={"kernelspec": kernel})


def run(notebook, engine, monkeypatch):
    """Run a notebook by papermill; return its cells though one of them fails."""
    kept = []
    monkeypatch.setattr(
        "papermill.execute.raise_for_execution_errors", lambda nb, _: kept.append(nb)
    )
    papermill.execute_notebook(
        notebook,
        None,
        {"x": 3},
        engine_name=engine,
        kernel_name="python3",
        progress_bar=False,
        request_save_on_cell_execute=False,
    )
    return [cell for cell in kept[0].cells if cell.source in SOURCES.values()]


def outline(outputs):
    """What must be the same: text of each stream; types, MIME keys, plain text and metadata."""
    # A kernel sends a stream when it is flushed, so the order between two streams is chance.
    streams = [
        "".join(o.text for o in outputs if o.output_type == "stream" and o.name == name)
        for name in ("stdout", "stderr")
    ]
    others = []
    for output in outputs:
        if output.output_type == "error":
            others.append((output.ename, output.evalue, bool(output.traceback)))
        elif output.output_type != "stream":
            data = output.data
            others.append(
                (output.output_type, sorted(data), data.get("text/plain"), output.metadata)
            )
    return streams, others


@pytest.mark.slow
def test_outputs_are_those_of_a_kernel(notebook, monkeypatch):
    monkeypatch.setattr("plotly.io.renderers.default", "plotly_mimetype")
    ours = run(copy.deepcopy(notebook), "inprocess", monkeypatch)
    theirs = run(copy.deepcopy(notebook), None, monkeypatch)
    for name, cell, other in zip(SOURCES, ours, theirs, strict=True):
        assert outline(cell.outputs) == outline(other.outputs), name
        assert cell.execution_count == other.execution_count, name
    assert sum(len(cell.outputs) for cell in ours) > len(SOURCES)


def test_what_a_cell_shows_is_caught(notebook, monkeypatch):
    shown = dict(zip(SOURCES, run(notebook, "inprocess", monkeypatch), strict=True))
    assert [o.text for o in shown["streams"].outputs] == ["a\n", "b\n", "c\n"]
    assert shown["clear"].outputs[0].text == "c\n"
    assert shown["update"].outputs[0].data["text/html"] == "b"
    assert shown["several"].outputs[1].execution_count == shown["several"].execution_count
    assert shown["error"].outputs[0].ename == "ZeroDivisionError"
    assert shown["error"].metadata.papermill.exception
    assert shown["never"].outputs == []


def test_the_process_is_left_as_it_was(notebook, monkeypatch):
    before = (sys.stdout, sys.displayhook, sys.excepthook, builtins.input, list(sys.path))
    main, names = sys.modules["__main__"], set(vars(builtins))
    run(notebook, "inprocess", monkeypatch)
    assert before == (sys.stdout, sys.displayhook, sys.excepthook, builtins.input, list(sys.path))
    assert sys.modules["__main__"] is main
    assert set(vars(builtins)) == names


@pytest.fixture
def write(tmp_path):
    """Return what writes a notebook of one cell after its parameters."""

    def written(source):
        cells = [
            nbformat.v4.new_code_cell("n: int = 1", id="p", metadata={"tags": ["parameters"]}),
            nbformat.v4.new_code_cell(source, id="c"),
        ]
        path = tmp_path / "one.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
        return path

    return written


@pytest.mark.filterwarnings("ignore:To exit")
@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "# why\n1 / 0",
            "one.ipynb, cell [2] '# why': stopped with ZeroDivisionError: division by",
        ),
        (
            "from analytics.errors import WindowError\nraise WindowError('a', 'is b', 'Mend it')",
            "refused: a: is b. Mend it. Run the notebook",
        ),
        ("input()", "StdinNotImplementedError: a report cannot ask for input"),
        ("x = (", "stopped with SyntaxError"),
        ("raise SystemExit(3)", "stopped with SystemExit: 3"),
    ],
)
def test_a_failing_cell_is_named(write, source, said):
    with pytest.raises(RenderError) as caught:
        execute_notebook(write(source), {"n": 2})
    assert said in str(caught.value)


def test_a_notebook_runs_in_its_folder_and_is_not_changed(write):
    path = write("import os\nprint(os.getcwd(), n)")
    before = path.read_bytes()
    done = execute_notebook(path, {"n": 2})
    assert done.cells[-1].outputs[0].text == f"{path.parent} 2\n"
    assert path.read_bytes() == before
