"""Groups on disk: any order, any batches, any crash, one outcome."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengping.analysis import same_story
from fengping.analysis.reposts.compare import normalise
from fengping.errors import StoreError
from fengping.indexer.groups import grouping
from fengping.indexer.groups.grouping import Groups, Member
from fengping.models import document_id

STORIES = [
    "阮女士在直播间云朵甄选花2999元购买和田玉手链，鉴定证书显示为石英岩，客服只同意退款",
    "主播檀木子带货的羽绒服充绒量不足，检测机构抽检三批次均不合格，店铺已下架全部链接",
    "双十一零点付完尾款发现比现货还贵八十块，找客服补差价被拒，说预售规则以页面为准",
    "直播间抽奖中了手机一直不发货，联系运营被拉黑，平台客服让我找主播，主播让我找平台",
]
START = datetime(2020, 11, 1, tzinfo=UTC)


def member(number: int, content: str, hours: float | None) -> Member:
    at = None if hours is None else START + timedelta(hours=hours)
    return Member(document_id("t", str(number)), content, at)


def corpus(seed: int = 1) -> list[Member]:
    chance = random.Random(seed)
    made = []
    for number in range(60):
        story = chance.choice(STORIES)
        shape = chance.choice(["{}", "转发：{}", "{} http://t.cn/x", "求扩散！{}太气人了", "{}"])
        text = shape.format(story if chance.random() < 0.7 else story[: chance.randint(24, 36)])
        made.append(member(number, text, chance.choice([None, *range(100)])))
    alone = ["".join(chr(chance.randint(0x4E00, 0x9FA0)) for _ in range(30)) for _ in range(10)]
    return made + [member(100 + n, text, n) for n, text in enumerate(alone)]


def outcome(path: Path, batches: Iterable[list[Member]]) -> dict[str, tuple[str, bool]]:
    groups = Groups(path)
    known: dict[str, tuple[str, bool]] = {}
    for batch in batches:
        known |= groups.add(batch)
    groups.close()
    return known


def test_groups_are_stories_and_first_is_the_earliest(tmp_path: Path) -> None:
    members = corpus()
    known = outcome(tmp_path / "g", [members])
    # A beginning within a frame may be too unlike the leader, another beginning: no chain joins them.
    assert len(STORIES) <= len({group for group, _ in known.values()}) - 10 <= len(STORIES) + 2
    alone = {m.content for m in members[60:]}
    for label in {group for group, _ in known.values()}:
        of_group = [m for m in members if known[m.id][0] == label]
        assert label in {m.id for m in of_group}
        assert (
            len({m.content in alone or next(s for s in STORIES if s[8:24] in m.content) for m in of_group})
            == 1
        )
        [first] = [m for m in of_group if known[m.id][1]]
        undated = datetime.max.replace(tzinfo=UTC)
        assert first == min(of_group, key=lambda m: (m.published_at or undated, m.id))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(70)), size=st.integers(1, 70), again=st.booleans())
def test_any_order_and_batches_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], size: int, again: bool
) -> None:
    members = corpus()
    shuffled = [members[n] for n in order]
    batches = [shuffled[n : n + size] for n in range(0, len(shuffled), size)]
    expected = outcome(tmp_path_factory.mktemp("a") / "g", [members])
    assert outcome(tmp_path_factory.mktemp("b") / "g", batches + batches * again) == expected


def test_opened_again_it_goes_on(tmp_path: Path) -> None:
    members = corpus()
    expected = outcome(tmp_path / "whole", [members])
    known: dict[str, tuple[str, bool]] = {}
    for n in range(0, len(members), 9):
        known |= outcome(tmp_path / "pieces", [members[n : n + 9]])
    assert known == expected


@pytest.mark.parametrize(
    ("name", "torn"), [("documents.bin", 5), ("documents.bin", 28), ("text.bin", 3), ("text.bin", 200)]
)
def test_a_torn_end_is_cut_off_and_comes_again(tmp_path: Path, name: str, torn: int) -> None:
    members = corpus()
    expected = outcome(tmp_path / "whole", [members])
    outcome(tmp_path / "torn", [members])
    file = tmp_path / "torn" / name
    file.write_bytes(file.read_bytes()[:-torn])
    assert outcome(tmp_path / "torn", [members]) == expected


def test_pages_that_did_not_reach_the_disk_are_cut_off(tmp_path: Path) -> None:
    members = corpus()
    expected = outcome(tmp_path / "whole", [members])
    outcome(tmp_path / "torn", [members[:40]])
    for name in ("documents.bin", "text.bin"):
        with (tmp_path / "torn" / name).open("ab") as file:
            file.write(bytes(4096))
    known = outcome(tmp_path / "torn", [members[:40], members[40:]])
    assert known == expected


def test_what_was_added_and_told_to_nobody_is_told_when_it_comes_again(tmp_path: Path) -> None:
    members = corpus()
    groups = Groups(tmp_path / "g")
    groups.add(members[:30])
    told = groups.count
    changes = groups.add(members[30:])
    assert changes.keys() - {m.id for m in members[30:]}
    groups.close()
    again = Groups(tmp_path / "g", told)
    assert again.add(members[30:]) == changes
    again.close()


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 torn", bytes(5000)])
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    texts = ["".join(chr(0x4E00 + (37 * n + k * k) % 9000) for k in range(12)) for n in range(1500)]
    members = [member(n, text, n) for n, text in enumerate(texts)]
    outcome(tmp_path / "g", [members])
    cache = tmp_path / "g" / "book.npz"
    assert cache.exists()
    cache.write_bytes(damage)
    expected = outcome(tmp_path / "whole", [members + corpus()])
    assert outcome(tmp_path / "g", [members, corpus()]).items() <= expected.items()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doomed=st.sets(st.integers(0, 69), min_size=1))
def test_without_some_it_is_as_if_they_had_never_been(
    tmp_path_factory: pytest.TempPathFactory, doomed: set[int]
) -> None:
    members, folder = corpus(), tmp_path_factory.mktemp("g")
    groups = Groups(folder / "old")
    known = groups.add([*members, member(0, STORIES[1], 3)])
    gone = {members[n].id for n in doomed}
    fresh, changed = groups.without(gone, folder / "new")
    kept = [m for m in [*members, member(0, STORIES[1], 3)] if m.id not in gone]
    expected = outcome(folder / "never", [kept])
    assert fresh.add(kept) == expected
    fresh.close()
    before = {id: state for id, state in known.items() if id not in gone}
    assert changed == {id: state for id, state in expected.items() if before[id] != state}
    for m in members:
        codes = normalise(m.content).tobytes()
        stays = any(codes in normalise(other.content).tobytes() for other in kept)
        assert stays or codes not in (folder / "new" / "text.bin").read_bytes()


def test_a_new_version_stays_with_the_old(tmp_path: Path) -> None:
    first, other = member(1, STORIES[0], 5), member(2, STORIES[0] + "转", 6)
    known = outcome(tmp_path / "g", [[first, other], [member(1, STORIES[1], 5)], [member(3, STORIES[1], 1)]])
    assert known[first.id] == (first.id, True)
    assert known[other.id] == (first.id, False)
    assert known[member(3, "", None).id] == (member(3, "", None).id, True)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), size=st.integers(1, 70))
def test_of_several_versions_the_first_that_tells_decides_and_the_order_of_the_others_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, seed: int, size: int
) -> None:
    chance = random.Random(seed)
    firsts = corpus()
    chance.shuffle(firsts)
    later = [
        Member(one.id, chance.choice([*STORIES, one.content, "假货"]), one.published_at)
        for one in chance.choices(firsts, k=60)
    ]
    expected = outcome(tmp_path_factory.mktemp("a") / "g", [firsts])
    mixed = list(firsts)
    for version in later:  # somewhere behind the document's first
        behind = next(n for n, one in enumerate(mixed) if one.id == version.id)
        mixed.insert(chance.randint(behind + 1, len(mixed)), version)
    batches = [mixed[n : n + size] for n in range(0, len(mixed), size)]
    assert outcome(tmp_path_factory.mktemp("b") / "g", batches) == expected


def test_a_version_too_short_to_tell_anything_goes_with_the_first_that_does(tmp_path: Path) -> None:
    stub, whole = member(1, "假货", 1), member(1, STORIES[0], 1)
    known = outcome(tmp_path / "g", [[stub, member(2, STORIES[0], 5)], [whole], [member(1, STORIES[1], 1)]])
    assert known == {stub.id: (stub.id, True), member(2, "", None).id: (stub.id, False)}


def chained(length: int) -> list[Member]:
    """Each text shares three quarters with the next one, and the last ones nothing with the first."""
    chance = random.Random(9)
    long = "".join(chr(chance.randint(0x4E00, 0x8000)) for _ in range(10 * length + 40))
    return [member(n, long[10 * n : 10 * n + 40], n) for n in range(length)]


def test_a_chain_of_neighbours_is_no_group(tmp_path: Path) -> None:
    members = chained(12)
    known = outcome(tmp_path / "g", [members])
    assert len({group for group, _ in known.values()}) > 3
    for one in members:
        leader = next(m for m in members if m.id == known[one.id][0])
        assert leader is one or same_story(leader.content, one.content)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(40)), size=st.integers(1, 40))
def test_chains_come_apart_alike_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], size: int
) -> None:
    base = chained(30)
    members = [*base, *(member(100 + n, base[3 * n].content, n * 1.5) for n in range(10))]
    shuffled = [members[n] for n in order]
    expected = outcome(tmp_path_factory.mktemp("a") / "g", [members])
    batches = [shuffled[n : n + size] for n in range(0, len(shuffled), size)]
    assert outcome(tmp_path_factory.mktemp("b") / "g", batches) == expected


def test_short_texts_are_alone(tmp_path: Path) -> None:
    known = outcome(tmp_path / "g", [[member(n, "转发微博", n) for n in range(3)]])
    assert sorted(known.values()) == sorted((id, True) for id in known)


def test_another_comparison_is_refused_with_the_remedy(tmp_path: Path) -> None:
    outcome(tmp_path / "g", [corpus()])
    (tmp_path / "g" / "version").write_text("reposts-0")
    with pytest.raises(StoreError, match="fengping reindex"):
        Groups(tmp_path / "g")


def test_many_documents_outgrow_the_first_arrays(tmp_path: Path) -> None:
    chance = random.Random(2)
    texts = ["".join(chr(chance.randint(0x4E00, 0x9FA0)) for _ in range(12)) for _ in range(5000)]
    members = [member(n, text, n) for n, text in enumerate(texts + texts[:1000])]
    whole = outcome(tmp_path / "a", [members])
    assert len({group for group, _ in whole.values()}) == len(texts)
    assert outcome(tmp_path / "b", [members[:4000], members[4000:]]) == whole
    assert outcome(tmp_path / "a", [members[:10]]).items() <= whole.items()


def test_arrays_mapped_from_disk_give_the_same_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [
        member(number, f"{number}号{STORIES[number % 4][number % 7 :]}", number) for number in range(5_000)
    ]
    wanted = outcome(tmp_path / "memory", [many[:2_500], many[2_500:]])
    monkeypatch.setattr(grouping, "_MAPPED", 0)
    assert outcome(tmp_path / "disk", [many[:2_500], many[2_500:]]) == wanted
    assert (tmp_path / "disk" / "book.npz").exists()
    assert outcome(tmp_path / "disk", [many]) == wanted, "out of the cache, and nothing left behind"
    assert {file.name for file in (tmp_path / "disk").iterdir()} == {
        "book.npz", "documents.bin", "log", "text.bin", "version",
    }  # fmt: skip


def test_a_set_phrase_that_many_leaders_share_hides_none_of_them(tmp_path: Path) -> None:
    """Leaders of a common run stand in blocks: each is found by its own words, also out of the cache."""
    chance = random.Random(5)

    def words(count: int) -> str:
        return "".join(chr(chance.randint(0x4E00, 0x9FA0)) for _ in range(count))

    phrases = [words(10) for _ in range(3)]
    bodies = [words(80) for _ in range(1_500)]
    leaders = [
        member(n, f"{phrases[n % 3]}，{body}，{phrases[(n + 1) % 3]}", n) for n, body in enumerate(bodies)
    ]
    followers = [member(5_000 + n, f"转：{one.content}呢", 5_000 + n) for n, one in enumerate(leaders[::7])]
    every = [*leaders, *followers]
    whole = outcome(tmp_path / "a", [every])
    assert [whole[one.id] for one in leaders] == [(one.id, True) for one in leaders]
    assert [whole[one.id] for one in followers] == [(one.id, False) for one in leaders[::7]]
    outcome(tmp_path / "b", [leaders[:1_300]])
    assert (tmp_path / "b" / "book.npz").exists(), "the blocks are in it"
    rest = [leaders[1_300:], followers[:100], followers[100:]]
    assert outcome(tmp_path / "b", rest).items() <= whole.items()
    chance.shuffle(every)
    assert outcome(tmp_path / "c", [every[:700], every[700:]]) == whole
