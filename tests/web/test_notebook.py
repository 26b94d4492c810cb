"""The cells of docs/trends.ipynb, run in order over the sample's posts on a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from tests.store_samples import document
from tests.web.conftest import serving

from fengping.home import Home
from fengping.indexer import open_store
from fengping.models import Document, Polarity
from fengping.sample.posts import HOSTS
from fengping.sample.site import SampleSite
from fengping.web import make_app

PAGE = Path(__file__).parents[2] / "docs" / "trends.ipynb"
NOTEBOOK: dict[str, Any] = json.loads(PAGE.read_text(encoding="utf-8"))
CODE = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def posts() -> Iterator[Document]:
    """The sample's posts with the hosts that they name; every third is a complaint of one of two classes."""
    for series, found in SampleSite().posts.items():
        for n, post in enumerate(found):
            yield document(
                f"{series}-{post.number}", post.text, post.at, title=post.title,
                hosts=tuple(host for host in HOSTS if host in post.text),
                issues=(("C02",), ("C03",), ())[n % 3],
                polarity=Polarity.NEU if n % 3 else Polarity.NEG,
            )  # fmt: skip


@pytest.fixture
def address(home: Home) -> Iterator[str]:
    """The address of a console over the sample's posts."""
    home.hosts.write_text(
        "version = 1\n" + "".join(f'\n[[host]]\nname = "{host}"\n' for host in HOSTS), encoding="utf-8"
    )
    store = open_store(home)
    store.put(list(posts()))
    store.close()
    yield from serving(make_app(home))


def test_every_cell_runs_and_the_figures_are_those_of_the_posts(
    address: str, environ: MutableMapping[str, str]
) -> None:
    pytest.importorskip("pandas")
    environ["FENGPING_URL"] = address
    made: dict[str, Any] = {}
    for source in CODE:
        exec(compile(source, PAGE.name, "exec"), made)
    given = list(posts())
    asked = [one for one in given if "退款" in one.raw.title + one.raw.text]
    assert made["days"].sum() == len(asked) > 0 and len(made["days"]) == 27
    assert made["festival"].index[0] == "2020-11-09"
    named = [sum(host in one.judgement.hosts for one in given) for host in ("檀小木", "阮阿满")]
    assert made["sides"]["documents"].tolist() == named
    cell = sum("檀小木" in one.judgement.hosts and "C03" in one.judgement.issues for one in given)
    assert made["counts"].loc["檀小木", "C03"] == cell > 0
    assert len(made["posts"]) == made["top"]["count"]


def test_the_notebook_is_kept_without_outputs() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    for cell in NOTEBOOK["cells"]:
        assert cell["cell_type"] == "markdown" or (cell["outputs"], cell["execution_count"]) == ([], None)
