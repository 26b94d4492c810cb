"""Texts made fit to be shown: without characters that a terminal would obey, without passwords."""

from __future__ import annotations

import re

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_OBEYED = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}]")


def visible(text: str) -> str:
    """*text* with its control characters (``␛``) and changes of direction (``<U+202E>``) spelled out.

    Line ends and tabs stay. Posts are anyone's text: an escape in one could clear a reader's screen, or
    write a sentence that nobody said.
    """
    return _OBEYED.sub(_spelled, text)


def _spelled(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"


SECRET = ("password", "passwd", "pwd", "secret", "token", "key", "sign")
"""Words in the name of a setting, or of a value of an address, that is shown to nobody."""
_SECRET_VALUE = re.compile(rf"(?i)([?&;][^=&;#?]*(?:{'|'.join(SECRET)})[^=&;#?]*=)[^&;#]+")


def masked(url: str) -> str:
    """An address without the user, the password and the secret values it may hold, however malformed."""
    scheme, colon, rest = url.partition(":")
    # Before the user is cut off: a value may hold an @ of its own.
    rest = _SECRET_VALUE.sub(r"\1***", rest)
    return f"{scheme}{colon}***@{rest.rpartition('@')[2]}" if "@" in rest else f"{scheme}{colon}{rest}"
