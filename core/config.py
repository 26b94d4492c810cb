"""The configuration of one home: ``fengping.toml`` and ``FENGPING_*`` environment, validated once.

An environment variable wins over the file: ``FENGPING_STORE``, ``FENGPING_CRAWL__DELAY`` (two
underscores step into a table). Secrets stand in the environment or in a file that the TOML names,
never in the TOML itself.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_address, ip_network
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field, ValidationError

from fengping.errors import ConfigError
from fengping.toml import Strict, explain, read_toml
from fengping.toml_lines import Place

CONFIG_NAME = "fengping.toml"
_PREFIX = "FENGPING_"


class CrawlConfig(Strict):
    """Limits of politeness and reach for all spiders; a source file may only be stricter."""

    user_agent: str = "fengping/0.2 (+https://github.com/fengping; public-opinion monitor)"
    contact: str = ""
    """Mail or page appended to the user agent, so that a site can reach the operator."""
    obey_robots: bool = True
    delay: Annotated[float, Field(ge=0)] = 1.0
    """Seconds between two requests to one host; AutoThrottle only lengthens it."""
    concurrency_per_host: Annotated[int, Field(ge=1, le=16)] = 2
    timeout: Annotated[float, Field(gt=0)] = 30.0
    max_bytes: Annotated[int, Field(gt=0)] = 8_000_000
    max_pages: Annotated[int, Field(gt=0)] = 2_000
    """Requests a source may make in one run."""
    max_seconds: Annotated[float, Field(gt=0)] = 1800.0
    allow_private: bool = False
    """True if loopback, private and link-local addresses may be fetched (tests, intranets)."""
    sources: tuple[str, ...] = ()
    """Sources that ship, crawled beside the home's own; ``*`` means all of them."""
    proxy: str = ""
    """``http://HOST:PORT`` that asks for us, or ``env:NAME`` of a variable that holds it with its password;
    empty: none. A source's own ``proxy`` goes before it."""
    mask_nicknames: bool = False
    """True if the names of people who post or comment are kept as their first character and ``**``."""
    notify: tuple[str, ...] = ()
    """Names of delivery.toml, or ``file``, that are told how sources are."""
    frontier: str = ""
    """``redis://…`` shares requests and seen URLs among machines; empty keeps both in this home."""
    frontier_lease: Annotated[float, Field(gt=0)] = 60.0
    """Seconds without a sign of life after which a machine's requests go to the others."""


class KafkaConfig(Strict):
    """The journal's topic, where ``journal`` names one; read when the topic is made, and by ``doctor``."""

    erase_within_hours: Annotated[float, Field(gt=0)] = 24.0
    """Hours after which what was forgotten is gone from the brokers' disks."""
    replicas: Annotated[int, Field(ge=0, le=9)] = 0
    """Copies of the topic; 0: three, or as many as there are brokers."""
    max_document_bytes: Annotated[int, Field(ge=100_000)] = 16_000_000
    patience_seconds: Annotated[float, Field(gt=0)] = 20.0
    """Seconds without an acknowledgement after which documents are kept in this machine's spool."""


class ElasticsearchConfig(Strict):
    """The indices of the store, where ``store`` names Elasticsearch; read when they are made or rebuilt."""

    rollover: Literal["", "month"] = ""
    """``month``: an index for each month of publication; empty: one index."""


class AnalysisConfig(Strict):
    workers: Annotated[int, Field(ge=0)] = 0
    """Worker processes; 0 means one a processor."""
    batch: Annotated[int, Field(ge=1)] = 2_000
    snownlp_model: Path | None = None
    """A retrained SnowNLP sentiment model (SnowNLP's own marshal file); empty means the one it ships."""
    snownlp_segmenter: Path | None = None
    """A retrained SnowNLP segmentation model; empty means the one it ships."""
    polarity_model: Path | None = None
    reader: Literal["auto", "off"] = "auto"
    """``auto``: the encoder reads every document, behind the quick reader; ``off``: the quick reader alone
    judges."""
    hosts: tuple[Path, ...] = ()
    """Further host registries, read after the one that ships and ``hosts.toml`` of the home."""

    def beside(self, folder: Path) -> AnalysisConfig:
        """The same with relative paths taken from *folder*."""
        paths = {
            name: value and folder / value
            for name in ("snownlp_model", "snownlp_segmenter", "polarity_model")
            for value in [getattr(self, name)]
        }
        return self.model_copy(update={**paths, "hosts": tuple(folder / file for file in self.hosts)})


