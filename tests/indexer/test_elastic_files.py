"""The files for a cluster of one's own, put to a real node."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
from elasticsearch import Elasticsearch
from tests.commands import fengping
from tests.store_samples import SAMPLES

from fengping.home import Home
from fengping.indexer import Filter, open_store
from fengping.indexer.search import ElasticStore, Term

pytestmark = pytest.mark.long


def written(home: Home, form: str, *more: str) -> bytes:
    """The file that ``export --format`` writes."""
    file = home.root / form
    done = fengping(home, "export", *more, "--format", form, "--out", str(file))
    assert done.returncode == 0, done.stderr
    return file.read_bytes()


def test_an_index_by_the_template_takes_the_documents(home: Home, elasticsearch_url: str) -> None:
    store = open_store(home)
    store.put(SAMPLES)
    store.close()
    template, bulk = orjson.loads(written(home, "es-template")), written(home, "bulk")
    view, summary = map(orjson.loads, written(home, "kibana").splitlines())
    with Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+")) as node:
        # Under another name, beside what other tests made.
        template["index_patterns"] = ["by-hand-000*"]
        template["template"]["aliases"] = {"by-hand": {}}
        node.indices.put_index_template(name="by-hand", **template)
        answer = node.bulk(index="by-hand-000001", operations=bulk.splitlines(), refresh=True)
        assert not answer["errors"]
        mapped = node.indices.get_mapping(index="by-hand-000001")["by-hand-000001"]["mappings"]
        known = set(node.field_caps(index="by-hand", fields="*")["fields"])
        node.indices.delete_index_template(name="by-hand")
    # Another home's store reads it like its own.
    kept = ElasticStore(f"{elasticsearch_url}/by-hand")
    assert kept.count(Filter()) == len(SAMPLES)
    assert kept.get([SAMPLES[0].id]) == [SAMPLES[0]]
    word = Filter(text=Term(SAMPLES[0].raw.text[:2]))
    assert kept.count(word) >= 1
    kept.close()

    attributes = view["attributes"]
    assert (view["type"], attributes["title"], summary["exportedCount"]) == ("index-pattern", "fengping", 1)
    assert mapped["properties"][attributes["timeFieldName"]] == {"type": "date"}
    named = set(json.loads(attributes["fieldAttrs"]))
    assert {"hosts", "negative", "likes"} <= named <= set(mapped["properties"]) & known


def test_a_home_in_a_cluster_gives_what_its_store_sends(home: Home, elasticsearch_url: str) -> None:
    home.config_file.write_text(f'store = "{elasticsearch_url}/desk"\n', encoding="utf-8")
    home = Home.open(home.root)
    store = open_store(home)
    store.put(SAMPLES[:1])
    store.close()
    mine = orjson.loads(written(home, "es-template"))
    with Elasticsearch(elasticsearch_url.removeprefix("elasticsearch+")) as node:
        [sent] = node.indices.get_index_template(name="desk")["index_templates"]
    assert mine["index_patterns"] == sent["index_template"]["index_patterns"]
    assert mine["template"]["mappings"] == sent["index_template"]["template"]["mappings"]
    assert "aliases" not in mine["template"]
    assert orjson.loads(written(home, "kibana").splitlines()[0])["attributes"]["title"] == "desk"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("退款", "--format", "kibana"), "kibana holds no documents. Leave out the query"),
        (("--format", "es-template", "--out", "/nowhere/file.json"), "/nowhere/file.json cannot be written"),
    ],
)
def test_what_cannot_be_is_told(home: Home, arguments: tuple[str, ...], said: str) -> None:
    done = fengping(home, "export", *arguments)
    assert done.returncode == 2 and said in done.stderr and not Path("/nowhere").exists()
