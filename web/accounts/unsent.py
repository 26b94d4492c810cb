"""Requests without a session: the page to return to after signing in, and the form that was not taken.

The browser alone keeps such a form, in the page that asks for the password. One is kept only where it was
ours (its token is right), brings no file, and is none of the settings, which hold passwords and secrets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import HTTPException, Request
from pydantic import TypeAdapter, ValidationError

from fengping.web.accounts.door import check_token
from fengping.web.rendering import page_of, within

FIELDS = ("to", "again", "typed")
"""Hidden fields of the sign-in: the page to return to, where the form is sent, its fields as JSON."""
LARGEST = 200_000
"""Characters of a form that is kept."""
_SECRET = ("/settings", "/login", "/logout")
_Pairs = TypeAdapter(list[tuple[str, str]])


async def asked(request: Request) -> dict[str, str]:
    """:data:`FIELDS` for a request that was not let in."""
    path, query = quote(request.scope["path"]), request.url.query
    if request.method in ("GET", "HEAD"):
        return {"to": within(f"{path}?{query}" if query else path), "again": "", "typed": ""}
    fields = {"to": page_of(request, ""), "again": "", "typed": ""}
    try:
        await check_token(request)
    except HTTPException:
        return fields
    form = (await request.form()).multi_items()
    texts = [(name, value) for name, value in form if isinstance(value, str) and name != "token"]
    fields["to"] = page_of(request, dict(texts).get("back", ""))
    if path.startswith(_SECRET) or len(texts) < len(form) - 1:
        return fields
    typed = json.dumps(texts)
    return fields | {"again": path, "typed": typed} if len(typed) <= LARGEST else fields


def kept(form: Mapping[str, Any]) -> dict[str, str]:
    """:data:`FIELDS` as a sign-in sent them back, of this console alone."""
    fields = {name: str(form.get(name, "")) for name in FIELDS}
    again = within(fields["again"], "")
    return {"to": within(fields["to"]), "again": again, "typed": fields["typed"] if again else ""}


def pairs(typed: str) -> list[tuple[str, str]]:
    """Names and values of the fields that were typed; nothing for what cannot be read."""
    try:
        return _Pairs.validate_json(typed)
    except ValidationError:
        return []
