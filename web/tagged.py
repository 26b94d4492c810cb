"""Answers that name their content, so that who asks again with ``If-None-Match`` gets 304 and no body."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request, Response

from fengping.web.answers import as_json


def tagged(request: Request, value: Any) -> Response:
    """*value* as JSON with its ETag; 304 where the asker has it."""
    answer = as_json(value)
    tag = f'"{hashlib.blake2b(bytes(answer.body), digest_size=12).hexdigest()}"'
    head = {"etag": tag, "cache-control": "private, no-cache"}
    given = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag in given or "*" in given:
        return Response(status_code=304, headers=head)
    answer.headers.update(head)
    return answer
