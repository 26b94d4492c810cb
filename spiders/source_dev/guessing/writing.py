"""A source file as TOML, in the order a person reads it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_INLINE = {"expect", "pagination", "rate", "limits", "vars", "headers"}


def to_toml(data: Mapping[str, Any]) -> str:
    """The file's text; values are texts, numbers, truths, lists of these, and tables."""
    return "\n".join(_table("", data)).strip() + "\n"


def _table(name: str, data: Mapping[str, Any]) -> Iterator[str]:
    simple = {k: v for k, v in data.items() if not isinstance(v, Mapping) or k in _INLINE}
    if name and simple:
        yield f"\n[{name}]"
    for key, value in simple.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in data.items():
        if key not in simple:
            yield from _table(f"{name}.{_key(key)}" if name else _key(key), value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    # A JSON text is a TOML basic string but for one character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
