"""Spread, diagnosis, advice, channels, official counts: each sentence beside a count, of none to enough."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.reports.printing import in_form
from tests.reports.test_report_cases import charge, made_of
from tests.reports.test_report_truth import NOW, WINDOW, build, daily, headings, post, spoken, table

from fengping import events, reports
from fengping.clock import day_of
from fengping.errors import UsageError
from fengping.home import Home
from fengping.indexer import Filter, Sort, open_store
from fengping.models import Document, Engagement
from fengping.reports import Coverage, Report, Scope
from fengping.reports.building import read_official
from fengping.reports.chapters import TIERS, Official, topic_texts
from fengping.reports.document import Heading, Paragraph
from fengping.reports.numbers import exact
from fengping.reports.render import read_previous
from fengping.reports.wording import Text, figures, plain

TIER_OF = ("central", "provincial", "market", "association", "platform", "self", "others")
DAYS = WINDOW.days
HALF = len(DAYS) // 2


def chapter(report: Report, title: str) -> list[Text]:
    """Texts of the chapter whose heading ends with *title*."""
    inside, found = False, []
    for block in report.blocks:
        if isinstance(block, Heading) and block.level == 2:
            inside = block.text.endswith(title)
        elif inside and isinstance(block, Paragraph):
            found.append(block.text)
    return found


def said(report: Report, title: str) -> str:
    return "\n".join(map(plain, chapter(report, title)))


def posted(key: str, **about: object) -> Document:
    return post(key, f"第{key}件买来就坏了", **about)  # type: ignore[arg-type]


# Spread


def spreading(originals: int, copies: int) -> list[Document]:
    """Negatives of seven tiers, four regions and twelve accounts; every third shows its engagement."""
    found = []
    for n in range(originals):
        one = posted(f"o{n}", author=f"account{n % 12}", day=n / 3, site=("样本网", "样本报")[n % 5 == 0])
        shown = Engagement(likes=n, comments=2) if n % 3 == 0 else Engagement()
        region = ("", "甲省", "乙省", "丙省")[n % 4]
        raw = replace(one.raw, engagement=shown, region=region)
        found.append(replace(one, raw=raw, tier=TIER_OF[min(n % 9, 6)]))
    for n in range(copies):
        one = posted(f"k{n}", author="account0", day=12 + n / 9, site="样本网")
        found.append(replace(one, group=found[0].group, first_in_group=False, tier="others"))
    return found


@pytest.mark.parametrize("number", [0, 1, 29])
def test_no_spread_is_told_of_few_negatives(number: int) -> None:
    made = build(spreading(number, 0))
    assert not [h for h in headings(made) if "传播情况" in h]


def test_the_spread_is_told_by_counts_that_a_plain_count_gives() -> None:
    documents = spreading(33, 7)
    text = said(build(documents), "传播情况")
    assert "“消费维权”类信息中，转载占17.50%（n=40）。" in text
    accounts = Counter(d.raw.author_id for d in documents)
    top = sum(n for _, n in accounts.most_common(10))
    assert f"发布吐槽类信息最多的10个账号共发布{top}条，占{top / 40:.2%}（n=40）。" in text
    tiers = Counter(d.tier for d in documents)
    told = re.search(r"按发布级别，(.*?)。", text)
    assert told and told[1].endswith("等")
    items = re.findall(r"([^、，]+?)(\d+)条", told[1])
    assert Counter({name: int(n) for name, n in items}) == Counter(
        {TIERS[tier]: n for tier, n in tiers.items() if TIERS[tier] in dict(items)}
    )
    assert sorted((int(n) for _, n in items), reverse=True) == sorted(tiers.values(), reverse=True)[:6]
    regions = Counter(d.raw.region for d in documents if d.raw.region)
    told = re.search(r"已标明地区的吐槽类信息中，(.*?)。", text)
    assert told
    assert {name: int(n) for name, n in re.findall(r"([^、，]+?)(\d+)条", told[1])} == regions
    shown = [d.raw.engagement for d in documents if d.raw.engagement.likes is not None]
    whole = sum((e.likes or 0) + (e.comments or 0) for e in shown)
    assert f"载明互动量的吐槽类信息{len(shown)}条，点赞、评论合计{whole}次" in text


def test_the_sites_that_wrote_first_are_those_of_first_texts_and_share_nothing_of_a_few() -> None:
    for originals, share in ((33, True), (28, False)):
        documents = spreading(originals, 7)
        rows = table(build(documents), "首发站点")
        assert rows
        first = Counter(d.raw.site for d in documents if d.first_in_group)
        assert {row[0].value: row[1].value for row in rows.rows} == first
        assert (len(rows.columns) == 3) is share


# An event of a few documents


@pytest.mark.parametrize("copies", [0, 2])
def test_the_dossier_of_a_small_event_lists_who_published_first_in_counts_without_shares(
    copies: int, home: Home
) -> None:
    charges = [charge(str(n), "林小禾", 5 + n, site=("", "样本网")[n % 2]) for n in range(4)]
    again = [
        replace(
            charge(f"9{n}", "林小禾", 10 + n, site="样本报"), group=charges[0].group, first_in_group=False
        )
        for n in range(copies)
    ]
    made_of(home, [*charges, *again])
    [event] = events.events_of(home)
    store = open_store(home)
    kind = reports.find_kind("event")
    window = reports.window_of(kind, "2024-10-20", "2024-11-16", NOW)
    scope = Scope(where={"event": (event.id,)}, consumer=False)
    made = reports.build(store, kind, window, home=home, scope=scope, focus=event.id)
    documents = list(store.search(Filter(where={"event": (event.id,)}), limit=99, sort=Sort.OLDEST).documents)
    store.close()
    text = said(made, "传播情况")
    repeated = sum(not d.first_in_group for d in documents)
    assert f"事件信息{len(documents)}条，" in text
    assert (f"其中转载{repeated}条。" if repeated else "未见转载。") in text
    assert "%" not in text and "占比" not in text
    rows = table(made, "首发主体")
    assert rows
    who = [(d.raw.site, "" if d.raw.site else d.raw.author_id) for d in documents]
    order = list(dict.fromkeys(who))
    assert [row[3].value for row in rows.rows] == [who.count(one) for one in order]
    assert [row[4].value for row in rows.rows] == [
        sum(not d.first_in_group for d, w in zip(documents, who, strict=True) if w == one) for one in order
    ]
    assert sum(int(row[3].value or 0) for row in rows.rows) == len(documents)
    assert [row[0].value for row in rows.rows] == sorted(row[0].value for row in rows.rows)
    assert not [row for row in rows.rows if "a9" in plain(row[1].text) or "ac" in plain(row[1].text)]


# Diagnosis


def steady(early: int, late: int, *, left: Sequence[int] = ()) -> list[Document]:
    """So many of a class on each day of the first half and of the second; none on the days *left* out."""
    return [
        posted(f"{day}-{n}", day=day + n / 50, issues=("C08",))
        for day in range(len(DAYS))
        if day not in left
        for n in range(early if day < HALF else late)
    ]


@pytest.mark.parametrize(("early", "late"), [(0, 0), (0, 1), (4, 4), (1, 1)])
def test_nothing_is_to_be_watched_without_growth_beyond_chance(early: int, late: int) -> None:
    assert not [h for h in headings(build(steady(early, late))) if "苗头" in h]


def test_nothing_is_to_be_watched_of_less_than_thirty() -> None:
    grown = [posted(str(n), day=HALF - 1 + n / 2, issues=("C08",)) for n in range(27)]
    assert not [h for h in headings(build(grown)) if "苗头" in h]


def test_growth_is_told_with_the_means_of_both_halves() -> None:
    text = said(build(steady(1, 4)), "值得警惕的苗头")
    assert text == (
        f"“发货物流”类信息增多的现象值得警惕：监测期后半段日均{exact_of(4)}条，前半段日均{exact_of(1)}条。"
    )


def exact_of(value: int) -> str:
    return exact(Decimal(value))


def test_days_on_which_nothing_was_collected_are_no_calm() -> None:
    left = range(1, HALF - 2)
    missing = Coverage(missing_days=tuple(DAYS[day] for day in left))
    same = steady(4, 4, left=left)
    assert not [h for h in headings(build(same, coverage=missing)) if "苗头" in h]
    text = said(build(steady(1, 4, left=left), coverage=missing), "值得警惕的苗头")
    assert text.endswith(
        f"后半段日均{exact_of(4)}条，前半段日均{exact_of(1)}条（未采集或未收到任何信息的{len(left)}天不计）。"
    )


# Advice


def classed(**counts: int) -> list[Document]:
    return [
        posted(f"{code}-{n}", day=n / 2, issues=(code,)) for code, most in counts.items() for n in range(most)
    ]


@pytest.mark.parametrize("counts", [{}, {"C04": 1}, {"C04": 4, "C08": 4}])
def test_there_is_no_advice_without_a_field_that_enough_complain_of(counts: dict[str, int]) -> None:
    made = build(classed(**counts))
    assert not [h for h in headings(made) if "建议" in h]


def test_each_piece_of_advice_bears_the_count_that_it_rests_on() -> None:
    documents = classed(C04=7, C08=6, C03=5, C05=4)
    opening, *paragraphs = chapter(build(documents), "消费维权舆情应对建议")
    texts = topic_texts()
    counts = Counter(code for d in documents for code in d.judgement.issues)
    leading = ("C04", "C08", "C03")
    assert plain(opening) == (
        "针对监测期内信息较多的"
        + "、".join(f"“{texts[code].name}”（{counts[code]}条）" for code in leading)
        + "问题，提出以下建议。"
    )
    assert len(paragraphs) == 4
    for paragraph, key in zip(paragraphs, ("regulator", "platform", "seller", "consumer"), strict=True):
        assert [figure.fact.id for figure in figures(paragraph)] == [f"issue.{code}" for code in leading]
        for code in leading:
            assert f"就“{texts[code].name}”（{counts[code]}条），{getattr(texts[code], key)}" in plain(
                paragraph
            )
        assert getattr(texts["C05"], key) not in plain(paragraph)


# Channels


def on(weibo: int, news: int, more: int = 0) -> list[Document]:
    found = [posted(f"w{n}", day=n / 9) for n in range(weibo)]
    found += [posted(f"n{n}", day=n / 9, site="样本网") for n in range(news)]
    video = [posted(f"v{n}", day=n / 9) for n in range(more)]
    return [*found, *(replace(d, raw=replace(d.raw, channel="video")) for d in video)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ((0, 0), ""),
        ((1, 0), "信息均来自微博。"),
        ((20, 9), "传播渠道主要有微博、网站。"),
        (
            (30, 15),
            "传播渠道主要有微博、网站。其中，微博信息量最高，占比66.67%（n=45）；其次是网站，占比33.33%（n=45）。",
        ),
        ((20, 20), "传播渠道主要有网站、微博。其中，网站占比50.00%（n=40）；微博占比50.00%（n=40）。"),
        (
            (30, 15, 15),
            "传播渠道主要有微博、网站、视频。其中，微博信息量最高，占比50.00%（n=60）；网站占比25.00%（n=60）；视频占比25.00%（n=60）。",
        ),
    ],
)
def test_channels_are_ranked_only_where_one_has_more_than_the_next(
    counts: tuple[int, ...], told: str
) -> None:
    found = re.search(r"(?:传播渠道主要有|信息均来自).*", spoken(build(on(*counts))))
    # Those with as many stand in either order.
    assert sorted(found[0] if found else "") == sorted(told)


def test_no_channels_are_headed_where_there_is_nothing() -> None:
    assert not [h for h in headings(build([])) if "传播渠道" in h]


# Official counts


def test_official_counts_stand_beside_ours_of_the_same_days() -> None:
    documents = [posted(str(n), day=n) for n in range(10)] + [posted("good", polarity="pos", day=2)]
    first = DAYS[0]
    published = (
        Official("样本平台", first, DAYS[-1], "投诉", 68756),
        Official("样本平台", DAYS[2], DAYS[4], "投诉", 0),
        Official("样本热线", date(2024, 1, 1), date(2024, 1, 31), "举报", 12),
    )
    made = build(documents, official_counts=published)
    rows = table(made, "投诉平台")
    assert rows
    negative = [
        day_of(d.raw.published_at) for d in documents if d.judgement.polarity == "neg" and d.raw.published_at
    ]
    assert [row[4].value for row in rows.rows] == [68756, 0, 12]
    assert [row[5].value for row in rows.rows] == [
        len(negative),
        sum(DAYS[2] <= day <= DAYS[4] for day in negative),
        None,
    ]
    assert "不作换算或相关性判断" in spoken(made)
    assert "公布的起止日不全在监测期内的，不列本报告条数" in plain(rows.note)
    assert not table(build(documents), "投诉平台")


def test_official_counts_that_all_lie_outside_have_none_of_ours() -> None:
    made = build([], official_counts=[Official("样本热线", date(2024, 1, 1), date(2024, 1, 31), "举报", 1)])
    rows = table(made, "投诉平台")
    assert rows and "本报告同期" not in rows.columns


@pytest.mark.parametrize(
    "row", ["某平台,2024-11-11,2024-10-20,投诉,5,", "某平台,2024-10-20,2024-11-11,投诉,-5,"]
)
def test_an_official_count_that_cannot_be_is_refused(row: str, tmp_path: Path) -> None:
    file = tmp_path / "desk.csv"
    file.write_text(f"source,first,last,what,value,url\n{row}\n", "utf-8")
    with pytest.raises(UsageError, match=r"Line 2 of .*desk.csv has a last day before its first, or a count"):
        read_official(file)


# A host of the period before that nobody complains of now


def blamed(host: str, number: int, day: float, author: str = "") -> list[Document]:
    return [
        posted(f"{host}{day}-{n}", host=host, live=True, day=day + n / 2, author=author or f"a{n}")
        for n in range(number)
    ]


def compared(report: Report) -> dict[object, tuple[object, ...]]:
    rows = table(report, "比较1")
    assert rows
    return {row[0].value: tuple(cell.value for cell in row[1:]) for row in rows.rows}


def test_a_host_who_has_vanished_is_compared() -> None:
    then = blamed("林小禾", 20, -364)
    few = blamed("苏一舟", 20, -364, author="one")
    left = [*blamed("丁大勺", 20, -364), *blamed("丁大勺", 1, 3)]
    rows = compared(build([*then, *few, *left, *on(20, 0), *daily(0, -366)]))
    assert rows["主播：林小禾"] == (0, 20, "下降")
    # On the word of one account, or still spoken of by a few: neither named nor gone.
    assert "主播：苏一舟" not in rows and "主播：丁大勺" not in rows


def test_a_host_of_a_few_documents_is_not_said_to_be_fewer() -> None:
    rows = compared(build([*blamed("林小禾", 4, -364), *on(20, 0), *daily(0, -366)]))
    assert rows["主播：林小禾"] == (0, 4, "变化未超出随机波动")


def test_a_host_of_an_earlier_edition_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "earlier.json"
    path.write_bytes(
        in_form(build([*blamed("林小禾", 20, 2), *blamed("苏一舟", 5, 2, author="one")]), "json")
    )
    rows = compared(build([*on(20, 0), *daily(0)], previous=read_previous(path)))
    assert rows["主播：林小禾"] == (0, 20, "下降")
    assert [name for name in rows if str(name).startswith("主播")] == ["主播：林小禾"]
