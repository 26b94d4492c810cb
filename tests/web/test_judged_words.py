"""Consumer matters and acts in words, where a text is read and where it is corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from fastapi.testclient import TestClient
from tests.making import document
from tests.web.conftest import NOW, client_of

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Act


@pytest.fixture
def reader(home: Home) -> Iterator[TestClient]:
    with closing(open_store(home)) as store:
        store.put(DOCUMENTS.values())
    with client_of(home) as made:
        yield made


DOCUMENTS = {
    "投诉": document(1, NOW, consumer=True, act=Act.COMPLAINT),
    "报道": document(2, NOW, relevant=False, consumer=False, act=Act.REPORT),
    "其他": document(3, NOW, consumer=True, act=Act.OTHER),
    "未判": document(4, NOW),
}
CONCERN = {
    "投诉": ("有关", "有关"),
    "报道": ("无关", "无关"),
    "其他": ("有关", "有关"),
    "未判": ("有关", "未判"),
}


@pytest.mark.parametrize("act", DOCUMENTS)
def test_consumer_matters_and_acts_stand_beside_relevance(reader: TestClient, act: str) -> None:
    selling, consumer = CONCERN[act]
    page = reader.get(f"/documents/{DOCUMENTS[act].id}").text
    found = dict(re.findall(r"<dt>(带货|消费|性质)</dt><dd>([^<]+)</dd>", page))
    assert found == {"带货": selling, "消费": consumer, "性质": act}
    page = reader.get(f"/correct?id={DOCUMENTS[act].id}").text
    chosen = re.findall(r'<select id="(?:act|consumer)".*?</select>', page)
    words = [re.search(r"selected>([^<]+)<|<option value=\"\">([^<]+)<", one) for one in chosen]
    said = [one[1] or one[2] for one in words if one]
    assert f"；带货 {selling}<" in page
    assert said == [act, {"有关": "与消费有关", "无关": "与消费无关", "未判": "消费：未判"}[consumer]]


def test_they_are_said_in_english(reader: TestClient) -> None:
    page = reader.get(f"/correct?id={DOCUMENTS['投诉'].id}&lang=en").text
    assert "selected>complaint<" in page and "selected>a consumer matter<" in page
