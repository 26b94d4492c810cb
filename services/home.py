"""A home made, and examined: whether what it stands on is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fengping.alerts import load_rules
from fengping.chromium import find_chromium
from fengping.delivery import Book
from fengping.errors import ConfigError, Failed, FengpingError, NotInstalled, UsageError, did_you_mean, told
from fengping.home import Home
from fengping.indexer import Filter, open_journal, open_store
from fengping.indexer.search import Lookup
from fengping.services import alert_rules, integrity, letters, readiness, unheard, unset
from fengping.services.channels import configured, listed
from fengping.services.hosts import has_address, load_registry
from fengping.spiders import Catalogue, Source, load_sources

TEMPLATES = Path(__file__).with_name("templates")
NOTHING = "This home collects nothing: no source is enabled and nothing was imported."
_FILES = ("file:", "sqlite:")
_SOURCES_LINE = re.compile(r"^# sources = .*?(#|$)", re.MULTILINE)


@dataclass(frozen=True)
class Made:
    """Files that :func:`make_home` wrote; none for a home that was made before."""

    written: tuple[Path, ...]
    sources: tuple[str, ...]
    """Sources that ship which this home crawls."""


@dataclass(frozen=True)
class Check:
    """One thing a home stands on."""

    name: str
    ok: bool
    found: str
    """The thing found, or the fault with its remedy."""
    warns: bool = False
    """True where nothing is broken and yet something is missing, which :attr:`found` says."""


def public_sources() -> dict[str, Source]:
    """Sources that ship and need no login, by name."""
    shipped = Catalogue.load(Home(Path())).shipped
    return {
        name: source
        for name, source in shipped.items()
        if source.enabled and not (source.browser and source.browser.session)
    }


def choose_sources(choice: str) -> tuple[str, ...]:
    """Names that ``public``, ``none`` or a list with commas stands for; raises :class:`UsageError`."""
    public = public_sources()
    if choice == "public":
        return tuple(public)
    names = [] if choice == "none" else choice.replace("，", ",").replace(",", " ").split()
    known = Catalogue.load(Home(Path())).shipped
    for name in names:
        if name not in known:
            raise UsageError(f"No source {name!r} ships.", remedy=did_you_mean(name, known))
    return tuple(dict.fromkeys(names))


def make_home(home: Home, sources: Sequence[str] = ()) -> Made:
    """Lays the files of a home where they are missing and opens its store; overwrites nothing.

    A home that was made before keeps its configuration, and its owner need not find a rule back that was
    thrown away.
    """
    wanted = {
        home.config_file: "fengping.toml",
        home.hosts: "hosts.toml",
        home.alerts / "host-negatives.toml": "host-negatives.toml",
    }
    fresh = not home.config_file.exists()
    missing = [path for path in wanted if fresh and not path.exists()]
    for path in missing:
        text = (TEMPLATES / wanted[path]).read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(with_sources(text, sources), encoding="utf-8")
    for folder in (home.sources, home.journal, home.reports):
        folder.mkdir(parents=True, exist_ok=True)
    open_store(Home.open(home.root)).close()
    return Made(tuple(missing), tuple(sources) if fresh else ())


def with_sources(template: str, names: Iterable[str]) -> str:
    """The configuration *template* with ``crawl.sources`` set to *names*; as it is for none."""
    listed = ", ".join(f'"{name}"' for name in names)
    return _SOURCES_LINE.sub(rf"sources = [{listed}]  \1", template) if listed else template


def collects_nothing(home: Home) -> bool:
    """True if no source is enabled and no document was ever collected or imported."""
    return not Catalogue.load(home).active() and not open_journal(home).pending({})


def need_something(home: Home) -> None:
    """Raises :class:`Failed` where :func:`collects_nothing`."""
    if collects_nothing(home):
        raise Failed(
            NOTHING,
            remedy="Name shipped ones in crawl.sources (fengping source list), put one into sources/ "
            "(fengping source add URL), or: fengping import FILE --source NAME",
        )


def doctor(home: Home, *, deep: bool = False, now: datetime | None = None) -> list[Check]:
    """Every check of *home*, whatever the others find; *deep* reads all that is stored.

    *now*: the present moment, by which is judged what waits to be sent; without it that is left out.
    """
    checks = _CHECKS | (integrity.DEEP if deep else {})
    if now is not None:
        checks = checks | {"messages": lambda home: letters.told(home, now)}
    lacks = readiness.lacking(home)
    found = (examined(home, name, function) for name, function in checks.items())
    return [
        Check(one.name, True, lacks[one.name], warns=True) if one.ok and one.name in lacks else one
        for one in found
    ]


Examine = Callable[[Home], str]
_CHECKS: dict[str, Examine] = {}


def check(name: str) -> Callable[[Examine], Examine]:
    """Registers a check: a function that says what it found, or raises what is wrong with the remedy."""

    def register(function: Examine) -> Examine:
        _CHECKS[name] = function
        return function

    return register


def examined(home: Home, name: str, function: Examine) -> Check:
    """The check *name* as *function* finds it, or as the sentence that it raises."""
    try:
        return Check(name, True, function(home))
    except FengpingError as error:
        return Check(name, False, str(error))
    except OSError as error:  # a file of another user, say: the other checks are made all the same
        return Check(name, False, f"{told(error)}.")


@check("configuration")
def _configuration(home: Home) -> str:
    return str(home.config_file)


for _name, _function in integrity.CHECKS.items():
    check(_name)(_function)


@check("salt")
def _salt(home: Home) -> str:
    if (home.var / "salt").exists():
        return f"{len(home.salt)} bytes"
    with closing(open_store(home)) as store:
        if store.terms(Filter(), "author_id", limit=1):
            raise ConfigError(
                f"{home.var / 'salt'} is missing, and stored authors are hashed with it.",
                remedy="Put back a copy; a new one would give them other hashes.",
            )
    return "made with the first author"


@check("store")
def _store(home: Home) -> str:
    with closing(open_store(home)) as store:
        return ", ".join(f"{key} {value}" for key, value in store.facts().items())


@check("sources")
def _sources(home: Home) -> str:
    return f"{len(load_sources(home))} sources, {len(Catalogue.load(home).active())} of them enabled"


@check("collection")
def _collection(home: Home) -> str:
    need_something(home)
    active = Catalogue.load(home).active()
    return f"{len(active)} sources enabled" if active else "imports only"


@check("hosts")
def _hosts(home: Home) -> str:
    known = [host.name for host in load_registry(home).hosts]
    if wrong := [name for name in known if not has_address(name)]:
        raise ConfigError(
            f"{', '.join(map(repr, wrong))} cannot be the name of a host: "
            "its page has the name in its address.",
            remedy="Write it without / and control characters; its aliases may have a /.",
        )
    return f"{len(known)} hosts"


@check("alert rules")
def _rules(home: Home) -> str:
    found = ", ".join(rule.name for rule in load_rules(home.alerts, Lookup(home)))
    if left_out := alert_rules.left_out(home):
        raise ConfigError(" ".join(left_out.values()))
    return found or "none"


@check("channels")
def _channels(home: Home) -> str:
    book = Book.load(home)
    for key, names in configured(home).items():
        book.check(names, f"{home.config_file.name}: {key}")
    if said := unheard.mistyped(home, book):
        raise ConfigError(" ".join(said))
    return ", ".join(book.channels)


@check("secrets of channels")
def _secrets(home: Home) -> str:
    faults = [f"{one.name} cannot send: {one.fault}" for one in listed(home) if one.fault]
    if faults := [*filter(None, [unset.heartbeat(home)]), *faults]:
        raise ConfigError(
            " ".join(faults),
            remedy="A variable of the service's own must be set where doctor runs too, or use file:PATH.",
        )
    return "all can be read"


@check("receivers of alarms")
def _receivers(home: Home) -> str:
    if said := [one.sentence for one in unheard.rules(home)]:
        raise ConfigError(" ".join(said))
    left_out = alert_rules.left_out(home)
    somebody = f"somebody for each rule but {', '.join(left_out)}, not checked" if left_out else ""
    return "; ".join([somebody or "somebody for each rule", *unheard.delays(home)])


@check("reach of alarms")
def _reach(home: Home) -> str:
    return "beyond this machine"


@check("receivers of notices")
def _receivers_of_notices(home: Home) -> str:
    if said := unheard.notices(home):
        raise ConfigError(" ".join(said.values()))
    return "somebody" if home.config.schedule.notify or home.config.crawl.notify else "nobody is named"


@check("retention")
def _retention(home: Home) -> str:
    days = {name: number for name, number in home.config.retention.model_dump().items() if number}
    if not days:
        return "off: everything is kept without end; [retention] limits it"
    return ", ".join(f"{name} {number} days" for name, number in days.items())


@check("heartbeat")
def _heartbeat(home: Home) -> str:
    return home.config.schedule.heartbeat


@check("backup")
def _backup(home: Home) -> str:
    said = home.config.backup.folder or "none by the schedule; backup.folder makes one a day"
    served = [name for name in ("journal", "state") if not getattr(home.config, name).startswith(_FILES)]
    return f"{said}; without {' and '.join(served)}, which servers keep" if served else said


@check("Chromium")
def _chromium(home: Home) -> str:
    return find_chromium()


@check("Chinese font")
def _font(home: Home) -> str:
    lister = shutil.which("fc-list")
    fonts = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, text=True) if lister else None
    if fonts is None or not fonts.stdout.strip():
        raise NotInstalled(
            "No Chinese font is installed.", remedy="apt-get install fonts-noto-cjk fontconfig"
        )
    return fonts.stdout.splitlines()[0].split(",")[0]


@check("free disk")
def _disk(home: Home) -> str:
    free = shutil.disk_usage(home.root).free / 2**30
    if free < 1:
        raise Failed(f"{free:.2f} GiB are left.", remedy="Make room: the journal must not stop.")
    return f"{free:.0f} GiB"
