"""Sources switched on and off in the files of a home, and the logins that some of them need."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fengping.errors import Failed
from fengping.home import Home
from fengping.services.sharing import handed_on
from fengping.spiders import Catalogue, Source
from fengping.spiders.sources import SHIPPED
from fengping.toml_edit import set_key

ALL = "*"


def switch(home: Home, names: Sequence[str], *, on: bool) -> Home:
    """Enables or disables sources and returns the home as its files say now.

    What ships is named in ``crawl.sources``; the home's own has ``enabled`` in its file; what ships disabled
    gets a file of its own. Raises :class:`UsageError` for an unknown name, :class:`Failed` where an
    environment variable says otherwise.
    """
    with handed_on(home):
        return _switched(home, names, on=on)


def _switched(home: Home, names: Sequence[str], *, on: bool) -> Home:
    # As the files have it: a console whose file names another engine goes on with what last held.
    catalogue = Catalogue.load(Home.open(home.root))
    for name in names:
        source = catalogue.get(name)
        own = home.sources / f"{name}.toml"
        if name in catalogue.own:
            set_key(own, "enabled", on)
        elif on and not source.enabled:
            own.parent.mkdir(parents=True, exist_ok=True)
            own.write_text((SHIPPED / own.name).read_text(encoding="utf-8"), encoding="utf-8")
            set_key(own, "enabled", True)
    shipped = [name for name in names if not (home.sources / f"{name}.toml").exists()]
    chosen = _chosen(catalogue, shipped, on=on)
    if chosen != list(catalogue.chosen):
        set_key(home.config_file, "sources", chosen, "crawl")
    changed = Home.open(home.root)
    active = set(Catalogue.load(changed).active())
    if wrong := [name for name in names if (name in active) is not on]:
        raise Failed(
            f"{wrong[0]} is {'not enabled' if on else 'still enabled'} although the files say so.",
            remedy="FENGPING_CRAWL__SOURCES in the environment wins over fengping.toml.",
        )
    return changed


def _chosen(catalogue: Catalogue, names: Sequence[str], *, on: bool) -> list[str]:
    """``crawl.sources`` after the change; ``*`` is written out where one of all goes."""
    chosen = list(catalogue.chosen)
    if on:
        return [*chosen, *(n for n in names if n not in chosen and ALL not in chosen)]
    if ALL in chosen and names:
        chosen = [n for n, source in sorted(catalogue.shipped.items()) if source.enabled]
    return [name for name in chosen if name not in names]


@dataclass(frozen=True)
class Login:
    """The saved login that a source needs."""

    session: str
    saved_at: datetime | None
    """``None`` where there is none yet."""
    ends_at: datetime | None
    """The first end of a cookie of the site; ``None`` where they end with the browser."""

    def days_left(self, now: datetime) -> float | None:
        """Days until :attr:`ends_at`, negative after it; ``None`` where nobody can say."""
        return None if self.ends_at is None else (self.ends_at - now).total_seconds() / 86_400


def login_of(home: Home, source: Source) -> Login | None:
    """The login of a source; ``None`` where it needs none."""
    if source.browser is None or not source.browser.session:
        return None
    name = source.browser.session
    path = home.var / "sessions" / f"{name}.json"
    try:
        saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        cookies = json.loads(path.read_text(encoding="utf-8")).get("cookies", [])
    except (OSError, ValueError, AttributeError):
        return Login(name, None, None)
    ends = [c["expires"] for c in cookies if isinstance(c, dict) and _ends(c.get("expires"))]
    return Login(name, saved_at, datetime.fromtimestamp(min(ends), UTC) if ends else None)


def _ends(value: object) -> bool:
    """True for a moment; a cookie that ends with the browser has -1."""
    return isinstance(value, int | float) and 0 < value < 32_503_680_000
