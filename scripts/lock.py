"""Resolve pyproject.toml into locks/ with uv: one resolution, from which five files are written.

``runtime.txt`` is what running and an editable install need; ``test.txt``, ``lab.txt`` and
``bench.txt`` hold what their extras add to it; ``uv.txt`` is uv itself. No file names a registry.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "locks"
EXTRAS = ("test", "lab", "bench")
HELD_BACK = ("argon2-cffi-bindings<26",)  # from 26 on without a wheel for Macs with Intel


def parse_lock(text: str) -> Iterator[tuple[str, str]]:
    """Yield each locked requirement's first line and its whole block with the hashes."""
    for block in re.findall(r"^[a-z0-9].*(?:\n[ \t].*)*", text, re.MULTILINE):
        yield block.split("\n")[0], block


def compile_with(uv: str, *arguments: str | Path, text: str = "") -> None:
    """Run one resolution, for every platform and every Python from 3.11 on."""
    options = (
        *("--quiet", "--upgrade", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-annotate", "--custom-compile-command", "make lock"),
    )
    command = [uv, "pip", "compile", *options, *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT, input=text, text=True, stdout=subprocess.DEVNULL)


def write_locks(uv: str, scratch: Path) -> None:
    """Write the five files, the extras in agreement with each other and with runtime."""
    build = ("--group", "pyproject.toml:build")
    everything = scratch / "everything.txt"
    held_back = scratch / "held-back.txt"
    held_back.write_text("\n".join(HELD_BACK))
    compile_with(
        *(uv, "pyproject.toml", "--all-extras", *build),
        *("--constraint", held_back, "-o", everything),
    )
    same = ("--constraint", everything)
    runtime = LOCKS / "runtime.txt"
    compile_with(uv, "pyproject.toml", *build, *same, "-o", runtime)
    known = dict(parse_lock(runtime.read_text()))
    head = "# Made by `make lock`: what the extra adds to runtime.txt.\n-r runtime.txt\n"
    for extra in EXTRAS:
        path = LOCKS / f"{extra}.txt"
        compile_with(uv, "pyproject.toml", "--extra", extra, *same, "-o", path)
        added = [block for line, block in parse_lock(path.read_text()) if line not in known]
        path.write_text(head + "\n".join(added) + "\n")
    compile_with(uv, "-", "-o", LOCKS / "uv.txt", text="uv\n")


def main() -> int:
    """Lock, with the uv beside this Python or on the path."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        print("uv is needed to lock: run `pip install uv`, then `make lock` again.")
        return 1
    try:
        with tempfile.TemporaryDirectory() as scratch:
            write_locks(uv, Path(scratch))
    except subprocess.CalledProcessError:
        print("The requirements could not be resolved, for the reason uv gives above.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
