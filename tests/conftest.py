"""Fixtures that more than one test module uses."""

from __future__ import annotations

import functools
import gc
import os
import shutil
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from unittest import mock

import pytest
import vl_convert
from hypothesis import settings
from tests import postgres
from tests.elasticsearch_node import launcher as elasticsearch
from tests.judges import load_once
from tests.kafka_node import launcher as kafka
from tests.making import LONG, Disk, new_home
from tests.servers import CACHE, needed
from tests.states import migrate_at_once

from fengping.analysis import Judge
from fengping.garbage import spare_command
from fengping.home import Home
from fengping.state import engine

# How long an example takes depends on who else uses the machine. The same examples each time: what fails,
# fails by the change at hand. --hypothesis-profile=search draws others, and more.
settings.register_profile("fengping", deadline=None, derandomize=True, max_examples=100 if LONG else 25)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("fengping")
Judge.load = load_once  # type: ignore[method-assign,assignment]
engine.migrate = migrate_at_once
# A picture takes a tenth of a second, and an edition is printed anew at each change of a sentence.
vl_convert.svg_to_png = functools.lru_cache(256)(vl_convert.svg_to_png)
gc.disable()
# For the processes of xdist, which begin with it: more threads than one wait for each other by spinning, and
# training takes twice the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_CACHE_DIR", str(CACHE / "compiled"))
# Homes of tests stand in memory where there is room: most of what a test waits for is a disk.
MEMORY = Path("/dev/shm")
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 8 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """Walks no more what was imported and collected, all of which lives to the end."""
    spare_command()
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begins with the slow files, and leaves out long tests unless ``FENGPING_LONG`` is set.

    Of a file, what begins a long wait runs first and what needs its end last.
    """
    if not os.environ.get("FENGPING_LONG"):
        long = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if not item.get_closest_marker("long")]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    files = {path: number for number, path in enumerate(dict.fromkeys(item.path for item in items))}
    items.sort(key=lambda item: (files[item.path], _place_in_file(item)))


def _place_in_file(item: pytest.Item) -> int:
    return 0 if item.get_closest_marker("begins") else 2 if item.get_closest_marker("ends") else 1


@pytest.fixture(autouse=True)
def disk() -> Iterator[Disk]:
    """Half full, whatever the machine has, so that no list of troubles holds its own. A test may fill it."""
    disk = Disk()
    with mock.patch.object(shutil, "disk_usage", lambda path: disk):
        yield disk


@pytest.fixture
def environ() -> Iterator[MutableMapping[str, str]]:
    """The environment of this process, which a test may change; it is as before when the test ends."""
    with mock.patch.dict(os.environ):
        yield os.environ


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An initialised home of its own for each test, with the default configuration."""
    return new_home(tmp_path)


@pytest.fixture(scope="session")
def elasticsearch_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``elasticsearch+http://127.0.0.1:PORT`` of a real node; a test adds ``/name`` of its own.

    Where none can be had the test is skipped with the reason; under ``CI=true`` it fails.
    """
    with needed(), elasticsearch.running(tmp_path_factory.mktemp("es")) as cluster:
        yield f"elasticsearch+{cluster.urls[0]}"


@pytest.fixture(scope="session")
def kafka_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Cluster]:
    """One broker; skipped or failed as above where none can be had."""
    with needed(), kafka.running(tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server, on which a test makes a database of its own; skipped or failed as above."""
    with needed(), postgres.running() as url:
        yield url
