"""Editions of a home: drafted, reviewed, signed, compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from fengping.errors import UsageError
from fengping.events import asking
from fengping.home import Home
from fengping.progress import Listener, Remark, Step, emit
from fengping.reports import Report, Window
from fengping.reports.archive import CASE as CASE
from fengping.reports.archive import (
    Action,
    Change,
    Edit,
    Edition,
    Editions,
    EditionState,
    apply_edits,
    beyond,
    changes_between,
    changes_something,
    keys_of,
    own_cases,
    person_of,
    sentences_of,
    targets_of,
    unsealed,
)
from fengping.reports.document import Offer
from fengping.reports.output import TASK
from fengping.reports.render.json import render_json
from fengping.reports.windows import as_of
from fengping.reports.wording import Text
from fengping.services import evidence
from fengping.services.edition_files import (
    check_whole,
    drafted_report,
    missing_formats,
    print_edition,
    read_json,
    sha,
    wanted_of,
    wishes,
)
from fengping.services.edition_reviewing import no_case
from fengping.services.edition_sending import send as send
from fengping.services.edition_standing import OPEN, check_seen, check_unmoved
from fengping.services.edition_standing import mark as mark
from fengping.services.edition_standing import moved as moved
from fengping.services.report import Wanted, build, kind_of, reference_of, series_for

FORMATS = ("html", "pdf", "docx", "xlsx", "json")


def draft(
    home: Home,
    wanted: Wanted,
    now: datetime,
    formats: Sequence[str] = (),
    *,
    window: Window | None = None,
    show: Listener = emit,
) -> Edition:
    """A new edition; a reviewer's changes of the same series hold in it, and what changed is listed.

    Without *formats* those of its outline are made, or all. *window* gives its days in place of those of
    *wanted*. A format that cannot be made is told by *show*.
    """
    archive = Editions(home)
    show(Step(TASK, note="counting"))
    given = kind_of(home, wanted)[0]
    formats = formats or given.formats or FORMATS
    made = build(home, wanted, now, window=window)
    series = series_for(archive, made, wanted)
    if added := _added(archive.edits(series)):
        made = replace(made, offers=_offers(home, wanted, made, added, now))
    evidence.want_cases(home, made, now)
    revision = archive.next_revision(series)
    edition = Edition(
        f"{series}-{revision}", series, revision, made.title,
        given.issuer or home.config.report.issuer, now, "", "", EditionState.DRAFT,
        "", None, "", None, None, False, wishes(wanted, formats, made.window), (),
    )  # fmt: skip
    printed, missing = print_edition(
        archive,
        edition,
        made,
        archive.edits(series),
        formats,
        reference=reference_of(home, wanted),
        show=show,
    )
    archive.add(printed)
    for name, error in missing.items():
        show(Remark(f"{edition.number} has no {name.upper()} and cannot be signed without: {error}"))
    return archive.find(edition.number)


def redraft(home: Home, number: str, now: datetime, *, show: Listener = emit) -> Edition:
    """A new edition of the same days and wishes as *number*."""
    archive = Editions(home)
    edition = archive.find(number)
    window = as_of(drafted_report(archive, edition).window, now)
    return draft(home, wanted_of(edition), now, edition.wanted["formats"], window=window, show=show)


def edit(
    home: Home,
    number: str,
    action: Action,
    target: str,
    text: str,
    by: str,
    now: datetime,
    *,
    formats: Sequence[str] = (),
    as_drafted: bool = False,
    seen: str = "",
) -> Edition:
    """Changes a draft; raises :class:`UsageError` for what it does not hold, what would change nothing,
    unless it is to stay *as_drafted*, for data that moved on, and where its mark is not the one *seen*.

    With *formats* only these are written at once; files of others go, and come back when it is reviewed or
    sent, so that no stale one is ever handed over.
    """
    archive = Editions(home)
    edition, made = _open(archive, number)
    check_seen(archive, edition, seen)
    if not as_drafted:
        check_unmoved(home, edition, made, now)
    if action is Action.ADD and target.startswith(CASE) and target not in own_cases(made):
        made, target = _with_offer(home, edition, made, target.removeprefix(CASE), now)
    wished = Edit(action, target, text, person_of(by), now)
    _check(archive, edition, made, wished)
    edits = [*archive.edits_in(edition), wished]
    archive.save(_printed(archive, edition, made, edits, formats), edition, wished)
    return archive.find(number)


def _check(archive: Editions, edition: Edition, made: Report, wished: Edit) -> None:
    """Refuses a change that cannot be made, or would change nothing."""
    number, target = edition.number, wished.target
    known = {key for key, _ in keys_of(made)} | {f"fact:{id}" for id in made.facts}
    if target not in known:
        raise UsageError(
            f"{number} holds no {target!r}.", remedy=f"fengping edition show {number} lists the keys."
        )
    whole = wished.action is Action.ADD and target in {offer.key for offer in made.offers}
    if wished.action is not Action.STRIKE and not wished.text.strip() and not whole:
        raise UsageError("The new words are missing.", remedy="Give them with --text.")
    if wished.action is Action.STRIKE and made.kind.endswith(f"-{target.removeprefix('case:')}"):
        raise UsageError(
            f"{number} is about this event, which cannot be struck from it.", remedy="Strike its sentences."
        )
    if not changes_something(made, archive.edits_in(edition), wished):
        raise UsageError(
            f"{wished.action.value} {target} would change nothing in {number}: a case and a figure of a table"
            " are struck, not reworded, and what is struck stays so.",
            remedy=f"fengping edition show {number} lists sentences that can be changed.",
        )


def undo_edit(home: Home, number: str, *, formats: Sequence[str] = (), seen: str = "") -> Edition:
    """Takes back the latest change of a draft's series; raises and writes as :func:`edit`."""
    archive = Editions(home)
    edition, made = _open(archive, number)
    made_so_far = archive.edits_in(edition)
    if edition.redacts and not made_so_far:
        raise UsageError("Nothing of this report was changed.")
    check_seen(archive, edition, seen)
    signed = [one.signed_at for one in archive.all() if one.series == edition.series and one.signed_at]
    if made_so_far and signed and made_so_far[-1].at <= max(signed):
        raise UsageError(
            "The latest change stands in a signed edition and is not taken back.",
            remedy="Change the sentence anew, or add one after it.",
        )
    kept = made_so_far[:-1]
    # The last change gone, all files are written: a review completes only what changes took away.
    archive.save(_printed(archive, edition, made, kept, formats if kept else ()), edition, undo=True)
    return archive.find(number)


