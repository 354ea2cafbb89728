"""What every page carries besides its fonts: the drawing library, style sheet and script."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

# What plotly.js carries as text for its maps alone: the script of their worker, and their style.
_TEXT = re.compile(r"(\.(?:exports|textContent)=)'[^'\\]*+(?:\\.[^'\\]*+)*+'", re.DOTALL)
_LONG = 50_000  # letters; other texts are shorter than that by far


@lru_cache(maxsize=1)
def load_plotly() -> tuple[str, str]:
    """Return plotly.js, compressed and in base 85, and the hash a policy knows it by.

    Returns
    -------
    payload : str
        gzip in base 85 (five letters for four bytes, where base64 takes five and a third): less
        than two fifths of the script's own size. ``,`` stands for ``<``, so that no letter of it
        can end the element it is kept in.
    source : str
        ``sha256-...`` of the script once inflated.
    """
    script = read_plotly().encode()
    # The page inserts the script as text; what is hashed is that text.
    packed = gzip.compress(script, 9, mtime=0)
    return base64.b85encode(packed).decode("ascii").replace("<", ","), hash_source(script)


def read_plotly() -> str:
    """Return plotly.js as the plotly package carries it, without two long texts for maps."""
    # Without importing plotly, which a caller that only prints does not need.
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "package_data" / "plotly.min.js"
    script = path.read_bytes().decode("utf-8")
    return _TEXT.sub(lambda text: f"{text[1]}''" if len(text[0]) > _LONG else text[0], script)


def hash_source(script: bytes) -> str:
    """Return a script's hash as a Content-Security-Policy writes it.

    Examples
    --------
    >>> hash_source(b"")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    return "sha256-" + base64.b64encode(hashlib.sha256(script).digest()).decode("ascii")


@lru_cache(maxsize=8)
def load_template(name: str) -> str:
    """Return a file of the page's template."""
    return (Path(__file__).parent / "template" / name).read_text(encoding="utf-8")
