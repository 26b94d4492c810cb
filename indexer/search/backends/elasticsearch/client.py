"""Speaking to a cluster: where it is, who we are, patience, and its errors in our words."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from elastic_transport import TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, OrjsonSerializer, UnsupportedProductError
from elasticsearch.helpers import streaming_bulk

from fengping.credentials import authority, hosts, login, secret, tls_fault
from fengping.errors import ConfigError, StoreDown, StoreError
from fengping.progress import Remark, emit
from fengping.visible import masked

RETRIES = 4
PAUSE, LONGEST_PAUSE = 1.0, 4.0
"""Seconds waited before a request is sent again, doubling, to a cluster that is busy, electing, not there."""
RESTART = 40
"""Times that a request of a rebuild is sent again: a node that is restarted is back within some minutes."""
BUSY = (429, 502, 503, 504)
CONFLICT = 409
GONE = "gone"
"""Result of an operation whose index is not there, as where another has rebuilt it meanwhile."""

PAGE = 1_000
"""Documents in one request, read or written."""

_PREFIX = "FENGPING_ELASTICSEARCH_"
_CREDENTIALS = "FENGPING_ELASTICSEARCH_API_KEY, or FENGPING_ELASTICSEARCH_USERNAME and _PASSWORD"

_ANSWERS = {
    "search": "hits", "count": "count", "mget": "docs", "open_point_in_time": "id", "info": "version",
    "close_point_in_time": "succeeded", "stats": "_all", "refresh": "_shards", "flush": "_shards",
    "forcemerge": "_shards", "put_settings": "acknowledged", "put_index_template": "acknowledged",
    "put_mapping": "acknowledged", "create": "acknowledged", "delete": "acknowledged",
    "update_aliases": "acknowledged", "health": "status", "get": None, "get_alias": None, "get_mapping": None,
}  # fmt: skip
"""Key that stands in every answer to a request, by its name; ``None`` where it is any object."""

T = TypeVar("T")
Action = dict[str, Any]
"""One operation of a bulk request, as ``elasticsearch.helpers`` takes it."""


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
        return cls(tuple(f"{found[1]}://{host}" for host in hosts(found[2], 9200)), name)


class Cluster:
    """A client whose every request goes through :meth:`ask`."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._met = False
        self._retries = RETRIES
        self.client = Elasticsearch(
            list(address.hosts),
            serializer=OrjsonSerializer(),
            request_timeout=60,
            max_retries=len(address.hosts),
            **_credentials("" if address.hosts[0].startswith("https:") else "elasticsearch+https://"),
        )

    def wait_for_restarts(self, *, on: bool) -> None:
        """Has what is asked from now on wait as long as a node takes to be restarted, as hours of work may
        hang on it; or no longer."""
        self._met = self._met or on
        self._retries = RESTART if on else RETRIES

    def ask(self, request: Callable[..., T], **arguments: Any) -> T:
        """*request* of the client with *arguments*, sent again while the cluster is busy.

        The client's own retries gave up while a cluster that had lost a node elected anew. A cluster that has
        not answered yet is not waited for: who asks whether it is there is told at once.

        Raises :class:`StoreDown` where it stays so, :class:`StoreError` where it refuses.
        """
        for attempt in range(self._retries + 1):
            if attempt == RETRIES + 1:
                emit(Remark(f"Elasticsearch at {', '.join(self.address.hosts)} is away; waiting for it."))
            try:
                answer = self._looked_at(request(**arguments), getattr(request, "__name__", ""))
            except TlsError as error:
                raise self._untrusted(str(error.message)) from error
            except TransportError as error:
                if attempt >= self._retries or not self._met:
                    raise self.down(str(error.message)) from error
            except ApiError as error:
                self._met = True
                if error.status_code not in BUSY:
                    raise self._refused(error) from error
                if attempt >= self._retries:
                    raise self.down(f"status {error.status_code}") from error
            else:
                self._met = True
                if not (lacking := _lacking(answer)):
                    return answer
                if attempt >= self._retries:
                    raise self.down(lacking)
            time.sleep(min(LONGEST_PAUSE, PAUSE / 2 * 2**attempt))
        raise AssertionError("the last attempt returns or raises")

    def _looked_at(self, answer: T, request: str) -> T:
        """*answer*, where it is one of Elasticsearch's: the client looks at the first one alone."""
        if request in _ANSWERS:
            key, body = _ANSWERS[request], getattr(answer, "body", None)
            if not isinstance(body, dict) or (key is not None and key not in body):
                raise self.another(f"its answer to {request!r} is none")
        return answer

    def bulk(self, actions: Sequence[Action], **arguments: Any) -> dict[str, str]:
        """Send *actions* in bulk and return the result of each by id, ``conflict`` where another had written
        the document meanwhile, :data:`GONE`; those that met a full queue are sent again. To be asked
        by :meth:`ask`."""
        sent = streaming_bulk(
            self.client,
            actions,
            chunk_size=PAGE,
            raise_on_error=False,
            max_retries=self._retries,
            retry_on_status=BUSY,
            initial_backoff=PAUSE / 2,
            max_backoff=LONGEST_PAUSE,
            **arguments,
        )
        results: dict[str, str] = {}
        try:
            for done, answer in sent:
                ((_, item),) = answer.items()
                if done:
                    results[item["_id"]] = item["result"]
                elif item["status"] in BUSY:
                    raise self.down("its queues are full")
                elif item["status"] == CONFLICT:
                    results[item["_id"]] = "conflict"
                elif _is_of_none(item):
                    results[item["_id"]] = GONE
                elif item["status"] == 404 and "error" not in item:
                    results[item["_id"]] = item["result"]  # deleted already
                else:
                    raise StoreError(f"Elasticsearch refused {item['_id']}: {reason_of(item)}.")
        except ApiError as error:
            if error.status_code in BUSY:  # the helper has waited for it already
                raise self.down(f"status {error.status_code}") from error
            raise
        except (KeyError, TypeError) as error:  # the helper reads the answer unlooked at
            raise self.another("its answer to bulk holds no results") from error
        return results

    def down(self, reason: str) -> StoreDown:
        return StoreDown(
            f"Elasticsearch at {', '.join(self.address.hosts)} does not answer ({reason}).",
            remedy="Start it, or mend `store` in fengping.toml, and run again: nothing is lost.",
        )

    def _untrusted(self, reason: str) -> StoreError:
        where, plain = f"Elasticsearch at {', '.join(self.address.hosts)}", "elasticsearch+http://"
        return tls_fault(where, f"{_PREFIX}CA", reason, plain) or self.down(reason)

    def another(self, reason: str) -> StoreError:
        """The error for answers that no Elasticsearch gives."""
        return StoreError(
            f"What answers at {', '.join(self.address.hosts)} is no Elasticsearch of version 9: {reason}.",
            remedy="Upgrade it, or mend `store` in fengping.toml if another program listens there: "
            "nothing is lost.",
        )

    def _refused(self, error: ApiError) -> StoreError:
        if isinstance(error, UnsupportedProductError):
            return self.another("it does not say what it is")
        said = reason_of(error.body)
        if "media_type_header_exception" in str(error.body):
            return self.another(f"it does not speak this client's version ({said})")
        if "disk usage exceeded" in said or "read-only-allow-delete" in said:
            return StoreDown(
                f"The disk of Elasticsearch at {', '.join(self.address.hosts)} is full: {said}.",
                remedy="Make room there and run again: nothing is lost.",
            )
        if error.status_code == 401:
            return StoreError(
                "Elasticsearch does not let us in (status 401).",
                remedy=f"Set {_CREDENTIALS} in the environment.",
            )
        if error.status_code == 403:
            return StoreError(
                f"Elasticsearch at {', '.join(self.address.hosts)} does not let us do this: {said}.",
                remedy="Grant our user or key `monitor` and `manage_index_templates` of the cluster, and "
                f"`all` of the indices {self.address.name} and {self.address.name}-*.",
            )
        return StoreError(f"Elasticsearch refused (status {error.status_code}): {said}.")


