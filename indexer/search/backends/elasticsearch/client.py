"""Speaking to a cluster: where it is, who we are, patience, and its errors in our words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer, UnsupportedProductError

from fengping.credentials import secret
from fengping.errors import ConfigError, StoreDown, StoreError
from fengping.visible import masked

PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds waited before asking again, when the cluster is busy, electing or not there."""
BUSY = (429, 502, 503, 504)
CONFLICT = 409

_PREFIX = "FENGPING_ELASTICSEARCH_"
_CREDENTIALS = "FENGPING_ELASTICSEARCH_API_KEY, or FENGPING_ELASTICSEARCH_USERNAME and _PASSWORD"

T = TypeVar("T")
Action = tuple[dict[str, Any], dict[str, Any] | None]
"""One line or two of a bulk request."""


@dataclass(frozen=True, slots=True)
class Address:
    """``elasticsearch+https://host:9200,host:9200/name`` taken apart."""

    hosts: tuple[str, ...]
    name: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises :class:`ConfigError` for an address that cannot be, or that holds a password."""
        found = re.fullmatch(r"elasticsearch\+(https?)://([^/]+)(?:/([^/]*))?/?", url)
        if found is None or not all(found[2].split(",")):
            raise ConfigError(
                f"Unknown store URL {masked(url)!r}.", remedy="Write elasticsearch+http://host:9200/fengping."
            )
        if "@" in found[2]:
            raise ConfigError(
                "The store's address holds a user name.",
                remedy=f"Put it into the environment: {_CREDENTIALS}.",
            )
        name = found[3] or "fengping"
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,200}", name):
            raise ConfigError(f"{name!r} is not an index name.", remedy="Use small letters, digits and -.")
        hosts = [host if ":" in host else f"{host}:9200" for host in found[2].split(",")]
        return cls(tuple(f"{found[1]}://{host}" for host in hosts), name)


class Cluster:
    """A client whose every request goes through :meth:`ask`."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.client = Elasticsearch(
            list(address.hosts),
            serializer=OrjsonSerializer(),
            request_timeout=60,
            max_retries=len(address.hosts),
            **_credentials(),
        )

    def ask(self, request: Callable[..., T], **arguments: Any) -> T:
        """*request* of the client with *arguments*, asked again while the cluster is busy.

        Raises :class:`StoreDown` where it stays so, :class:`StoreError` where it refuses.
        """
        for pause in (*PAUSES, None):
            try:
                return request(**arguments)
            except TransportError as error:
                if pause is None:
                    raise self.down(str(error.message)) from error
            except ApiError as error:
                if error.status_code not in BUSY:
                    raise self._refused(error) from error
                if pause is None:
                    raise self.down(f"status {error.status_code}") from error
            time.sleep(pause)
        raise AssertionError("the last pause is None")

    def bulk(self, request: Callable[..., Any], actions: Sequence[Action]) -> dict[str, str]:
        """Send *actions* in bulk and return the result of each by id, ``conflict`` where another had written
        the document meanwhile; retry those that met a full queue."""
        results: dict[str, str] = {}
        for pause in (*PAUSES, None):
            lines = [line for action in actions for line in action if line is not None]
            items = [next(iter(item.values())) for item in request(operations=lines)["items"]]
            busy = []
            for action, item in zip(actions, items, strict=True):
                if item["status"] in BUSY:
                    busy.append(action)
                elif item["status"] == CONFLICT:
                    results[item["_id"]] = "conflict"
                elif "error" in item:
                    raise StoreError(f"Elasticsearch refused {item['_id']}: {reason_of(item)}.")
                else:
                    results[item["_id"]] = item["result"]
            if not busy:
                return results
            if pause is None:
                break
            actions = busy
            time.sleep(pause)
        raise self.down("its queues are full")

    def down(self, reason: str) -> StoreDown:
        return StoreDown(
            f"Elasticsearch at {', '.join(self.address.hosts)} does not answer ({reason}).",
            remedy="Start it, or mend `store` in fengping.toml, and run again: nothing is lost.",
        )

    def another(self, reason: str) -> StoreError:
        """The error for answers that no Elasticsearch gives."""
        return StoreError(
            f"What answers at {', '.join(self.address.hosts)} is no Elasticsearch of version 9: {reason}.",
            remedy="Mend `store` in fengping.toml; another program may listen there.",
        )

    def _refused(self, error: ApiError) -> StoreError:
        if isinstance(error, UnsupportedProductError):
            return self.another("it does not say what it is")
        said = reason_of(error.body)
        if "disk usage exceeded" in said or "read-only-allow-delete" in said:
            return StoreDown(
                f"The disk of Elasticsearch at {', '.join(self.address.hosts)} is full: {said}.",
                remedy="Make room there and run again: nothing is lost.",
            )
        if error.status_code in (401, 403):
            return StoreError(
                f"Elasticsearch does not let us in (status {error.status_code}).",
                remedy=f"Set {_CREDENTIALS} in the environment.",
            )
        return StoreError(f"Elasticsearch refused (status {error.status_code}): {said}.")


def reason_of(body: Any) -> str:
    """The innermost reason that an error of Elasticsearch gives."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error)
    causes = error.get("root_cause") or [error]
    return str(causes[0].get("reason") or causes[0].get("type"))


def _credentials() -> dict[str, Any]:
    given: dict[str, Any] = {}
    if key := secret(f"{_PREFIX}API_KEY"):
        given["api_key"] = key
    elif user := secret(f"{_PREFIX}USERNAME"):
        given["basic_auth"] = (user, secret(f"{_PREFIX}PASSWORD"))
    if authority := secret(f"{_PREFIX}CA"):
        given["ca_certs"] = authority
    return given
