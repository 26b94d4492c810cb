"""Addresses of engines, and what the environment says of them: a fault is named where it stands."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import AuthorizationException
from tests import certificates

from fengping.errors import ConfigError, StoreError
from fengping.home import Home
from fengping.indexer.journal import Address
from fengping.indexer.search import Address as Store
from fengping.indexer.search import Cluster
from fengping.spiders.cluster import connect


@pytest.mark.parametrize(
    ("engine", "instead", "use"),
    [
        (
            "ELASTICSEARCH",
            "elasticsearch\\+https://",
            lambda: Cluster(Store.parse("elasticsearch+http://a/x")),
        ),
        ("KAFKA", "kafka\\+ssl://", lambda: Address.parse("kafka://a/x").settings()),
        ("REDIS", "rediss://", lambda: connect("redis://a/0")),
    ],
)
def test_an_authority_for_an_address_without_tls_is_refused(
    engine: str, instead: str, use: Any, tmp_path: Path, environ: MutableMapping[str, str]
) -> None:
    use()
    authority = certificates.make(tmp_path / "made").authority
    environ[f"FENGPING_{engine}_CA_FILE"] = str(authority)
    sentence = f"FENGPING_{engine}_CA_FILE is set, but the address is without TLS. Write {instead}, or take"
    with pytest.raises(ConfigError, match=sentence):
        use()


@pytest.mark.parametrize(
    "host", ["host:92O0", "host:0", "host:70000", "host：9200", "a,host:x", "::1", "[::1"]
)
def test_a_port_that_is_none_is_told(host: str) -> None:
    for parse, url in ((Store.parse, "elasticsearch+http://{}/x"), (Address.parse, "kafka://{}/x")):
        with pytest.raises(ConfigError, match=r"is no host with a port\. Write HOST:PORT"):
            parse(url.format(host))


def test_a_number_in_brackets_has_a_port_too() -> None:
    assert Store.parse("elasticsearch+http://[::1],[::2]:92/x").hosts == (
        "http://[::1]:9200",
        "http://[::2]:92",
    )
    assert Address.parse("kafka://[::1]/x").hosts == "[::1]:9092"


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SERVE__PROXIES": "10.0.0.2", "SERVE__PUBLIC_URL": "https://desk.example.cn"},
         r"^FENGPING_SERVE__PROXIES cannot be read\. Write a list as JSON"),
        ({"CRAWL__SOURCES": "ccn", "SCHEDULE__NOTIFY": "file"},
         "^FENGPING_CRAWL__SOURCES, FENGPING_SCHEDULE__NOTIFY cannot be read"),
        ({"SERVE": "10.0.0.2"}, "^FENGPING_SERVE cannot be read"),
        ({"SERVE__PUBLIC_URL": "desk"}, "^FENGPING_SERVE__PUBLIC_URL: serve.public_url: 'desk' is no"),
        ({"SERVE__PROXIES": '["10.0.0.x"]'}, "^FENGPING_SERVE__PROXIES: serve.proxies.0: '10.0.0.x' is no"),
        ({"CRAWL__DELAI": "2"}, "^FENGPING_CRAWL__DELAI: unknown key 'crawl.delai'"),
    ],
)  # fmt: skip
def test_what_a_variable_says_wrongly_is_told_by_its_name(
    home: Home, variables: dict[str, str], sentence: str, environ: MutableMapping[str, str]
) -> None:
    for name, value in variables.items():
        environ[f"FENGPING_{name}"] = value
    with pytest.raises(ConfigError, match=sentence):
        Home.open(home.root)


def test_what_the_file_says_wrongly_is_its_own_fault(home: Home, environ: MutableMapping[str, str]) -> None:
    environ["FENGPING_CRAWL__DELAY"] = "2"
    home.config_file.write_text('[crawl]\ntimeout = "long"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"fengping\.toml, line 2: crawl\.timeout"):
        Home.open(home.root)


@pytest.mark.parametrize(
    "code",
    [
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
    ],
)
def test_a_broker_that_lets_us_do_less_names_no_password(code: int) -> None:
    with pytest.raises(
        StoreError, match=r"does not let us do this .*Grant .*DescribeConfigs of posts"
    ) as told:
        raise Address.parse("kafka://host/posts").explained(KafkaError(code))
    assert "PASSWORD" not in str(told.value)


def test_a_cluster_that_lets_us_do_less_says_what() -> None:
    reason = "action [indices:admin/create] is unauthorized for user [me]"
    meta = ApiResponseMeta(403, "1.1", HttpHeaders(), 0.0, NodeConfig("http", "host", 9200))

    def refuses() -> None:
        raise AuthorizationException("refused", meta, {"error": {"root_cause": [{"reason": reason}]}})

    cluster = Cluster(Store.parse("elasticsearch+http://host/posts"))
    with pytest.raises(
        StoreError, match=r"is unauthorized for user \[me\]\. Grant .*posts and posts-\*"
    ) as told:
        cluster.ask(refuses)
    assert "PASSWORD" not in str(told.value)