class SourceHours(Strict):
    """The collection of one source, where it differs from the others'."""

    every_minutes: Annotated[int, Field(ge=1)] | None = None
    """Minutes between two rounds; those of all where none are given."""
    hours: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]|24):[0-5]\d)?$")] = ""
    """``07:00-24:00``, Chinese time: rounds begin only in these; empty for all day."""


def _report_kind(text: str) -> str:
    path = PurePosixPath(text)
    if text.endswith(".toml") and (path.is_absolute() or ".." in path.parts):
        raise ValueError(f"{text!r} does not lie in the home: write its path from there")
    return text


class ReportJob(Strict):
    """A report that is written by the clock."""

    kind: Annotated[str, AfterValidator(_report_kind)] = "weekly"
    """A kind, or the TOML file of an outline, from the home."""
    at: str
    """``mon 08:00``, ``08:00`` or the five fields of cron, Chinese time."""
    to: tuple[str, ...] = ()
    """Whoever gets it: names of ``delivery.toml``; empty: the recipients of its outline."""


class ScheduleConfig(Strict):
    crawl_every_minutes: Annotated[int, Field(ge=1)] = 30
    index_every_minutes: Annotated[int, Field(ge=1)] = 10
    """Minutes between two rounds of indexing and of judging the alert rules."""
    reader_seconds: Annotated[int, Field(ge=1)] = 120
    """Seconds that the encoder reads for behind each round of indexing."""
    weekly_report: str = "mon 08:00"
    """Empty for none."""
    weekly_to: tuple[str, ...] = ()
    """Whoever gets the weekly report: names of ``delivery.toml``; empty: it is only written."""
    misfire_grace_minutes: Annotated[int, Field(ge=1)] = 60
    """Minutes that a job may be late before somebody is told."""
    sources: dict[str, SourceHours] = Field(default_factory=dict)
    reports: tuple[ReportJob, ...] = ()
    evidence: str = "05:30"
    digest: str = ""
    self_check: str = "0 6 1 * *"
    """Times at which 200 fresh documents are drawn for the judge's self-check; empty for never."""
    backup: str = "03:30"
    retention: str = "04:30"
    paused: tuple[str, ...] = ()
    """Names of jobs that are not begun; what they missed is made up for as after a machine was off."""
    limit_minutes: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """Minutes after which a job of that name is ended."""
    notify: tuple[str, ...] = ("stdout", "file")
    """Whoever is told that something runs late or is missing: names of ``delivery.toml``."""
    heartbeat: Annotated[str, Field(pattern=r"^(\$[A-Za-z_]\w*|file:.+)?$")] = ""
    """The place of a Healthchecks address, which is a secret: ``$NAME`` or ``file:PATH``."""


class BackupConfig(Strict):
    folder: str = ""
    """Empty: no backup is made by the schedule."""
    keep: Annotated[int, Field(ge=1)] = 7


class EvidenceConfig(Strict):
    automatic: bool = True
    """Documents of alarms and of the cases of reports are kept by the schedule."""
    largest_gb: Annotated[float, Field(gt=0)] = 10
    """Size of the archive from which on only texts are kept."""
    each_run: Annotated[int, Field(ge=1)] = 100
    """Documents that one run of the schedule keeps."""
    timestamp: str = ""
    """Address of an RFC 3161 server that stamps the manifest every hour; empty for none."""


class RetentionConfig(Strict):
    """Days after which a kind of data is deleted; 0 keeps it."""

    journal: Annotated[int, Field(ge=0)] = 0
    """Every document, with all that hangs on it."""
    comments: Annotated[int, Field(ge=0)] = 0
    nicknames: Annotated[int, Field(ge=0)] = 0
    """Names of those who post and comment are masked, their documents stay."""
    evidence: Annotated[int, Field(ge=0)] = 0
    """Texts, responses and pictures of documents that are on no hold any more."""
    logs: Annotated[int, Field(ge=0)] = 0
    raw: Annotated[int, Field(ge=0)] = 0
    messages: Annotated[int, Field(ge=0)] = 0
    runs: Annotated[int, Field(ge=0)] = 0


def _clock(text: str) -> str:
    if text and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{text!r} is no time of day: write 18:00")
    return text


def _hours(text: str) -> str:
    begin, dash, end = text.partition("-")
    if text and not (dash and begin and end and _clock(begin) and _clock(end) and begin != end):
        raise ValueError(f"{text!r} are no hours: write 23:00-07:00")
    return text


class AlertsConfig(Strict):
    storm: Annotated[int, Field(ge=2)] = 5
    """Keys that alarm at one check from which on they are told as one digest."""
    quiet_hours: Annotated[str, AfterValidator(_hours)] = ""
    """``23:00-07:00``, Chinese time: only critical alarms are told then, the others in a digest after."""
    digest: Annotated[str, AfterValidator(_clock)] = "09:00"
    """Time of day at which single complaints about watched parties are told together."""
    all_calm: Annotated[str, AfterValidator(_clock)] = ""
    """Time of day at which is told that nothing is firing; empty for never."""


