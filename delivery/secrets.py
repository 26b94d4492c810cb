"""Secrets by reference, ``$NAME`` or ``file:PATH``, read when needed and masked in every sentence."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from pydantic import AfterValidator

from fengping.errors import ConfigError

MASK = "***"
_SHORTEST, _PART = 4, 8  # characters of a secret, and of a part of a URL; shorter ones are ordinary words


def _reference(value: str) -> str:
    if not re.fullmatch(r"\$[A-Za-z_]\w*|file:.+", value):
        raise ValueError("a secret never stands in the file itself: write $NAME_OF_A_VARIABLE or file:PATH")
    return value


Reference = Annotated[str, AfterValidator(_reference)]
"""The place of a secret: a variable of the environment, or a file taken from the home."""


class SecretMissing(ConfigError):
    """A secret's variable or file is not there (yet); messages wait until it is."""


class Secrets:
    """Reads references and remembers what it read, so that :meth:`mask` knows what to hide."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: set[str] = set()

    def read(self, reference: str) -> str:
        """The secret; raises :class:`SecretMissing` where it is not set, empty or unreadable."""
        if reference.startswith("$"):
            value = os.environ.get(reference[1:], "").strip()
            if not value:
                raise SecretMissing(f"The variable {reference[1:]} is not set.")
        else:
            path = self._root / reference.removeprefix("file:")
            try:
                value = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SecretMissing(
                    f"The secret in {path} cannot be read ({type(error).__name__})."
                ) from None
            if not value:
                raise SecretMissing(f"The secret in {path} is empty.")
        self.remember(value)
        return value

    def remember(self, value: str) -> None:
        """Hides *value* from now on, and where it is a URL what in it could be a token."""
        if len(value) >= _SHORTEST:
            self._read.add(value)
        if "://" in value:
            parts = urlsplit(value)
            pieces = {parts.query, parts.password or "", parts.path.rpartition("/")[2]}
            pieces |= {text for _, text in parse_qsl(parts.query)}
            self._read |= {piece for piece in pieces if len(piece) >= _PART}

    def mask(self, text: str) -> str:
        """*text* without any secret that was read, plain, quoted for a URL or as its representation."""
        for value in sorted(self._read, key=len, reverse=True):
            for form in {value, quote(value), quote(value, safe=""), quote_plus(value)}:
                text = text.replace(form, MASK)
        return text
