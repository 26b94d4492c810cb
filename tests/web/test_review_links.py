"""Figures of an edition under review lead to the documents that they were counted from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html import unescape

import pytest
from fastapi.testclient import TestClient
from tests.web.conftest import HOST, client_of
from tests.web.test_edition_pages import drafted
from tests.web.test_figures import various

from fengping.home import Home
from fengping.indexer import open_store

LINK = re.compile(r'<a href="(/search\?[^"]+)" title="([^"]*)">([^<]+)</a>')


@pytest.fixture
def reviewer(stocked: Home) -> Iterator[TestClient]:
    with closing(open_store(stocked)) as store:
        made = [replace(one, judgement=replace(one.judgement, consumer=True)) for one in various()]
        store.put([replace(one, first_in_group=n % 4 > 0) for n, one in enumerate(made)])
    with client_of(stocked) as client:
        yield client


def figures_of(client: TestClient, **form: str) -> dict[str, tuple[str, str]]:
    """Printed figure and address by label, of every figure of a new draft that has documents."""
    page = client.get(f"{drafted(client, **form)}/review").text
    return {label: (text, unescape(to)) for to, label, text in LINK.findall(page)}


def total(client: TestClient, to: str) -> int:
    """The number of documents that the search at that address finds."""
    page = client.get(to).text
    found = re.search(r'<span class="as"><b>([\d,]+)</b>', page)
    assert found, page
    return int(found[1].replace(",", ""))


@pytest.mark.parametrize(
    "form",
    [
        {"query": "第1 OR NEAR/5(锅铲 第2)"},
        *(
            pytest.param(form, marks=pytest.mark.long)
            for form in ({}, {"source": "ccn"}, {"kind": "host", "focus": HOST})
        ),
    ],
)
def test_each_count_is_that_of_its_search(reviewer: TestClient, form: dict[str, str]) -> None:
    counts = {
        label: (int(text), total(reviewer, to))
        for label, (text, to) in figures_of(reviewer, **form).items()
        if text.isdigit()
    }
    assert len(counts) >= 3 and len({printed for printed, _ in counts.values()}) >= 3
    assert {label: pair for label, pair in counts.items() if pair[0] != pair[1]} == {}