class EscalationConfig(Strict):
    after_minutes: Annotated[int, Field(ge=1)] = 15
    """Minutes after which an alarm that nobody claims is told to the next of :attr:`to`."""
    to: tuple[str, ...] = ()
    """Names of ``delivery.toml``, one after another; empty: nothing is told again."""


class CanaryConfig(Strict):
    at: str = "wed 10:00"
    """``wed 10:00``, ``10:00`` or the five fields of cron, Chinese time; empty for never."""
    within_minutes: Annotated[int, Field(ge=1)] = 60
    """Minutes after which a trial post that a channel did not take is told to the other channels."""


def _outside(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or "?" in text:
        raise ValueError(f"{text!r} is no address of a console: write https://desk.example.org")
    if _is_here(parts.hostname):
        raise ValueError(
            f"{parts.hostname} leads each reader to their own machine: write a name that others reach"
        )
    return text.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address of a proxy: write 10.0.0.2 or 10.0.0.0/24") from None
    return text


class ServeConfig(Strict):
    public_url: Annotated[str, AfterValidator(_outside)] = ""
    """Address under which others reach the console: messages and mails of reports link there, or nowhere."""
    proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.1", "::1")
    """Addresses or networks of proxies whose word is taken for who asks, and whether over TLS."""
    reads_per_minute: Annotated[int, Field(ge=1)] = 600
    """Questions that a token, or an account, may put to the API where it listens beyond this machine."""
    reads_per_minute_here: Annotated[int, Field(ge=1)] = 12_000
    """The same for everybody on this machine together, where it listens here alone."""

    def link(self, *path: str) -> str:
        """The address of a page by the parts of its path; nothing where nobody else reaches the console."""
        parts = (self.public_url, *(quote(part, safe="") for part in path))
        return "/".join(parts) if self.public_url else ""


class ReportConfig(Strict):
    title: str = ""
    subject: str = "直播带货"
    issuer: str = ""
    """Issuer of editions, as their cover prints it; an outline may name another."""
    formats: tuple[str, ...] = ("html", "md", "json")
    send_empty: bool = True
    """True: a report with nothing to say is sent as one line that says so; False: it is not sent."""


class Config(Strict):
    """Everything that ``fengping.toml`` may say."""

    store: str = "tantivy:var/index"
    state: str = "sqlite:var/state.db"
    journal: str = "file:var/journal"
    """``file:PATH``, or ``kafka://host:9092,host:9092/topic`` (``kafka+ssl://``) that machines share."""
    kafka: KafkaConfig = KafkaConfig()
    elasticsearch: ElasticsearchConfig = ElasticsearchConfig()
    crawl: CrawlConfig = CrawlConfig()
    analysis: AnalysisConfig = AnalysisConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    alerts: AlertsConfig = AlertsConfig()
    escalation: EscalationConfig = EscalationConfig()
    canary: CanaryConfig = CanaryConfig()
    report: ReportConfig = ReportConfig()
    serve: ServeConfig = ServeConfig()
    backup: BackupConfig = BackupConfig()
    retention: RetentionConfig = RetentionConfig()
    evidence: EvidenceConfig = EvidenceConfig()


def _read(data: dict[str, Any]) -> Config:
    """The tables of the file under the environment, where this may say something: its reader takes longer to
    load than most commands run, so others do without."""
    if not any(name.upper().startswith(_PREFIX) for name in os.environ):
        return Config(**data)
    from fengping.environment import read

    return read(Config, _PREFIX, data)


def _place(error: ValidationError, path: Path) -> str | Place:
    """The variable that says what is wrong, where one does; else the file."""
    keys = takewhile(lambda key: isinstance(key, str), error.errors()[0]["loc"])
    wanted = f"{_PREFIX}{'__'.join(map(str, keys))}".upper()
    return next((name for name in os.environ if name.upper() == wanted), Place(path))


def load_config(path: Path, beside: Path | None = None) -> Config:
    """``fengping.toml`` under the environment; raises :class:`ConfigError` in one sentence.

    Relative paths of models and registries are taken from *beside*, by default the folder of the file.
    """
    data: dict[str, Any] = read_toml(path) if path.exists() else {}
    try:
        config = _read(data)
        return config.model_copy(update={"analysis": config.analysis.beside(beside or path.parent)})
    except ValidationError as error:
        raise ConfigError(explain(error, Config, _place(error, path))) from None
