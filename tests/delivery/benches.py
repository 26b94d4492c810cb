"""Every kind of channel before a receiver of its own, for the one suite that all must pass."""

from __future__ import annotations

import email
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from tests.delivery.certificates import authority
from tests.delivery.servers import DingTalk, Feishu, Post, Request, Web, WeCom, as_json

from fengping.home import Home

TOKEN, SECRET = "5e1f0c7a9b3d", "SEC+/q8r3=w"


@dataclass
class Bench:
    """One channel named ``it``: what it received, and how to make its receiver refuse for a while."""

    home: Home
    received: Callable[[], list[str]]
    """Texts in the order they came."""
    refuse: Callable[[], None]
    repair: Callable[[], None]
    screen: io.StringIO


Maker = Callable[[Home], Iterator[Bench]]


def _keep(home: Home, name: str, content: str) -> None:
    """Writes the file of the home that ``file:NAME`` in its ``delivery.toml`` refers to."""
    (home.root / name).write_text(content, encoding="utf-8")


def _bench(home: Home, toml: str, received: Any, refuse: Any, repair: Any) -> Bench:
    (home.root / "delivery.toml").write_text("[channels.it]\n" + toml, encoding="utf-8")
    return Bench(home, received, refuse, repair, io.StringIO())


def _web(home: Home, answer: Any, toml: str, texts: Callable[[], list[str]], web: Web) -> Bench:
    def refuse() -> None:
        # A gateway that repeats what it was sent, as some do.
        secret = kept.read_text(encoding="utf-8") if (kept := home.root / "secret").exists() else ""
        web.answer = lambda request: (503, {}, f"busy: {request.path} {request.query} {secret}".encode())

    def repair() -> None:
        web.answer = answer

    return _bench(home, toml, texts, refuse, repair)


def dingtalk(home: Home) -> Iterator[Bench]:
    service = DingTalk(TOKEN, SECRET, "风评")
    with Web(service).running() as web:
        _keep(home, "url", f"{web.url}/robot/send?access_token={TOKEN}")
        _keep(home, "secret", SECRET)
        toml = 'kind = "dingtalk"\nurl = "file:url"\nsecret = "file:secret"\nkeyword = "风评"\n'
        yield _web(home, service, toml, lambda: [m["markdown"]["text"] for m in service.taken], web)


def wecom(home: Home) -> Iterator[Bench]:
    service = WeCom(TOKEN)
    with Web(service).running() as web:
        _keep(home, "url", f"{web.url}/cgi-bin/webhook/send?key={TOKEN}\n")
        toml = 'kind = "wecom"\nurl = "file:url"\n'
        yield _web(home, service, toml, lambda: [m["markdown"]["content"] for m in service.taken], web)


def feishu(home: Home) -> Iterator[Bench]:
    service = Feishu(TOKEN, SECRET)
    with Web(service).running() as web:
        _keep(home, "url", f"{web.url}/open-apis/bot/v2/hook/{TOKEN}")
        _keep(home, "secret", SECRET)
        toml = 'kind = "feishu"\nurl = "file:url"\nsecret = "file:secret"\n'

        def texts() -> list[str]:
            cards = [m["card"] for m in service.taken]
            return [c["header"]["title"]["content"] + "\n" + c["elements"][0]["content"] for c in cards]

        yield _web(home, service, toml, texts, web)


def webhook(home: Home) -> Iterator[Bench]:
    taken: list[Request] = []

    def answer(request: Request) -> Any:
        taken.append(request)
        return as_json({"ok": True}, 202)

    with Web(answer).running() as web:
        _keep(home, "secret", SECRET)
        toml = f'kind = "webhook"\nurl = "{web.url}/in?token={TOKEN}"\nsecret = "file:secret"\n'
        yield _web(home, answer, toml, lambda: [r.json["text"] + r.json["id"] for r in taken], web)


def apprise(home: Home) -> Iterator[Bench]:
    pytest.importorskip("apprise")
    taken: list[Request] = []

    def answer(request: Request) -> Any:
        taken.append(request)
        return as_json({})

    with Web(answer).running() as web:
        _keep(home, "url", f"json://127.0.0.1:{web.port}/in/{TOKEN}")
        toml = 'kind = "apprise"\nurl = "file:url"\n'
        yield _web(home, answer, toml, lambda: [r.json["title"] + r.json["message"] for r in taken], web)


def mail(home: Home) -> Iterator[Bench]:
    ca, context = authority(home.root / "tls")
    with Post(context, "monitor", SECRET).running() as post:
        _keep(home, "secret", SECRET)
        toml = (
            f'kind = "mail"\nserver = "127.0.0.1"\nport = {post.port}\nca_file = "tls/{ca.name}"\n'
            'sender = "风评 <monitor@example.cn>"\nto = ["desk@example.cn"]\n'
            'user = "monitor"\npassword = "file:secret"\n'
        )

        def texts() -> list[str]:
            mails = [email.message_from_bytes(m.content, policy=default) for m in post.mails]
            return [f"{m['Subject']}\n{m.get_body(('plain',)).get_content()}" for m in mails]

        def refuse() -> None:
            post.data = f"451 4.7.1 try again later than {SECRET}"

        def repair() -> None:
            post.data = ""

        yield _bench(home, toml, texts, refuse, repair)


def _blockable(home: Home, toml: str, place: Path, texts: Any) -> Bench:
    """A channel of the disk, whose *place* is taken by something of the wrong kind to make it refuse."""

    away = place.with_name("away")

    def refuse() -> None:
        if place.exists():
            place.rename(away)
        place.touch() if place.name == "folder" else place.mkdir(parents=True)

    def repair() -> None:
        place.unlink() if place.is_file() else place.rmdir()
        if away.exists():
            away.rename(place)

    return _bench(home, toml, texts, refuse, repair)


def file(home: Home) -> Iterator[Bench]:
    place = home.var / "delivery" / "told.jsonl"

    def texts() -> list[str]:
        lines = place.read_text(encoding="utf-8").splitlines() if place.is_file() else []
        return [json.loads(line)["text"] for line in lines]

    yield _blockable(home, 'kind = "file"\npath = "told.jsonl"\n', place, texts)


def folder(home: Home) -> Iterator[Bench]:
    place = home.root / "folder"

    def texts() -> list[str]:
        return [file.read_text(encoding="utf-8") for file in sorted(place.glob("*/message.txt"))]

    yield _blockable(home, 'kind = "folder"\npath = "folder"\n', place, texts)


def stdout(home: Home) -> Iterator[Bench]:
    bench = _bench(home, 'kind = "stdout"\n', None, None, None)
    before: list[str] = []

    def texts() -> list[str]:
        shown = before + ([] if bench.screen.closed else [bench.screen.getvalue()])
        return ["".join(shown)] if any(shown) else []

    def refuse() -> None:
        before.append(bench.screen.getvalue())
        bench.screen.close()

    def repair() -> None:
        bench.screen = io.StringIO()

    bench.received, bench.refuse, bench.repair = texts, refuse, repair
    yield bench


MAKERS: dict[str, Maker] = {
    maker.__name__: maker for maker in (dingtalk, wecom, feishu, webhook, mail, file, folder, stdout, apprise)
}


@contextmanager
def bench_of(kind: str, home: Home) -> Iterator[Bench]:
    yield from MAKERS[kind](home)
