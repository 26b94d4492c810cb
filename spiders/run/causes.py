"""Words for the causes of pages that could not be had, the most frequent first."""

from __future__ import annotations

from collections.abc import Mapping

from fengping.spiders.run.statuses import Flag, Status

_ERRORS: dict[Status | Flag, str] = {
    Flag.NO_HOST: "{} pages whose host's name does not resolve",
    Flag.REFUSED: "{} pages whose host refused the connection",
    Flag.NO_ROUTE: "{} pages whose host cannot be reached",
    Flag.TLS: "{} pages whose certificate or encryption failed",
    Flag.BROKEN_OFF: "{} pages on which the connection broke off",
    Status.TIMEOUT: "{} pages that did not come in time",
    Flag.ANSWERED_5XX: "{} pages answered by a fault of the server (5xx)",
    Status.PARSE_ERROR: "{} pages that could not be read",
}
_BLOCKS: dict[Status | Flag, str] = {
    Flag.ANSWERED_403: "{} pages answered by 403",
    Flag.ANSWERED_429: "{} pages answered by 429",
    Flag.LOGIN_PAGE: "a login page came {} times",
    Flag.WALL: "{} pages on which a captcha or a refusal stood",
}
_OTHERS: dict[Status | Flag, str] = {
    Status.SELECTOR_EMPTY: "{} lists on which the selector or path matches nothing",
    Status.GONE: "{} pages are gone",
    Status.ROBOTS_DENIED: "robots.txt denies {} pages",
    Flag.EMPTY_LIST: "{} lists are empty",
}
_OURS: dict[Status | Flag, str] = {
    Flag.NOT_KEPT: "{} runs could not keep what they read: our disk, journal or state, not the site",
}
BROKEN = (Status.HTTP_ERROR, Status.UNREACHABLE, Status.TIMEOUT, Status.PARSE_ERROR)
"""Ends of pages in an error of the server, the network or the reading."""

Counts = Mapping[str, int]


def causes(counts: Counts) -> list[str]:
    """Every cause that *counts* (of statuses and flags, by name) show, with its number; our own first."""
    theirs = sorted((*_errors(counts), *_blocks(counts), *_told(counts, _OTHERS)), key=_often)
    return [text for _, text in (*_told(counts, _OURS), *theirs)]


def error(counts: Counts) -> str:
    """The most frequent known cause of the pages that ended in errors; empty for none."""
    return _first(_told(counts, _ERRORS))


def block(counts: Counts) -> str:
    """The most frequent known cause of the pages that were blocked; empty for none."""
    return _first(_told(counts, _BLOCKS))


def _errors(counts: Counts) -> list[tuple[int, str]]:
    rest = sum(counts.get(status.value, 0) for status in BROKEN)
    return _with_rest(_told(counts, _ERRORS), rest, "{} pages ended in errors")


def _blocks(counts: Counts) -> list[tuple[int, str]]:
    return _with_rest(_told(counts, _BLOCKS), counts.get(Status.BLOCKED.value, 0), "blocked on {} pages")


def _with_rest(known: list[tuple[int, str]], total: int, text: str) -> list[tuple[int, str]]:
    rest = total - sum(count for count, _ in known)
    return [*known, (rest, text.format(rest))] if rest > 0 else known


def _told(counts: Counts, words: Mapping[Status | Flag, str]) -> list[tuple[int, str]]:
    return [(n, text.format(n)) for name, text in words.items() if (n := counts.get(name.value, 0))]


def _first(known: list[tuple[int, str]]) -> str:
    return min(known, key=_often)[1] if known else ""


def _often(one: tuple[int, str]) -> int:
    return -one[0]