def edits(home: Home, number: str) -> list[Edit]:
    """A reviewer's changes that hold in an edition and its series, in the order of their making."""
    archive = Editions(home)
    edition = archive.find(number)
    until = edition.signed_at
    return [one for one in archive.edits(edition.series) if until is None or one.at <= until]


def passed_over(home: Home, number: str) -> list[Edit]:
    """A reviewer's changes of the series that find nothing to change in this edition."""
    archive = Editions(home)
    edition = archive.find(number)
    if edition.state not in OPEN or edition.sealed:
        return []
    return list(apply_edits(drafted_report(archive, edition), archive.edits_in(edition)).passed)


def _added(edits: Sequence[Edit]) -> list[str]:
    """Events that changes add as cases, or say something after."""
    targets = dict.fromkeys(targets_of(edits, Action.ADD))
    return [target.removeprefix(CASE) for target in targets if target.startswith(CASE)]


def _offers(
    home: Home, wanted: Wanted, made: Report, events: Sequence[str], now: datetime
) -> tuple[Offer, ...]:
    """The cases of *events* in the days and the scope of a report, its own left out."""
    own = own_cases(made)
    new = [id for id in events if f"{CASE}{id}" not in own]
    return build(home, wanted, now, window=made.window, offered=new).offers if new else ()


def _with_offer(home: Home, edition: Edition, made: Report, event: str, now: datetime) -> tuple[Report, str]:
    """The drafted report with the case of one more event, and its key; raises :class:`UsageError` for an
    event of which nobody complains in the report's days and scope."""
    id = asking.find(home, event).id
    key = f"{CASE}{id}"
    found = _offers(home, wanted_of(edition), made, [id], now)
    if not found:
        raise no_case(home, edition.number, made, id)
    evidence.want_cases(home, replace(made, blocks=(), offers=found), now)
    return replace(made, offers=(*(one for one in made.offers if one.key != key), *found)), key


