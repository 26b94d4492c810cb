"""Cases: the repost groups that most publishers carry, quoted, with the answer where one is found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from fengping.indexer import Filter, Sort, Store
from fengping.indexer.search.query.tree import Or, Term
from fengping.models import Channel, Document
from fengping.reports.facts import quoting
from fengping.reports.facts.model import Case, Quote, Window
from fengping.reports.facts.quoting import reference, where_published
from fengping.reports.wording import Fact, Query, clean

MAX_CASES = 6
MAX_LEADS = 8
POOL = 40
"""Largest groups looked at over all hosts, and five more for each of the leading ones."""
SEARCHED_HOSTS = 10
READ = 200
"""Documents of one group that are read for publishers and engagement."""
ANSWER_DAYS = 30
"""Days after the window in which an answer is still sought: the accused often answer the report itself."""

EDITED = {Channel.NEWS, Channel.CLIENT}
"""Channels where the site, not the writer, is the publisher."""


class CaseFinder:
    """Finds and ranks the cases of one window."""

    def __init__(self, store: Store, window: Window, min_publishers: int, hosts: Sequence[str]) -> None:
        self.store = store
        self.window = window
        self.min_publishers = min_publishers
        self.hosts = hosts

    def find(self, complaints: Filter) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
        """``cases, leads``: most publishers first, then size, engagement, time."""
        built = [case for group in self._candidates(complaints) if (case := self._build(group, complaints))]
        built.sort(key=_rank)
        cases = [case for case in built if int(case.publishers.value or 0) >= self.min_publishers]
        leads = [case for case in built if int(case.publishers.value or 0) < self.min_publishers]
        return tuple(cases[:MAX_CASES]), tuple(leads[:MAX_LEADS])

    def _candidates(self, complaints: Filter) -> list[str]:
        def largest(names: tuple[str, ...], limit: int) -> list[str]:
            asked = self._within(complaints.where | {"negative_hosts": names})
            return [group for group, _ in self.store.terms(asked, "group", limit=limit)]

        pool = largest(tuple(self.hosts), POOL)
        for host in self.hosts[:SEARCHED_HOSTS]:
            pool += largest((host,), 5)
        return list(dict.fromkeys(pool))

    def _within(self, where: dict[str, tuple[str, ...]]) -> Filter:
        return Filter(since=self.window.since, until=self.window.until, where=where)

    def _build(self, group: str, complaints: Filter) -> Case | None:
        asked = self._within({"group": (group,)})
        found = self.store.search(asked, limit=READ, sort=Sort.OLDEST)
        documents = found.documents
        accusing = [d for d in documents if d.judgement.negative_hosts and d.judgement.polarity == "neg"]
        if not accusing:
            return None
        lead = accusing[0]
        hosts = tuple(dict.fromkeys(h for d in accusing for h in d.judgement.negative_hosts))
        by_publisher: dict[tuple[str, str], Document] = {}
        for document in documents:
            by_publisher.setdefault(publisher(document), document)
        firsts = list(by_publisher.values())
        id = f"case.{group[:12]}"
        documents_fact = Fact(
            f"{id}.documents",
            "同文信息",
            found.total,
            Query("count", asked),
            documents=tuple(reference(d) for d in firsts[:5]),
        )
        return Case(
            group=group,
            hosts=hosts,
            issues=tuple(sorted({code for d in accusing for code in d.judgement.issues})),
            platforms=tuple(sorted({p for d in accusing for p in d.judgement.platforms})),
            documents=documents_fact,
            publishers=_publishers(id, len(firsts), documents_fact, complete=found.total <= READ),
            engagement=_engagement(id, documents, documents_fact),
            opening=Quote(reference(lead), where_published(lead), quoting.excerpt(lead)),
            sources=tuple(
                Quote(reference(d), where_published(d), quoting.shorten(d.raw.title or d.raw.text, 60))
                for d in firsts[:5]
            ),
            notes=quoting.ratio_notes(lead.raw.content),
            response=self._answer(lead, documents, hosts),
            penalty=self._penalty(lead, documents, hosts),
        )

    def _answer(self, lead: Document, group: Sequence[Document], hosts: tuple[str, ...]) -> Quote | None:
        words = ("回应", "致歉", "道歉", "声明", "否认", "澄清", "歉意")
        for document in self._after(lead, group, hosts, words):
            if sentence := _first_in(document, lambda text: quoting.answer_in(text, hosts)):
                return Quote(reference(document), where_published(document), sentence)
        return None

    def _penalty(self, lead: Document, group: Sequence[Document], hosts: tuple[str, ...]) -> Quote | None:
        for document in self._after(lead, group, hosts, ("罚款", "处罚", "被罚", "没收", "吊销", "责令")):
            if sentence := _first_in(document, quoting.penalty_in):
                return Quote(reference(document), where_published(document), sentence)
        return None

    def _after(
        self, lead: Document, group: Sequence[Document], hosts: tuple[str, ...], words: tuple[str, ...]
    ) -> Iterable[Document]:
        """The case's own documents, then later ones of the same hosts that speak of the same matter."""
        yield from group
        asked = Filter(
            text=Or(tuple(Term(word) for word in words)),
            since=lead.raw.published_at,
            until=self.window.until + timedelta(days=ANSWER_DAYS),
            where={"hosts": hosts},
        )
        theme = clean(lead.raw.title) or next(iter(quoting.sentences(lead.raw.text)), "")
        for document in self.store.search(asked, limit=READ, sort=Sort.OLDEST).documents:
            if quoting.same_matter(theme, document.raw.content, hosts):
                yield document


def _first_in(document: Document, find: Callable[[str], str]) -> str:
    """Return the result of *find* in the text, else in the title: the text says more."""
    return find(document.raw.text) or find(document.raw.title)


def publisher(document: Document) -> tuple[str, str]:
    """Name the publisher: the site for edited media, the account elsewhere."""
    raw = document.raw
    site = raw.site or raw.source
    return (site, "") if raw.channel in EDITED else (site, raw.author_id or raw.author)


def _publishers(id: str, found: int, documents: Fact, *, complete: bool) -> Fact:
    label = "独立发布主体" if complete else f"独立发布主体（前{READ}条中，实际不少于此数）"
    formula = f"count distinct(site | site + author) of {documents.id}"
    return Fact(f"{id}.publishers", label, found, Query(formula), "个", basis=(documents,))


def _engagement(id: str, group: Sequence[Document], documents: Fact) -> Fact:
    """Likes, comments and reposts together; no value where no document shows any."""
    shown = [
        value
        for document in group
        for value in (
            document.raw.engagement.likes,
            document.raw.engagement.comments,
            document.raw.engagement.reposts,
        )
        if value is not None
    ]
    formula = f"sum(likes + comments + reposts) of the first {READ} of {documents.id}"
    return Fact(
        f"{id}.engagement", "互动量", sum(shown) if shown else None, Query(formula), "次", basis=(documents,)
    )


def _rank(case: Case) -> tuple[int, int, int, str, str]:
    return (
        -int(case.publishers.value or 0),
        -int(case.documents.value or 0),
        -int(case.engagement.value or 0),
        case.opening.reference.published,
        case.group,
    )
