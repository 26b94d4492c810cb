"""An event is one accused party and one matter: likeness only proposes."""

from __future__ import annotations

from itertools import permutations

import pytest
from tests.events.test_building import grown, partition, post

from fengping import events
from fengping.events.asking import documents_read
from fengping.events.knowing import kin_of
from fengping.home import Home
from fengping.models import Document

JADE = (
    "檀木子直播间卖的和田玉手链送检为石英岩，客服只退款不赔",
    "花两千九在檀木子直播间买和田玉手链，鉴定是石英岩",
    "檀木子和田玉手链鉴定为石英岩，买家要求退一赔三",
)
DOWN = (
    "檀木子直播间的羽绒服充绒量不足，客服只退款不赔",
    "檀木子直播间羽绒服抽检充绒量不足四成，店铺下架",
    "檀木子卖的羽绒服充绒量不到标称的一半，抽检不合格",
)
TAX = (
    "沈听澜偷逃个人所得税，税务局罚款三千万元",
    "沈听澜被税务局罚款三千万元，偷逃个人所得税",
    "税务局通报沈听澜偷逃个人所得税，罚款三千万元",
)
BOTH = "本周两名主播出事：檀木子和田玉手链送检为石英岩，沈听澜偷逃个人所得税被税务局罚款三千万元"


def told(first: int, texts: tuple[str, ...], *accused: str, issues: tuple[str, ...] = ()) -> list[Document]:
    return [
        post(first + n, text, 2.0 * n, hosts=accused, negative_hosts=accused, issues=issues)
        for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3)))[::2])
def test_two_scandals_of_two_hosts_stay_two_though_one_paper_tells_both(
    home: Home, order: tuple[int, ...]
) -> None:
    jade, tax = told(1, JADE, "檀木子", issues=("C03",)), told(11, TAX, "沈听澜", issues=("C14",))
    both = told(21, (BOTH,), "檀木子", "沈听澜", issues=("C03", "C14"))
    batches = [jade, tax, both]
    grown(home, [batches[at] for at in order])
    found = partition(home, [*jade, *tax, *both])
    own = [{one.id for one in part} for part in (jade, tax)]
    assert all(not (event & own[0] and event & own[1]) for event in found)
    assert {frozenset(event - {both[0].id}) for event in found} - {frozenset()} == set(map(frozenset, own))


def test_two_matters_of_one_host_are_two_events(home: Home) -> None:
    jade, down = (told(1, JADE, "檀木子", issues=("C03",)), told(11, DOWN, "檀木子", issues=("C01",)))
    grown(home, [[*jade, *down]])
    assert partition(home, [*jade, *down]) == {frozenset(d.id for d in part) for part in (jade, down)}


def test_a_text_on_two_matters_of_one_host_makes_them_no_one_event(home: Home) -> None:
    jade, down = (told(1, JADE, "檀木子", issues=("C03",)), told(11, DOWN, "檀木子", issues=("C01",)))
    text = "檀木子一周两件事：和田玉手链送检为石英岩，羽绒服抽检充绒量不足四成"
    both = told(21, (text,), "檀木子", issues=("C01", "C03"))
    grown(home, [[*jade, *down], both])
    found = partition(home, [*jade, *down])
    assert found == {frozenset(d.id for d in part) for part in (jade, down)}


@pytest.mark.parametrize(
    ("accused", "texts"),
    [
        ("老周", ("檀木子的房东老周强行断电，直播停播两天", "房东老周断电逼檀木子直播间涨租，停播两天")),
        (
            "石料王",
            ("檀木子起诉供货商石料王以石英岩冒充和田玉", "石料王把石英岩当和田玉供给檀木子"),
        ),
        (
            "檀木子优选",
            ("檀木子优选冒充檀木子卖和田玉手链", "有人冒充檀木子开檀木子优选卖石英岩"),
        ),
    ],
    ids=["a landlord", "a supplier", "an impostor"],
)
def test_a_charge_against_another_is_none_against_the_shop_that_is_its_victim(
    home: Home, accused: str, texts: tuple[str, ...]
) -> None:
    shop = told(1, JADE, "檀木子", issues=("C03",))
    others = [
        post(11 + n, text, 1.0 + n, hosts=("檀木子",), negative_brands=(accused,), issues=("C14",))
        for n, text in enumerate(texts)
    ]
    grown(home, [[*shop, *others]])
    found = partition(home, [*shop, *others])
    own = [{one.id for one in part} for part in (shop, others)]
    assert frozenset(own[0]) in found and all(not (event & own[0] and event & own[1]) for event in found)


def test_a_charge_against_the_brand_is_none_against_the_host(home: Home) -> None:
    host = told(1, JADE, "檀木子", issues=("C03",))
    brand = [
        post(
            11 + n,
            text.replace("檀木子", "云朵甄选"),
            1.0 + n,
            negative_brands=("云朵甄选",),
            issues=("C03",),
        )
        for n, text in enumerate(JADE)
    ]
    grown(home, [[*host, *brand]])
    assert partition(home, [*host, *brand]) == {frozenset(d.id for d in part) for part in (host, brand)}


@pytest.mark.parametrize(("issues", "joined"), [((), True), (("C03",), True), (("C14",), False)])
def test_late_charges_are_of_one_affair_unless_their_classes_differ(
    home: Home, issues: tuple[str, ...], joined: bool
) -> None:
    early = post(1, JADE[0], 0, hosts=("檀木子",), negative_hosts=("檀木子",), issues=("C03",))
    late = "和田玉手链鉴定成石英岩一个月后，檀木子仍未赔付"
    other = post(2, late, 24 * 30, hosts=("檀木子",), negative_hosts=("檀木子",), issues=issues)
    store = grown(home, [[early, other]])
    found = [documents_read(home, store, one.id) for one in events.events_of(home)]
    assert len(found) == 2
    assert [len(kin_of(home, *one)) for one in found] == [joined, joined]
