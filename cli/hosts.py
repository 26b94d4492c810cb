"""``hosts``: list, show, add, audit, discover."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stderr, stdout, write_json, write_table

if TYPE_CHECKING:
    from fengping.analysis.hosts.registry import Host, HostRegistry
    from fengping.home import Home

hosts = typer.Typer(no_args_is_help=True, help="The registry of hosts and how they are named.")
app.add_typer(hosts, name="hosts")

AsJson = Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")]
Texts = Annotated[
    Path | None,
    typer.Option(
        "--file", help="JSON Lines or CSV with a column text (also .gz), instead of the home's store."
    ),
]
Since = Annotated[str | None, typer.Option("--since", help="First day, 2020-11-01.")]


@hosts.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Every host known: those that ship and those of this home."""
    registry = _registry(open_home(context))
    if as_json:
        write_json([host.model_dump(by_alias=True, mode="json") for host in registry.hosts])
        return
    write_table(
        ("host", "kind", "platforms", "agencies", "names", "ambiguous"),
        [
            (
                host.name,
                host.kind,
                " ".join(host.platforms),
                " ".join(agency.name for agency in host.agencies),
                len(host.sure()),
                len(host.ambiguous),
            )
            for host in registry.hosts
        ],
        title=f"{len(registry.hosts)} hosts · {registry.version}",
    )


@hosts.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Name or alias.")],
    as_json: AsJson = False,
) -> None:
    """All that the registry says of one host."""
    host = _registry(open_home(context)).find(name)
    record = host.model_dump(by_alias=True, mode="json")
    if as_json:
        write_json(record)
        return
    rows = [(key, _plain(value)) for key, value in record.items() if value]
    write_table(("key", "value"), rows, title=host.name)


@hosts.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name figures are counted under.")],
    alias: Annotated[list[str] | None, typer.Option("--alias", help="Counts wherever it stands.")] = None,
    misspelling: Annotated[list[str] | None, typer.Option("--misspelling")] = None,
    ambiguous: Annotated[
        list[str] | None,
        typer.Option("--ambiguous", help="ALIAS=WORD,WORD: counts only near one of the words; @selling too."),
    ] = None,
    handle: Annotated[list[str] | None, typer.Option("--handle", help="Counts only after @.")] = None,
    near: Annotated[
        list[str] | None, typer.Option("--context", help="Words that speak for this host.")
    ] = None,
    excluded: Annotated[
        list[str] | None,
        typer.Option("--not", help="Longer words that hold an alias and mean something else."),
    ] = None,
    unless: Annotated[
        list[str] | None,
        typer.Option("--unless", help="Words beside which it is another bearer of the name."),
    ] = None,
    platform: Annotated[list[str] | None, typer.Option("--platform")] = None,
    account: Annotated[bool, typer.Option("--account", help="A room account, not a person.")] = False,
) -> None:
    """Adds a host, or names to a known one, to hosts.toml of this home."""
    from fengping.analysis.hosts.registry import Host
    from fengping.toml import validate

    home = open_home(context)
    table: dict[str, Any] = {
        "name": name,
        "kind": "account" if account else "person",
        "aliases": alias,
        "misspellings": misspelling,
        "handles": handle,
        "platforms": platform,
        "context": near,
        "not": excluded,
        "unless": unless,
        "ambiguous": _conditions(ambiguous or []),
    }
    new = validate(Host, {key: value for key, value in table.items() if value}, "fengping hosts add")
    registry = _registry(home)
    _refuse_taken(registry, name, new.sure())
    _append(home, new)
    done = "Added names to" if name in registry.by_name else "Added"
    stdout.print(f"{done} {name}. Stored documents learn it with: fengping reindex", highlight=False)


@hosts.command()
def audit(
    context: typer.Context,
    host: Annotated[str | None, typer.Option("--host", help="Only this host.")] = None,
    file: Texts = None,
    since: Since = None,
    until: Annotated[str | None, typer.Option("--until", help="Last day, included.")] = None,
    as_json: AsJson = False,
) -> None:
    """For each alias: where it counts, where it is refused and why, with samples."""
    from dataclasses import asdict

    from fengping.analysis.hosts.audit import audit as audit_texts
    from fengping.analysis.hosts.audit import silent
    from fengping.analysis.mentions import Lexicon

    home = open_home(context)
    registry = _registry(home)
    wanted = registry.find(host).name if host else ""
    lexicon = Lexicon(registry)
    found = audit_texts(_texts(home, file, since, until), lexicon)
    shown = [a for a in found if not wanted or a.host == wanted]
    if as_json:
        write_json([asdict(a) for a in shown])
        return
    rows = [
        (a.host, a.alias, a.hits, a.counted, _reasons(a.refused), "\n".join(a.samples[:4])) for a in shown
    ]
    write_table(("host", "alias", "stands", "counts", "refused", "samples"), rows)
    if not wanted:
        stderr.print(f"{sum(1 for _ in silent(found, lexicon))} hosts stood in none of these texts.")