def keys(home: Home, number: str) -> list[tuple[str, str]]:
    """Keys and sentences of an edition as it was drafted, before a reviewer's changes."""
    archive = Editions(home)
    return list(keys_of(_shown(archive, unsealed(archive.find(number)))))


def sentences(home: Home, number: str) -> list[tuple[str, Text]]:
    """The same with the figures of each sentence, which know what they were counted from."""
    archive = Editions(home)
    return list(sentences_of(_shown(archive, unsealed(archive.find(number)))))


def _shown(archive: Editions, edition: Edition) -> Report:
    """The drafted report, with those offered cases alone that a change adds."""
    made = drafted_report(archive, edition)
    added = {f"{CASE}{event}" for event in _added(archive.edits_in(edition))}
    return replace(made, offers=tuple(offer for offer in made.offers if offer.key in added))


def _open(archive: Editions, number: str) -> tuple[Edition, Report]:
    """A draft that may be changed, and the report as it was drafted."""
    edition = unsealed(archive.find(number))
    if edition.state not in OPEN:
        raise UsageError(
            f"{number} is {edition.state.value} and is not changed.", remedy="Draft a revised edition."
        )
    return edition, drafted_report(archive, edition)


def _printed(
    archive: Editions,
    edition: Edition,
    made: Report,
    edits: Sequence[Edit],
    formats: Sequence[str],
    show: Listener = emit,
) -> Edition:
    """A draft again, printed: who reviewed before has not seen it."""
    fresh = replace(
        edition, state=EditionState.DRAFT, reviewed_by="", reviewed_at=None, signed_by="", signed_at=None
    )
    kept = [name for name in edition.wanted["formats"] if not formats or name in formats]
    return print_edition(archive, fresh, made, edits, kept, show=show)[0]


def advance(
    home: Home,
    number: str,
    to: EditionState,
    by: str,
    now: datetime,
    *,
    show: Listener = emit,
    seen: str = "",
    as_drafted: bool = True,
) -> Edition:
    """Reviewed or signed, and printed as such; an edition whose file is not the one drafted is refused, one
    whose mark is not the one *seen*, and, unless it may stay *as_drafted*, one whose data moved on."""
    archive = Editions(home)
    was, edition = archive.find(number), archive.advanced(number, to, by, now)
    check_seen(archive, was, seen)
    check_whole(archive, was)
    made, changes = drafted_report(archive, edition), archive.edits_in(edition)
    if not as_drafted:
        check_unmoved(home, edition, made, now)
    if sha(render_json(apply_edits(made, changes).report)) != edition.hash:
        archive.save(_printed(archive, edition, made, changes, (), show), was)
        raise UsageError(
            f"{number} was printed anew with changes made since, in another draft or by a new version.",
            remedy="Read it again, then review it.",
        )
    printed, missing = print_edition(archive, edition, made, changes, edition.wanted["formats"], show=show)
    archive.save(printed, was)
    for name, error in missing.items():
        show(Remark(f"{number} has no {name.upper()} and cannot be signed without: {error}"))
    return archive.find(number)


def diff(home: Home, first: str, second: str) -> list[Change]:
    """Differences between two editions."""
    archive = Editions(home)
    one, other = (read_json(archive, unsealed(archive.find(number)).number) for number in (first, second))
    return changes_between(one, other)


def left_out(home: Home, first: str, second: str) -> tuple[int, list[str]]:
    """Reckoned figures that differ and :func:`diff` does not list; changes that found nothing in *second*."""
    archive = Editions(home)
    one, other = (read_json(archive, unsealed(archive.find(number)).number) for number in (first, second))
    return beyond(one, other), other.get("edition", {}).get("passed_over", [])


def missing(home: Home, number: str) -> tuple[str, ...]:
    """Formats that an edition was to have and has not."""
    archive = Editions(home)
    return missing_formats(archive, archive.find(number))
