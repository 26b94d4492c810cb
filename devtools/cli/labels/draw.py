"""``labels draw``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from devtools.cli import Data

PACK = 100
"""Texts of a pack."""


def draw(
    folder: Annotated[Path, typer.Argument(help="Where packs are written: outside the repository.")],
    data: Data = Path("../shared/data"),
    seed: Annotated[int, typer.Option(help="Another seed draws other texts.")] = 1,
) -> None:
    """Draws texts that nobody has labelled yet into packs of 100, with the keys that find them again."""
    from devtools.labelling import packs, store
    from devtools.labelling.draw import draw as drawn

    known = {label.key for label in store.read()}
    found = drawn(data, _names_host(), lambda text: text.key in known, seed)
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(found), PACK):
        part, name = found[start : start + PACK], f"p{start // PACK:03}"
        (folder / f"{name}.txt").write_text(packs.show(part), encoding="utf-8")
        rows = ({"key": text.key, "source": text.source} for text in part)
        (folder / f"{name}.keys").write_bytes(b"\n".join(map(orjson.dumps, rows)) + b"\n")
    typer.echo(f"{len(found):,} texts in {-(-len(found) // PACK)} packs under {folder}")


def _names_host() -> Any:
    """Tells whether a text names a host or an agency of the registry, or says that somebody sells live."""
    from ahocorasick_rs import AhoCorasick

    from fengping import analysis

    file = Path(str(analysis.__file__)).parent / "registry" / "brands.toml"
    brands = tomllib.loads(file.read_text(encoding="utf-8"))["brand"]
    hosts = [(host.name, host.aliases, host.ambiguous) for host in analysis.HostRegistry.load().hosts]
    agencies = [brand for brand in brands if brand["kind"] == "agency"]
    hosts += [(one["name"], one.get("aliases", ()), one.get("ambiguous", {})) for one in agencies]
    names = {name for own, aliases, doubtful in hosts for name in (own, *aliases) if name not in doubtful}
    automaton = AhoCorasick(sorted(names | {"直播间", "主播", "带货"}))
    return lambda text: bool(automaton.find_matches_as_indexes(text))
