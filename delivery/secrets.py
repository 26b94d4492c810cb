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
_TOKEN = 12  # of a piece of a path that is a token wherever it stands
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
        last = set[str]()
        if "://" in value:
            pieces, path = _pieces(value)
            hidden |= {piece for piece in pieces if len(piece) >= _PART}
            hidden |= {piece for piece in path if _is_random(piece)}
            # Hidden where a receiver repeats it; in a log it may be an ordinary word (/messages).
            last = {piece for piece in path[-1:] if len(piece) >= _PART}
        self._read |= hidden | last
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


def _pieces(url: str) -> tuple[set[str], list[str]]:
    """The parts of a URL that could be a token, and the pieces of its path; all of one that is mistyped are
    the former."""
    if not is_address(url):
        return set(re.split(r"[/?#&=]+", url)), []
    parts = urlsplit(url)
    values = {text for _, text in parse_qsl(parts.query)}
    return {parts.query, parts.password or "", *values}, parts.path.split("/")


def _is_random(piece: str) -> bool:
    """True for a piece of a path that looks like a token, not like a word."""
    mixed = piece != piece.lower() and piece != piece.upper()
    return len(piece) >= _TOKEN and (mixed or any(one.isdigit() for one in piece))


def _without(text: str, hidden: set[str]) -> str:
    for value in sorted(hidden, key=len, reverse=True):
        for form in {value, quote(value), quote(value, safe=""), quote_plus(value)}:
            text = text.replace(form, MASK)
    return text
