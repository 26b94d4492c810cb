"""An analyst's corrections: what they change, and that they outlive everything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.meanwhile import during, noted

from fengping.analysis import Judge
from fengping.cli import main
from fengping.home import Home
from fengping.indexer import index_lock, open_journal, open_store
from fengping.indexer.corrections import Correction, apply
from fengping.indexer.pipeline import run as pipeline
from fengping.indexer.search import MemoryStore
from fengping.models import Act, Document, Evidence, Judgement, Polarity, RawDocument, Role, document_id
from fengping.reading import Party, Reading

pytestmark = pytest.mark.slow

NOW = datetime(2020, 11, 12, tzinfo=UTC)
ID = document_id("一")
JUDGED = Judgement(
    snownlp=0.3, negative=0.9, polarity=Polarity.NEG, relevant=True, hosts=("青禾", "山脚"),
    negative_hosts=("青禾",), issues=("C02", "C05"),
    evidence=(
        Evidence("host:青禾", 0, 2, "青禾"),
        Evidence("issue:C02", 3, 5, "刷单"),
        Evidence("polarity:neg", 6, 8, "差"),
    ),
)  # fmt: skip


def correction(**changes: Any) -> Correction:
    return Correction(ID, "甲", NOW, **changes)


class TestApplying:
    def test_what_is_left_empty_stays(self) -> None:
        assert apply(JUDGED, correction()) == JUDGED

    @pytest.mark.parametrize("polarity", [Polarity.NEU, Polarity.POS])
    def test_what_is_not_negative_accuses_nobody(self, polarity: Polarity) -> None:
        corrected = apply(JUDGED, correction(polarity=polarity))
        assert (corrected.polarity, corrected.negative) == (polarity, 0.0)
        assert (corrected.negative_hosts, corrected.issues) == ((), ())
        assert corrected.hosts == JUDGED.hosts
        assert [evidence.label for evidence in corrected.evidence] == ["host:青禾"]
        assert corrected.snownlp == JUDGED.snownlp

    def test_a_negative_is_certain(self) -> None:
        corrected = apply(
            replace(JUDGED, polarity=Polarity.NEU, negative=0.4), correction(polarity=Polarity.NEG)
        )
        assert (corrected.polarity, corrected.negative) == (Polarity.NEG, 1.0)

    def test_hosts_targets_and_classes_come_and_go(self) -> None:
        corrected = apply(
            JUDGED,
            correction(
                remove_hosts=("青禾",), add_hosts=("海边",), add_targets=("山脚",), add_issues=("C07",),
                remove_issues=("C02",), relevant=False,
            ),
        )  # fmt: skip
        assert corrected.hosts == ("山脚", "海边")
        assert corrected.negative_hosts == ("山脚",)
        assert corrected.issues == ("C05", "C07")
        assert corrected.relevant is False
        assert [evidence.label for evidence in corrected.evidence] == ["polarity:neg"]

    def test_act_and_consumer_matter_are_said_by_hand(self) -> None:
        judged = replace(
            JUDGED, act=Act.COMPLAINT, consumer=True,
            evidence=(*JUDGED.evidence, Evidence("act:complaint", 6, 8, "差")),
        )  # fmt: skip
        corrected = apply(judged, correction(act=Act.PROMOTION, consumer=False))
        assert (corrected.act, corrected.consumer) == (Act.PROMOTION, False)
        assert corrected.evidence == JUDGED.evidence
        assert apply(judged, correction()) == judged

    def test_a_target_taken_away_is_still_named(self) -> None:
        corrected = apply(JUDGED, correction(remove_targets=("青禾",)))
        assert (corrected.hosts, corrected.negative_hosts) == (JUDGED.hosts, ())

    def test_whom_a_text_charges_goes_where_each_belongs(self) -> None:
        roles = {"accused": 0.9}
        parties = (Party("青禾优选", "shop", False, ((0, 2),), roles), Party("丁丁", "person", False, (), {}))
        judged = replace(
            JUDGED, accused=("青禾",), parties=("青禾", "青禾优选", "丁丁"), people=("丁丁",),
            negative_brands=(), roles={"青禾": Role.ACCUSED, "丁丁": Role.ACCUSER},
            reading=Reading(0.9, 0.1, 0.0, 0.5, 0.5, parties, (), {}, True),
        )  # fmt: skip
        made = correction(add_accused=("山脚", "青禾优选", "丁丁", "无名"), remove_accused=("青禾",))
        corrected = apply(judged, made)
        assert corrected.accused == ("山脚", "青禾优选", "丁丁", "无名")
        assert (corrected.negative_hosts, corrected.negative_brands) == (("山脚",), ("青禾优选",))
        assert corrected.parties == ("青禾", "青禾优选", "丁丁", "山脚", "无名")
        assert corrected.people == ("丁丁", "无名")
        assert corrected.roles == dict.fromkeys(corrected.accused, Role.ACCUSED)
        assert apply(corrected, made) == corrected
        calm = apply(corrected, correction(polarity=Polarity.NEU))
        assert (calm.accused, calm.negative_hosts, calm.negative_brands, calm.roles) == ((), (), (), {})

    def test_what_no_encoder_read_stays_so_until_somebody_says_more(self) -> None:
        assert apply(JUDGED, correction(polarity=Polarity.NEU)).accused is None
        assert apply(JUDGED, correction(add_targets=("海边",))).accused == ("青禾", "海边")

    def test_a_form_brings_its_kind_and_a_kind_takes_its_forms_away(self) -> None:
        judged = replace(
            JUDGED, signals=("charge", "official", "official.fine"), facets=("私域",),
            evidence=(Evidence("signal:official", 0, 4, "fine"), Evidence("signal:charge", 4, 8, "charge")),
        )  # fmt: skip
        made = correction(
            add_signals=("answer.apologise",), remove_signals=("official",), add_facets=("老年",),
            remove_facets=("私域",),
        )  # fmt: skip
        corrected = apply(judged, made)
        assert corrected.signals == ("charge", "answer", "answer.apologise")
        assert corrected.facets == ("老年",)
        assert [one.label for one in corrected.evidence] == ["signal:charge"]
        assert apply(corrected, made) == corrected

    def test_a_new_target_is_named_as_well(self) -> None:
        assert apply(JUDGED, correction(add_targets=("海边",))).hosts == ("青禾", "山脚", "海边")


_names = st.lists(st.sampled_from("甲乙丙丁"), max_size=3, unique=True).map(tuple)


@given(
    st.builds(
        correction,
        polarity=st.none() | st.sampled_from(Polarity),
        add_hosts=_names, remove_hosts=_names, add_targets=_names, remove_targets=_names,
        add_accused=_names, remove_accused=_names,
    ),
    _names,
)  # fmt: skip
def test_applied_twice_is_applied_once(made: Correction, hosts: tuple[str, ...]) -> None:
    once = apply(replace(JUDGED, hosts=hosts, negative_hosts=hosts[:1]), made)
    assert apply(once, made) == once
    assert set(once.negative_hosts) <= set(once.hosts)


@dataclass(frozen=True)
class Outcome:
    code: int
    out: Any
    said: str


Command = Callable[..., Outcome]


@pytest.fixture
def run(home: Home, capfd: pytest.CaptureFixture[str]) -> Command:
    """Any command on the home, with ``--json``."""

    def run(*arguments: str) -> Outcome:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(home.root), *arguments, "--json"])
        out, err = capfd.readouterr()
        return Outcome(int(ended.value.code or 0), orjson.loads(out) if out else None, " ".join(err.split()))

    return run


@pytest.fixture
def correct(run: Command) -> Command:
    return partial(run, "correct")


HOSTS = """
[[host]]
name = "青禾晚晚"
aliases = ["晚晚子"]
[[host]]
name = "山脚阿岩"
"""


@pytest.fixture
def stored(home: Home) -> Home:
    """A home with one indexed document in a store of its own."""
    home.config_file.write_text('store = "memory:"\n[analysis]\nreader = "off"\n', encoding="utf-8")
    home.hosts.write_text(HOSTS, encoding="utf-8")
    text = "青禾晚晚直播间卖的这批货质量太差，投诉了也不退款，太失望了！"
    with open_journal(home).writer() as writer:
        writer.append(RawDocument(ID, "sample", text, NOW, published_at=NOW))
    reopened = Home.open(home.root)
    pipeline.index(reopened, open_store(reopened), indexed_at=NOW)
    return reopened


def document(home: Home) -> Document:
    [found] = open_store(home).get([ID])
    return found


class TestTheCommand:
    def test_a_correction_is_seen_at_once_and_kept_with_name_and_reason(
        self, correct: Command, stored: Home
    ) -> None:
        outcome = correct(
            ID,
            "--polarity",
            "pos",
            "--not-relevant",
            "--add-host",
            "山脚阿岩",
            "--by",
            "甲",
            "--note",
            "反话",
        )
        assert outcome.code == 0
        assert (outcome.out["polarity"], outcome.out["relevant"]) == ("pos", False)
        found = document(stored)
        assert "山脚阿岩" in found.judgement.hosts
        assert found.corrected_by == "甲"
        [kept] = correct("--list").out
        assert (kept["document_id"], kept["by"], kept["note"], kept["polarity"]) == (ID, "甲", "反话", "pos")
        assert kept["made_at"].endswith("+08:00")

    def test_what_is_an_advertisement_and_no_consumer_matter_is_said_and_measured(
        self, run: Command, correct: Command, stored: Home
    ) -> None:
        judged = document(stored).judgement
        assert (judged.act, judged.consumer) == (Act.COMPLAINT, True)
        outcome = correct(ID, "--not-consumer", "--act", "promotion", "--by", "甲")
        assert (outcome.out["consumer"], outcome.out["act"]) == (False, "promotion")
        pipeline.reindex(stored, open_store(stored), indexed_at=NOW)
        assert document(stored).judgement.act is Act.PROMOTION
        assert [(one["consumer"], one["act"]) for one in correct("--list").out] == [(False, "promotion")]
        found = {figure["name"]: figure["value"] for figure in correct("--agreement").out}
        assert found == {"corrections.consumer.agreement": 0.0, "corrections.act.agreement": 0.0}
        correct(ID, "--undo")
        assert document(stored).judgement == judged

    def test_it_outlives_reindexing_and_a_new_version(self, correct: Command, stored: Home) -> None:
        correct(ID, "--polarity", "pos", "--by", "甲")
        pipeline.reindex(stored, open_store(stored), indexed_at=NOW)
        assert (document(stored).judgement.polarity, document(stored).corrected_by) == (Polarity.POS, "甲")
        later = replace(document(stored).raw, text="后来改过，质量还是差", fetched_at=NOW.replace(hour=1))
        with open_journal(stored).writer() as writer:
            writer.append(later)
        pipeline.index(stored, open_store(stored), indexed_at=NOW)
        assert document(stored).raw.text == later.text
        assert document(stored).judgement.polarity is Polarity.POS

    def test_several_apply_in_the_order_they_were_made(self, correct: Command, stored: Home) -> None:
        correct(ID, "--polarity", "pos", "--by", "甲")
        correct(ID, "--polarity", "neg", "--add-class", "c05", "--by", "乙")
        found = document(stored)
        assert (found.judgement.polarity, found.judgement.issues) == (Polarity.NEG, ("C05",))
        assert found.corrected_by == "乙"

    def test_undone_it_is_judged_as_before(self, correct: Command, stored: Home) -> None:
        before = document(stored)
        correct(ID, "--polarity", "pos", "--remove-host", "青禾晚晚", "--by", "甲")
        correct(ID, "--add-class", "C14", "--by", "乙")
        correct(ID, "--undo", "--by", "丙")
        assert document(stored).judgement.polarity is Polarity.POS
        assert "C14" not in document(stored).judgement.issues
        correct(ID, "--undo", "--by", "丙")
        assert document(stored) == before
        assert [entry["undone_by"] for entry in correct("--list").out] == ["丙", "丙"]

    def test_parties_signals_and_facets_outlive_a_new_reading_and_are_undone(
        self, run: Command, correct: Command, stored: Home
    ) -> None:
        stored.config_file.write_text('store = "memory:"\n', encoding="utf-8")
        before = document(stored)
        outcome = correct(
            ID, "--accuse", "晚晚子", "--accuse", "某羊毛衫厂", "--add-signal", "answer.promise",
            "--not-signal", "charge", "--add-facet", "玉石文玩", "--by", "甲",
        )  # fmt: skip
        assert outcome.code == 0
        expected = (("青禾晚晚", "某羊毛衫厂"), ("玉石文玩",))
        assert (tuple(outcome.out["accused"]), tuple(outcome.out["facets"])) == expected
        assert run("rejudge").code == 0
        found = document(stored).judgement
        assert found.reading is not None
        assert {*expected[0]} <= {*(found.accused or ())} and "玉石文玩" in (found.facets or ())
        assert "answer.promise" in (found.signals or ()) and "charge" not in (found.signals or ())
        assert found.negative_hosts == ("青禾晚晚",)
        correct(ID, "--undo", "--by", "甲")
        after = document(stored).judgement
        assert "某羊毛衫厂" not in (after.parties or ()) and "charge" in (after.signals or ())
        assert after.hosts == before.judgement.hosts

    def test_an_alias_gives_the_canonical_name(self, correct: Command, stored: Home) -> None:
        correct(ID, "--add-target", "晚晚子")
        assert "青禾晚晚" in document(stored).judgement.negative_hosts

    def test_while_the_indexer_is_at_work_it_is_kept_for_it(self, correct: Command, stored: Home) -> None:
        with index_lock(stored):
            assert "the indexer at work puts it into the store" in correct(ID, "--polarity", "pos").said
        assert document(stored).corrected_by == ""
        summary = pipeline.index(stored, open_store(stored), indexed_at=NOW)
        assert summary.corrected == 1
        assert document(stored).judgement.polarity is Polarity.POS
        assert pipeline.index(stored, open_store(stored), indexed_at=NOW).corrected == 0

    def test_one_that_is_undone_while_it_is_shown_is_shown_as_undone(
        self, correct: Command, stored: Home
    ) -> None:
        before = document(stored)
        with index_lock(stored):
            correct(ID, "--polarity", "pos")

        def undo() -> None:
            assert "the indexer at work" in correct(ID, "--undo").said

        store = open_store(stored)
        with during(type(store), "put", undo):
            pipeline.index(stored, store, indexed_at=NOW)
        assert document(stored) == before

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ((), "Missing document ID. fengping search"),
            ((ID,), "Missing changes. Name at least one"),
            (("0" * 32, "--polarity", "neu"), "The store has no document '0000"),
            ((ID, "--add-class", "C99"), "Unknown complaint class 'C99'. Did you mean"),
            ((ID, "--add-host", "查无此人"), "Unknown host '查无此人'."),
            ((ID, "--add-signal", "answer.apologize"), "Did you mean 'answer.apologise'?"),
            ((ID, "--add-facet", "私语"), "Unknown facet '私语'. Did you mean '私域'?"),
            ((ID, "--add-class", "C02", "--not-class", "C02"), "C02 is both added and taken away"),
            ((ID, "--undo"), "No correction of"),
            ((ID, "--undo", "--polarity", "neu"), "--undo cannot be combined with changes"),
        ],
    )
    def test_what_cannot_be_corrected_is_one_sentence(
        self, correct: Command, stored: Home, arguments: tuple[str, ...], sentence: str
    ) -> None:
        outcome = correct(*arguments)
        assert outcome.code == 2
        assert sentence in outcome.said
        assert correct("--list").out == []


def test_the_judge_is_loaded_only_for_what_was_undone(correct: Command, stored: Home) -> None:
    with noted(Judge, "load") as loads:
        correct(ID, "--polarity", "pos")
        assert loads == []
        correct(ID, "--undo")
    assert len(loads) == 1


def test_a_document_stays_in_the_event_that_it_came_into_while_it_was_judged_anew(
    correct: Command, stored: Home
) -> None:
    with during(Judge, "load", lambda: open_store(stored).update({ID: {"event": "e1"}})):
        correct(ID, "--polarity", "pos")
        correct(ID, "--undo")
    assert (document(stored).judgement.polarity, document(stored).event) == (Polarity.NEG, "e1")


def test_a_correction_for_another_store_is_applied_there_by_its_indexer(
    correct: Command, stored: Home
) -> None:
    correct(ID, "--polarity", "pos", "--by", "甲")
    other = MemoryStore()
    pipeline.index(stored, other, indexed_at=NOW)
    assert other.get([ID])[0].judgement.polarity is Polarity.POS


class TestMeasuringAndLearning:
    def test_what_the_judge_says_by_itself_is_measured_against_what_was_said(
        self, run: Command, correct: Command, stored: Home
    ) -> None:
        judged = document(stored).judgement
        assert (judged.polarity, judged.relevant) == (Polarity.NEG, True)
        correct(ID, "--polarity", "neg", "--not-relevant", "--add-host", "山脚阿岩", "--by", "甲")
        correct(ID, "--remove-host", "青禾晚晚", "--add-class", "C14", "--by", "乙")
        outcome = correct("--agreement")
        assert outcome.code == 0
        found = {figure["name"]: (figure["value"], figure["n"]) for figure in outcome.out}
        assert found == {
            "corrections.polarity.agreement": (1.0, 1),
            "corrections.relevant.agreement": (0.0, 1),
            "corrections.hosts.agreement": (0.0, 2),
            "corrections.issues.agreement": (0.0, 1),
        }
        assert {len(figure["data"]) for figure in outcome.out} == {12}
        assert "memory" not in outcome.said

    def test_the_latest_word_counts_and_what_was_undone_does_not(
        self, run: Command, correct: Command, stored: Home
    ) -> None:
        correct(ID, "--polarity", "pos", "--add-class", "C14", "--by", "甲")
        first = correct("--agreement").out
        correct(ID, "--polarity", "neg", "--not-class", "C14", "--by", "乙")
        second = correct("--agreement").out
        assert [figure["value"] for figure in first] == [0.0, 0.0]
        assert [figure["value"] for figure in second] == [1.0, 1.0]
        assert first[0]["data"] != second[0]["data"]
        for _ in range(2):
            correct(ID, "--undo", "--by", "丙")
        assert "no corrections to be measured on. Make one" in correct("--agreement").said

    def test_without_corrections_there_is_nothing_to_compare(self, correct: Command, stored: Home) -> None:
        outcome = correct("--agreement")
        assert (outcome.code, outcome.out) == (2, None)
        assert "This home has no corrections to be measured on." in outcome.said
