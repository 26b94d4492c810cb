"""``init`` and ``doctor``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fengping.cli.app import app
from fengping.cli.common import open_home, stdout, write_json, write_table

if TYPE_CHECKING:
    from fengping.home import Home

TEMPLATES = Path(__file__).with_name("templates")


def make_home(home: Home) -> list[Path]:
    """Lays the files of a home where they are missing and returns those it wrote; overwrites nothing."""
    wanted = {
        home.config_file: "fengping.toml",
        home.hosts: "hosts.toml",
        home.alerts / "host-negatives.toml": "host-negatives.toml",
    }
    written = []
    # A home whose owner has thrown a rule away must not find it back.
    fresh = not home.config_file.exists()
    for path, template in wanted.items():
        if fresh and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((TEMPLATES / template).read_text(encoding="utf-8"), encoding="utf-8")
            written.append(path)
    for folder in (home.sources, home.journal, home.reports):
        folder.mkdir(parents=True, exist_ok=True)
    return written


@app.command()
def init(context: typer.Context) -> None:
    """Makes a home: configuration, an alert rule for every host, folders. Overwrites nothing."""
    from fengping.home import Home
    from fengping.indexer.search.backends.opening import open_store

    home = Home(Path(context.obj).absolute())
    written = make_home(home)
    open_store(Home.open(home.root)).close()
    for path in written:
        stdout.print(f"wrote {path.relative_to(home.root)}", highlight=False)
    if not written:
        stdout.print("This home was made before; nothing was changed.")
    stdout.print("Next: fengping source list · fengping crawl · fengping import FILE --source NAME")


@app.command()
def doctor(
    context: typer.Context,
    deep: Annotated[
        bool, typer.Option("--deep", help="Read all that is stored and compare its checksums.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON to stdout instead of a table.")] = False,
) -> None:
    """Checks what this home stands on; exit 1 when something is missing or broken."""
    home = open_home(context)
    rows = list(_examine(home, deep=deep))
    if as_json:
        write_json([{"check": name, "ok": ok, "found": found} for name, ok, found in rows])
    else:
        write_table(("check", "", "found"), [(n, "ok" if ok else "!!", found) for n, ok, found in rows])
    if not all(ok for _, ok, _ in rows):
        raise typer.Exit(1)


def _examine(home: Home, *, deep: bool) -> Iterator[tuple[str, bool, str]]:
    from fengping.errors import FengpingError
    from fengping.services import integrity

    checks: dict[str, Callable[[Home], str]] = {
        "configuration": lambda home: str(home.config_file),
        **integrity.CHECKS,
        **(integrity.DEEP if deep else {}),
        "store": _store,
        "sources": _sources,
        "alert rules": _rules,
        "Chromium": _chromium,
        "Chinese font": _font,
        "free disk": _disk,
    }
    for name, check in checks.items():
        try:
            yield name, True, check(home)
        except FengpingError as error:
            yield name, False, str(error)


def _store(home: Home) -> str:
    from fengping.indexer.search.backends.opening import open_store

    store = open_store(home)
    facts: dict[str, Any] = store.facts()
    store.close()
    return ", ".join(f"{key} {value}" for key, value in facts.items())


def _sources(home: Home) -> str:
    from fengping.spiders.sources import load_sources

    return f"{len(load_sources(home))} sources"


def _rules(home: Home) -> str:
    from fengping.alerts.rules import load_rules

    return ", ".join(rule.name for rule in load_rules(home.alerts)) or "none"


def _chromium(home: Home) -> str:
    from fengping.chromium import find_chromium

    return find_chromium()


def _font(home: Home) -> str:
    import shutil
    import subprocess

    from fengping.errors import NotInstalled

    lister = shutil.which("fc-list")
    fonts = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True) if lister else None
    if fonts is None or not fonts.stdout.strip():
        raise NotInstalled(
            "No Chinese font is installed.", remedy="apt-get install fonts-noto-cjk fontconfig"
        )
    return fonts.stdout.splitlines()[0].split(",")[0]


def _disk(home: Home) -> str:
    import shutil

    from fengping.errors import Failed

    free = shutil.disk_usage(home.root).free / 2**30
    if free < 1:
        raise Failed(f"{free:.2f} GiB are left.", remedy="Make room: the journal must not stop.")
    return f"{free:.0f} GiB"
