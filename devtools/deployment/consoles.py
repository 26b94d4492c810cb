"""A console as an analyst uses it: searched, and asked to keep a correction."""

from __future__ import annotations

import json
import re
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

_TOKEN = "fp_token"
_SEARCH = "/api/v1/search?q=%E7%BE%8A%E6%AF%9B&limit=500"
GONE = (OSError, HTTPException)
"""Errors of a console that is away, or that answers that it cannot."""


class Console:
    """The console whose output goes to the file *log*."""

    def __init__(self, log: Path) -> None:
        self._log = log

    @property
    def url(self) -> str:
        """Its address; empty until it has told it."""
        said = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        found = re.findall(r"Console at (http://\S+)/\.", said)
        return found[-1] if found else ""

    def _at(self, path: str) -> str:
        if not self.url:
            raise ConnectionRefusedError(f"{self._log} tells no address yet")
        return self.url + path

    def search(self) -> dict[str, Any]:
        """Answer of the API to a word; raises one of :data:`GONE`."""
        with build_opener(ProxyHandler({})).open(self._at(_SEARCH), timeout=60) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found

    def correct(self, id: str) -> None:
        """An analyst's word, as a browser sends it: no negative. Raises one of :data:`GONE`."""
        jar = CookieJar()
        browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(jar))
        with browser.open(self._at("/keys"), timeout=60):
            token = next((cookie.value for cookie in jar if cookie.name == _TOKEN), "")
        form = {"token": token, "document": id, "polarity": "neu", "had_target": "", "had_issue": ""}
        with browser.open(self._at("/correct"), urlencode(form).encode(), timeout=60):
            return