@hosts.command()
def discover(
    context: typer.Context,
    file: Texts = None,
    since: Annotated[
        str | None, typer.Option("--since", help="First day that counts as recent; 28 days back without it.")
    ] = None,
    at_least: Annotated[int, typer.Option("--min", min=1, help="Documents a name must stand in.")] = 3,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """Names that rise beside 直播间, 带货 and 主播 and are not in the registry. Accept one with hosts add."""
    from datetime import timedelta

    from fengping.analysis.hosts.discover import discover as discover_names
    from fengping.analysis.mentions import Lexicon
    from fengping.clock import day_of, now, parse_moment

    home = open_home(context)
    recent = day_of(parse_moment(since)) if since else day_of(now()) - timedelta(days=28)
    texts = _texts(home, file, None, None)
    found = discover_names(texts, Lexicon(_registry(home)), since=recent, at_least=at_least)[:limit]
    if as_json:
        write_json(
            [
                {
                    "name": c.name,
                    "documents": c.documents,
                    "recent": c.recent,
                    "first_seen": c.first_seen,
                    "beside": dict(c.beside),
                    "samples": c.samples,
                }
                for c in found
            ]
        )
        return
    rows = [
        (c.name, c.documents, c.recent, str(c.first_seen or ""), _reasons(c.beside), "\n".join(c.samples))
        for c in found
    ]
    write_table(("name", "documents", f"since {recent}", "first seen", "beside", "samples"), rows)


def _registry(home: Home) -> HostRegistry:
    from fengping.analysis.hosts.registry import HostRegistry

    own = [home.hosts] if home.hosts.exists() else []
    return HostRegistry.load((*own, *home.config.analysis.hosts))


def _conditions(pairs: Sequence[str]) -> dict[str, list[str]]:
    """``ALIAS=WORD,WORD`` of each pair as alias → words. Raises :class:`UsageError`."""
    from fengping.errors import UsageError

    conditions = {}
    for pair in pairs:
        alias, _, words = pair.partition("=")
        if not words:
            raise UsageError(
                f"{pair!r} is not ALIAS=WORD,WORD.", remedy="For example --ambiguous 小明=直播间,带货"
            )
        conditions[alias] = [word for word in words.split(",") if word]
    return conditions


def _append(home: Home, host: Host) -> None:
    """Writes *host* to the end of the home's file; a file that would not load is not written."""
    from fengping.analysis.hosts.registry import HostRegistry, append_host
    from fengping.errors import ConfigError

    text = home.hosts.read_text(encoding="utf-8") if home.hosts.exists() else ""
    part = home.hosts.with_suffix(".toml.part")
    part.write_text(append_host(text, host), encoding="utf-8")
    try:
        HostRegistry.load([part])
    except ConfigError:
        part.unlink()
        raise
    part.replace(home.hosts)


def _refuse_taken(registry: HostRegistry, name: str, names: Sequence[str]) -> None:
    """Raises :class:`UsageError` where a name already means another host."""
    from fengping.errors import UsageError

    for word in names:
        for host in registry.hosts:
            if host.name != name and word in host.sure():
                raise UsageError(
                    f"{word!r} already names {host.name}.",
                    remedy=f"Say beside which words it means {name}: --ambiguous {word}=WORD,WORD",
                )


def _texts(
    home: Home, file: Path | None, since: str | None, until: str | None
) -> Iterator[tuple[str, date | None]]:
    """Content and day of every document of the home's store, or of *file*, in the window."""
    from fengping.clock import day_of, parse_window

    start, stop = parse_window(since, until)
    if file is None:
        from fengping.indexer.search.backends.opening import open_store
        from fengping.indexer.search.protocol import Filter

        store = open_store(home)
        for document in store.scan(Filter(since=start, until=stop)):
            moment = document.raw.published_at
            yield document.raw.content, day_of(moment) if moment else None
        store.close()
        return
    for row in _rows(file):
        moment = _moment(row)
        if (start and (moment is None or moment < start)) or (stop and (moment is None or moment >= stop)):
            continue
        content = "\n".join(str(row[key]) for key in ("title", "text") if row.get(key))
        yield content, day_of(moment) if moment else None


def _moment(row: dict[str, Any]) -> Any:
    from fengping.clock import parse_moment

    said = row.get("published_at") or row.get("date") or row.get("first_seen")
    return parse_moment(str(said)) if said else None


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSON Lines or CSV file. Raises :class:`UsageError` where it is neither."""
    from fengping.errors import UsageError

    try:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines = io.StringIO(data.decode("utf-8-sig"))
    except FileNotFoundError:
        raise UsageError(f"{file} does not exist.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8.", remedy="Save it as UTF-8.") from None
    except gzip.BadGzipFile:
        raise UsageError(f"{file} is not gzip.") from None
    if file.name.removesuffix(".gz").endswith(".csv"):
        yield from csv.DictReader(lines)
        return
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line) if line.strip() else {}
        except json.JSONDecodeError:
            raise UsageError(f"Line {number} of {file} is not valid JSON.") from None
        if not isinstance(row, dict):
            raise UsageError(f"Line {number} of {file} is not a JSON object.")
        if row:
            yield row


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "\n".join(f"{key} ← {' '.join(map(str, words))}" for key, words in value.items())
    if isinstance(value, list):
        return " ".join(
            _plain(v) if not isinstance(v, dict) else " ".join(map(str, v.values())) for v in value
        )
    return str(value)


def _reasons(counts: dict[str, int]) -> str:
    return "\n".join(f"{reason} {count}" for reason, count in sorted(counts.items(), key=lambda r: -r[1]))
