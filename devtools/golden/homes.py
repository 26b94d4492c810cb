"""The three homes, each made once and only read, and small ones to change."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.acceptance.story import HOSTS
from tests.acceptance.walk import RULE

from devtools.golden.running import NOW, at_moment, fengping, succeed
from devtools.golden.texts import demo_keys, demo_rows, generated, story_files
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.models import Document

SALT = bytes(range(32))
WINDOW = ("--from", "2020-10-20", "--to", "2020-11-15")
WEEK = ("--from", "2020-11-09", "--to", "2020-11-15")


@dataclass(frozen=True)
class Made:
    """A home with the names of its documents: ``desk-17`` instead of 32 hex digits."""

    name: str
    root: Path
    keys: Mapping[str, str]
    """Name by id, in the order of arrival."""

    @cached_property
    def documents(self) -> dict[str, Document]:
        """Every document by its name, in the order of arrival."""
        with at_moment(), closing(open_store(Home.open(self.root))) as store:
            found = {document.id: document for document in store.scan(Filter())}
        return {key: found[id] for id, key in self.keys.items() if id in found}

    def named(self, ids: Iterable[str]) -> str:
        """Names of documents, with spaces between."""
        return " ".join(self.keys.get(id, id) for id in ids)

    def run(self, *arguments: str) -> Any:
        """The JSON of a command that succeeds."""
        return succeed(self.root, *arguments, "--json").json


class Homes:
    """Makes homes in *folder* when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, Made] = {}

    def text_of(self, name: str) -> str:
        """Text of the document that *name* ends in the name of, where its home is made; else nothing."""
        home, _, key = name.rpartition(" ")[2].partition(":")
        made = self._made.get(home)
        document = made.documents.get(f"{home}:{key}") if made else None
        return document.raw.content if document else ""

    @cached_property
    def demo(self) -> Made:
        """The invented posts of the demonstration."""
        root = self.empty("demo")
        succeed(root, "demo", "--here")
        return self._index("demo", root, _by_arrival(root, (f"demo:{key}" for key in demo_keys())))

    @cached_property
    def story(self) -> Made:
        """The story by which reports are accepted, at a twentieth of its volume, all delivered at once."""
        root = self.empty("story")
        (root / "hosts.toml").write_text(HOSTS, encoding="utf-8")
        (root / "alerts" / "story.toml").write_text(RULE, encoding="utf-8")
        keys: list[str] = []
        for source, (channel, rows) in story_files().items():
            keys += [f"story:{row.pop('key')}" for row in rows]
            file = written(root / f"{source}.jsonl", rows)
            succeed(root, "import", str(file), "--source", source, "--channel", channel, "--yes")
        return self._index("story", root, _by_arrival(root, keys))

    @cached_property
    def posts(self) -> Made:
        """20,000 generated posts, put straight into the journal."""
        root = self.empty("posts")
        shutil.copy(self.demo.root / "hosts.toml", root / "hosts.toml")
        documents = list(generated())
        with at_moment(), open_journal(Home.open(root)).writer() as writer:
            writer.append(*documents)
        return self._index("posts", root, {d.id: f"posts:{n}" for n, d in enumerate(documents)})

    def few(self, name: str, size: int = 60) -> Made:
        """A home of its own with the first complaints of the demonstration, to be changed."""
        root = self.empty(name)
        shutil.copy(self.demo.root / "hosts.toml", root / "hosts.toml")
        rows = [row | {"url": f"https://desk.example/{row['id']}"} for row in demo_rows("desk")[:size]]
        file = written(root / "desk.jsonl", rows)
        succeed(root, "import", str(file), "--source", "desk", "--channel", "forum", "--yes")
        return self._index(name, root, _by_arrival(root, (f"{name}:{row['id']}" for row in rows)))

    def empty(self, name: str) -> Path:
        """A home that holds nothing, with the same salt every time."""
        root = self._folder / name
        (root / "var").mkdir(parents=True)
        (root / "var" / "salt").write_bytes(SALT)
        succeed(root, "init")
        return root

    def _index(self, name: str, root: Path, keys: dict[str, str]) -> Made:
        done = fengping(root, "index", "--quick", "--json", at=NOW)
        if done.code:
            raise RuntimeError(f"The home {name} cannot be indexed: {done.error}")
        self._made[name] = Made(name, root, keys)
        return self._made[name]


def written(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """*file* with *rows* as JSON Lines."""
    file.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return file


def _by_arrival(root: Path, keys: Iterable[str]) -> dict[str, str]:
    """Names by id, the documents of the journal taken in their order."""
    with at_moment():
        batches = open_journal(Home.open(root)).read({}, 5_000)
        ids = [line.document.id for batch in batches for line in batch.lines if line.document]
    return dict(zip(ids, keys, strict=True))
