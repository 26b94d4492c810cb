"""Forms of the commands that outside programs call: exit codes, names and types of their JSON, refusals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from mcp import Client

from devtools.golden.homes import WINDOW, Homes, Made, written
from devtools.golden.records import form
from devtools.golden.running import NOW, Answer, at_moment, fengping
from fengping.home import Home
from fengping.web import make_app
from fengping.web.mcp.server import make_server

ASKED = (
    ("search", "退款", "--since", "2020-11-01", "--until", "2020-11-11", "--limit", "5", "--json"),
    ("search", "这几个字哪里都没有", "--json"),
    ("search", "退款"),
    ("trend", "退款", "--by", "day", *("--since", "2020-11-01", "--until", "2020-11-03"), "--json"),
    *(("trend", "直播", "--by", "week", "--split", split, "--json")
      for split in ("hosts", "issues", "polarity", "platforms", "channel")),
    ("trend", "这几个字哪里都没有", "--json"),
    ("compare", "退款", "假货", "--json"),
    ("hosts", "list", "--json"),
    ("affairs", "list", "--json"),
    ("alerts", "test", *WINDOW, "--json"),
    ("alerts", "test", "--rule", "host-negatives", *WINDOW, "--json"),
    ("alerts", "list", "--json"),
    ("correct", "--list", "--json"),
    ("status", "--json"),
    ("affairs", "moves", "--json"),
)  # fmt: skip
UNKNOWN = (
    ("search", "host:檀小本"), ("search", "", "--host", "檀小本"), ("search", "class:C99"),
    ("search", "platform:斗音"), ("search", "polarity:bad"), ("search", "act:complain"),
    ("search", "kind:pots"), ("search", "tier:centre"),
    ("search", "role:accusee"), ("search", "channel:weibbo"), ("search", "party:檀小本"), ("search", "(退货"),
    ("search", "假货 NEAR 退货"), ("search", "", "--since", "2020-13-01"), ("search", "--sort", "best"),
    ("trend", "", "--by", "year"), ("trend", "", "--split", "hots"), ("report", "quarterly", *WINDOW),
    ("report", "double11", *WINDOW, "--format", "odt"), ("export", "--format", "ods"),
    ("alerts", "test", "--rule", "host-negative", *WINDOW), ("serch", "退款"), ("search", "--limt", "3"),
    ("correct", "0" * 32, "--polarity", "neg"), ("extract", "none.html"),
    ("import", "none.csv", "--source", "x"),
)  # fmt: skip
LINES = (
    '{"id":"1","text":"直播间买的是假货","extra":7}', '{"id":"2","title":"","text":""}', "not json",
    '{"id":"4"}', "[1]", '{"id":"6","text":"ok","published_at":"2020-11-11"}',
)  # fmt: skip
STORY = "檀小木直播间卖的羽绒服是假货，专柜验过。"
PAIRS = (
    {"id": "a", "text_a": STORY, "text_b": f"转发微博//@邻居：{STORY}"},
    {"id": "b", "text_a": STORY, "text_b": "早高峰东岭高架缓行，平均车速12公里。"},
    {"id": "c", "text_a": "只有一边"},
)
REPORTS = ("xlsx", "json")
PAGES = (
    "/", "/search?q=退款", "/api/v1/search?q=退款&since=2020-11-01&until=2020-11-11&limit=5",
    "/api/v1/trend?q=退款&by=day&split=polarity&since=2020-11-01&until=2020-11-03",
    "/api/v1/trend?q=退款&by=year",
    "/api/v1/search?q=host:檀小本", "/openapi.json", "/metrics", "/nowhere",
)  # fmt: skip
ANY_EXIT = {"status"}
"""Commands whose exit code depends on the machine."""
OF_THE_MACHINE = {"Chromium", "Chinese font", "free disk", "clocks", "permissions"}


def records(homes: Homes) -> Iterator[tuple[str, Any]]:
    made = homes.demo
    for arguments in ASKED:
        yield " ".join(arguments), _form(made, fengping(made.root, *arguments), arguments)
    for arguments in UNKNOWN:
        yield f"refused: {' '.join(arguments)}", _refused(made, fengping(made.root, *arguments))
    yield from _analysed(made.root)
    yield from _reports(made)
    yield from _chain(homes)
    yield from _pages(made)
    yield "mcp", asyncio.run(_tools(made))


def _form(made: Made, answer: Answer, arguments: tuple[str, ...]) -> dict[str, Any]:
    exit = {} if arguments[0] in ANY_EXIT else {"exit": answer.code}
    if "--json" not in arguments:
        return exit | {"output": bool(answer.out)}
    if arguments[:2] == ("alerts", "test"):
        return exit | {"lines": form(answer.lines)}
    return exit | ({"json": form(answer.json)} if answer.out else _refused(made, answer))


def _refused(made: Made, answer: Answer) -> dict[str, Any]:
    """The sentence of a refusal; of one by Typer, whose words are its own, the exit code alone."""
    said = " ".join(answer.error.replace(str(made.root), "HOME").split())
    ours = [said] if said.startswith("fengping:") else []
    return {"exit": answer.code, "said": ours, "output": bool(answer.out)}


def _analysed(root: Path) -> Iterator[tuple[str, Any]]:
    """Answers line by line, so that their order and what becomes of bad lines stand there."""
    answer = fengping(root, "analyse", given="\n".join(LINES).encode())
    yield "analyse", {"exit": answer.code, "lines": [json.dumps(form(line)) for line in answer.lines]}
    yield "analyse, order and further names", [str(line.get("id", "error")) for line in answer.lines]
    yield "analyse, exit of good lines", fengping(root, "analyse", given=LINES[0].encode()).code
    given = "\n".join(json.dumps(pair, ensure_ascii=False) for pair in PAIRS).encode()
    answer = fengping(root, "analyse", "--pairs", given=given)
    yield (
        "analyse --pairs",
        {"exit": answer.code, "lines": [json.dumps(line, ensure_ascii=False) for line in answer.lines]},
    )


def _reports(made: Made) -> Iterator[tuple[str, Any]]:
    folder = made.root / "forms"
    answer = fengping(
        made.root, "report", "double11", *WINDOW, "--format", ",".join(REPORTS), "--out", str(folder)
    )
    yield f"report double11 --format {','.join(REPORTS)}", {
        "exit": answer.code, "files": sorted(file.name for file in folder.iterdir()),
    }  # fmt: skip
    report = json.loads(next(folder.glob("*.json")).read_bytes())
    yield "report json", sorted(report)
    said = next(part["text"] for part in report["text"] if "共收集" in part.get("text", ""))
    yield "report, data statement", "信息" in said and "”类信息" in said and "共收集“" in said


def _chain(homes: Homes) -> Iterator[tuple[str, Any]]:
    """From an empty folder to a damaged home."""
    root = homes.empty("chain")
    yield (
        "init leaves",
        sorted(
            str(path.relative_to(root))
            for path in root.rglob("*")
            if path.is_file() and "index" not in path.parts
        ),
    )
    yield "init again", fengping(root, "init").code
    file = written(root / "in.jsonl", [{"内容": "直播间买的是假货", "时间": "2020-11-11 20:00"}])
    imported = ("import", str(file), "--source", "chain", "--map", "text=内容", "--map", "published_at=时间")
    for arguments in ((*imported, "--yes", "--json"), ("index", "--quick", "--json"), ("reindex", "--json")):
        answer = fengping(root, *arguments)
        yield arguments[0], {"exit": answer.code, "json": form(answer.json)}
    yield "import without --source", {"exit": fengping(root, "import", str(file), "--yes").code}
    yield "a folder that is no home", fengping(root / "var", "search").code
    yield "doctor --deep", _doctor(root)
    for segment in sorted((root / "var" / "journal").glob("*.jsonl*")):
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 0xFF
        segment.write_bytes(bytes(data))
    yield "doctor --deep, journal damaged", _doctor(root)


def _doctor(root: Path) -> dict[str, Any]:
    """Names of the checks, and those that fail whatever the machine."""
    answer = fengping(root, "doctor", "--deep", "--json")
    checks = answer.json
    wrong = [row["check"] for row in checks if not row["ok"] and row["check"] not in OF_THE_MACHINE]
    return {
        "exit": answer.code if wrong else "of the machine", "json": form(checks),
        "checks": [row["check"] for row in checks], "wrong": wrong,
    }  # fmt: skip


def _pages(made: Made) -> Iterator[tuple[str, Any]]:
    """Pages and answers of the console."""
    with at_moment(), TestClient(make_app(Home.open(made.root)), base_url="http://127.0.0.1:8300") as client:
        for page in PAGES:
            answer = client.get(page)
            kind = answer.headers["content-type"].partition(";")[0]
            shown: dict[str, Any] = {"status": answer.status_code, "type": kind}
            if page == "/openapi.json":
                shown["paths"] = [
                    f"{','.join(sorted(ways))} {path}" for path, ways in answer.json()["paths"].items()
                ]
            elif kind.endswith("json"):
                shown["json"] = form(answer.json())
            yield f"GET {page}", shown


async def _tools(made: Made) -> dict[str, Any]:
    """Tools of the assistant's server with their arguments."""
    async with Client(make_server(Home.open(made.root), lambda: NOW)) as client:
        tools = (await client.list_tools()).tools
    return {tool.name: sorted(tool.input_schema.get("properties", ())) for tool in tools}
