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
_known: set[str] = set()
"""Of every secret that this process has read, what must not be shown: logs are written where no home is."""


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

    def address(self, reference: str) -> str:
        """The secret as a URL; raises :class:`SecretMissing` as :meth:`read`, and for what can be none."""
        value = self.read(reference)
        if not is_address(value):
            raise SecretMissing(f"What stands in {reference} is no address.")
        return value

    def remember(self, value: str) -> None:
        """Hides *value* from now on, and where it is a URL what in it could be a token."""
        hidden = {value} if len(value) >= _SHORTEST else set()
        if "://" in value:
            hidden |= {piece for piece in _pieces(value) if len(piece) >= _PART}
        self._read |= hidden
        _known.update(hidden)

    def mask(self, text: str) -> str:
        """*text* without any secret that was read, plain, quoted for a URL or as its representation."""
        return _without(text, self._read)


def masked(text: str) -> str:
    """*text* without any secret that this process has read, by whichever :class:`Secrets`."""
    return _without(text, _known)


def is_address(text: str) -> bool:
    """False for a URL so mistyped that no host can be read from it, as with a full-width colon or ``[``."""
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _pieces(url: str) -> set[str]:
    """The parts of a URL that could be a token; of one that is mistyped, all of them."""
    if not is_address(url):
        return set(re.split(r"[/?#&=]+", url))
    parts = urlsplit(url)
    values = {text for _, text in parse_qsl(parts.query)}
    return {parts.query, parts.password or "", parts.path.rpartition("/")[2], *values}


def _without(text: str, hidden: set[str]) -> str:
    for value in sorted(hidden, key=len, reverse=True):
        for form in {value, quote(value), quote(value, safe=""), quote_plus(value)}:
            text = text.replace(form, MASK)
    return text
