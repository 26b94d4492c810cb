"""People in the data: their platform ids are kept as a salted hash, their nicknames masked where asked."""

from __future__ import annotations

import hashlib
import hmac

from fengping.models import Kind


def hash_author(salt: bytes, platform: str, author: str) -> str:
    """32 hex digits that stand for a platform's author id (or name, where it shows no id).

    Equal for equal authors within one home; without the home's salt nobody can search for an id.
    """
    if not author:
        return ""
    message = f"{platform}\0{author}".encode("utf-8", "surrogatepass")
    return hmac.digest(salt, message, hashlib.sha256).hex()[:32]


def mask_nickname(name: str) -> str:
    """The first character of a nickname and ``**``; an empty name stays empty."""
    return f"{name[0]}**" if name else ""


def shown_author(name: str, kind: Kind, *, mask: bool) -> str:
    """How an author's name is kept: people who post or comment masked where asked, bylines of news never."""
    return mask_nickname(name) if mask and kind is not Kind.NEWS else name
