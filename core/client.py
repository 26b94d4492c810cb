"""A thin client of the API of ``fengping serve``: questions as methods, pages followed, tables for pandas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import httpx2

from fengping.errors import Failed, StoreDown, UsageError


class Answer(list[dict[str, Any]]):
    """Rows of an answer; ``to_pandas()`` gives them as a table."""

    def to_pandas(self) -> Any:
        """A ``DataFrame``, nested keys joined by dots. Needs pandas."""
        import pandas

        return pandas.json_normalize(list(self))


class Client:
    """The API at *url*. Questions take the names of the API: ``q``, ``since``, ``until``, ``host`` …"""

    def __init__(self, url: str = "http://127.0.0.1:8300", *, token: str = "", timeout: float = 60.0) -> None:
        head = {"authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(base_url=url.rstrip("/"), headers=head, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def get(self, name: str, **asked: Any) -> Any:
        """The answer of ``/api/v1/NAME`` as it is.

        Raises :class:`UsageError` for what the API refuses, :class:`StoreDown` where nobody answers.
        """
        given = {key: value for key, value in asked.items() if value is not None}
        return self._sent("GET", name, params=given)

    def search(self, q: str = "", **asked: Any) -> Answer:
        """One page of documents."""
        return Answer(self.get("search", q=q, **asked)["hits"])

    def documents(self, q: str = "", **asked: Any) -> Iterator[dict[str, Any]]:
        """Every document, newest first, page after page."""
        cursor = ""
        while True:
            page = self.get("documents", q=q, cursor=cursor, **asked)
            yield from page["documents"]
            if page["next"] is None:
                return
            cursor = page["next"]

    def trend(self, q: str = "", **asked: Any) -> Answer:
        """Counts over time."""
        return Answer(self.get("trend", q=q, **asked))

    def crosstab(self, q: str = "", **asked: Any) -> Answer:
        """Cells of a cross table."""
        return Answer(self.get("crosstab", q=q, **asked)["cells"])

    def send(self, source: str, documents: Sequence[Mapping[str, Any]]) -> Answer:
        """Hands documents in; a status each. Needs a token with the scope ``correct``."""
        body = {"source": source, "documents": [dict(one) for one in documents]}
        return Answer(self._sent("POST", "documents", json=body)["documents"])

    def _sent(self, way: str, name: str, **parts: Any) -> Any:
        try:
            answer = self._http.request(way, f"/api/v1/{name}", **parts)
        except httpx2.HTTPError as error:
            raise StoreDown(
                f"{self._http.base_url} does not answer: {error}.", remedy="Start it with: fengping serve"
            ) from None
        if answer.is_success:
            return answer.json()
        kind = answer.headers.get("content-type", "")
        said = answer.json()["detail"] if kind.startswith("application/problem+json") else answer.text[:200]
        refusal = Failed if answer.status_code >= 500 else UsageError
        raise refusal(f"{answer.status_code}: {said}")