def _lacking(answer: Any) -> str:
    """The reason for which an answer is not that of all shards; empty where it is."""
    body = getattr(answer, "body", None)
    if not isinstance(body, dict):
        return ""
    shards = body.get("_shards")
    if "primaries" in body.get("_all", ()) and not body["_all"]["primaries"]:
        return "none of its shards stands on a node"
    if isinstance(shards, dict) and shards.get("failed"):
        failures = shards.get("failures") or [{}]
        reason = failures[0].get("reason", "no reason is given")
        return f"{shards['failed']} of its shards failed: {reason_of({'error': reason})}"
    return "not all shards answered in time" if body.get("timed_out") else ""


def _is_of_none(item: dict[str, Any]) -> bool:
    """True where the index that was written to is there no more: rebuilt meanwhile."""
    error = item.get("error")
    return isinstance(error, dict) and error.get("type") == "index_not_found_exception"


def reason_of(body: Any) -> str:
    """The innermost reason that an error of Elasticsearch gives."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error)
    causes = error.get("root_cause") or [error]
    return str(causes[0].get("reason") or causes[0].get("type"))


def found_in(documents: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those of the *documents* asked for by id that are stored; raises :class:`StoreError` for any that are
    not given: of a closed index, or of a shard that is not there yet."""
    for document in documents:
        if "error" in document:
            raise StoreError(
                f"Elasticsearch does not give {document['_id']}: {reason_of(document)}.",
                remedy="Open the index, or wait until its shards are started, and run again.",
            )
        if document["found"]:
            yield document


def _credentials(instead: str) -> dict[str, Any]:
    """Arguments of a client; *instead* as :func:`authority` takes it."""
    given: dict[str, Any] = {}
    if key := secret(f"{_PREFIX}API_KEY"):
        given["api_key"] = key
    elif any(name := login(_PREFIX)):
        given["basic_auth"] = name
    if trusted := authority(f"{_PREFIX}CA", instead):
        given["ca_certs"] = trusted
    return given
