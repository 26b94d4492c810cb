"""校正: the random sample worked off page by page, and its accuracy beside the known one."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from lxml import html
from tests.making import document
from tests.web.conftest import NOW, client_of, token_of

from fengping.home import Home
from fengping.indexer import index_lock, open_store
from fengping.models import Act, Document, Polarity
from fengping.services.correct import Changes, correct, listed

LABELS = [
    # As judged, relevant to the machine, as it is; times.
    ("neg", True, "neg", 6), ("neu", True, "neu", 7), ("pos", True, "pos", 3), ("neu", False, "none", 4),
    ("neg", True, "neu", 3), ("neu", True, "neg", 2), ("neg", True, "none", 2), ("pos", False, "pos", 1),
]  # fmt: skip


def population() -> tuple[list[Document], dict[str, str]]:
    """Judged documents, every fourth a repost, with the truth about each; and one in another language."""
    rows = [row[:3] for row in LABELS for _ in range(row[3])]
    found, truth = [], {}
    for n, (judged, relevant, said) in enumerate(rows):
        at, tone = NOW - timedelta(days=n), Polarity(judged)
        one = document(n, at, polarity=tone, relevant=relevant, negative=0.9 if judged == "neg" else 0.5)
        found.append(replace(one, first_in_group=n % 4 > 0))
        truth[one.id] = said
    return [*found, document(500, NOW, "hello", polarity=None, negative=None)], truth


DOCUMENTS, TRUTH = population()
ORDER = sorted(TRUTH)


@pytest.fixture
def sampled(home: Home) -> Home:
    store = open_store(home)
    store.put(DOCUMENTS)
    store.close()
    return home


def shown(page: str) -> str:
    """Id of the document that a page asks about; empty where it asks about none."""
    found = re.search(r'action="/correct">.*?name="document" value="([0-9a-f]{32})"', page)
    return found[1] if found else ""


def links(page: str, key: str) -> str:
    """The address behind a key."""
    [found] = re.findall(f'data-key="{key}" href="([^"]+)"', page)
    return str(found).replace("&amp;", "&")


def answer(client: TestClient, page: str, said: str) -> str:
    """The next page, after the form of *page* was sent with the key of *said*."""
    form = page[page.index('action="/correct">') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return client.post("/correct", data=hidden | {"polarity": said}).text


def figures(page: str) -> dict[str, tuple[str, str, str, str]]:
    """By name: share, the ends of its interval, number of documents."""
    rows = re.findall(
        r'class="nw">(.+?)</span>.*?<b>(.+?)</b></span><span class="r sub">(\d+%)–(\d+%), n = (\d+)<', page
    )
    return {name: (share, low, high, n) for name, share, low, high, n in rows}


def test_the_accuracy_of_a_whole_population_is_the_known_one(sampled: Home) -> None:
    client = client_of(sampled)
    wrong = [d.id for d in DOCUMENTS[:-1] if d.judgement.polarity != TRUTH[d.id] != "none"]
    sought = {*wrong[:3], ORDER[0]} - {ORDER[-1]}  # by eye, before anybody asked for a sample
    for id in sought:
        said = TRUTH[id]
        changes = Changes(relevant=False) if said == "none" else Changes(polarity=Polarity(said))
        correct(sampled, id, changes, by="amy", note="", now=NOW)
    page, asked = client.get("/correct?order=random").text, []
    assert f"抽自库里判过倾向的 {len(TRUTH)} 条" in page
    while id := shown(page):
        asked.append(id)
        page = answer(client, page, TRUTH[id])
    assert asked == [id for id in ORDER if id not in sought]
    assert figures(page) == {
        "倾向": ("75.0%", "57%", "87%", "28"),
        "负面（查准）": ("54.5%", "28%", "79%", "11"),
        "负面（查全）": ("75.0%", "41%", "93%", "8"),
    }


def test_a_draw_goes_on_however_many_are_passed_over(sampled: Home) -> None:
    client = client_of(sampled)
    page = client.get("/correct?order=random").text
    for _ in range(7):
        page = client.get(links(page, "x")).text
    assert shown(page) == ORDER[7]
    page = answer(client, page, TRUTH[ORDER[7]])
    assert shown(page) == ORDER[8] and "抽中的还有 7 条没有判" in page


def test_an_answer_that_was_mended_stays_in_the_sample(sampled: Home) -> None:
    client = client_of(sampled)
    page = answer(client, client.get(links(client.get("/correct?order=random").text, "x")).text, "pos")
    assert figures(page)["倾向"][3] == "1"
    form = page[page.index('action="/correct/undo"') :]
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    )
    page = client.post("/correct/undo", data=hidden).text
    assert shown(page) == ORDER[1] and "倾向" not in figures(page)
    [judged] = re.findall(r'value="(\w+)" data-key="\d" checked', page)  # anew, as if nobody had answered
    page = answer(client, page, judged)
    assert figures(page)["倾向"][::3] == ("100.0%", "1")
    assert shown(page) == ORDER[2]


def test_a_document_of_one_s_own_choice_is_no_part_of_the_sample(sampled: Home) -> None:
    client = client_of(sampled)
    page = answer(client, client.get(f"/correct?order=random&id={ORDER[-1]}").text, "neg")
    assert not figures(page) and shown(page) == ORDER[0]


def test_act_and_consumer_matter_are_chosen_where_they_are_otherwise(sampled: Home) -> None:
    client, id = client_of(sampled), ORDER[0]
    page = client.get(f"/correct?id={id}").text
    assert '<option value="">消费：未判</option>' in page
    said = {"document": id, "polarity": "neg", "token": re.findall(r'name="token" value="([^"]*)"', page)[0]}
    client.post("/correct", data=said | {"act": "promotion", "consumer": "no"})
    [made] = listed(sampled, id)
    assert (made.act, made.consumer) == (Act.PROMOTION, False)
    assert '<option value="no" selected>' in client.get(f"/correct?id={id}").text
    client.post("/correct", data=said | {"act": "promotion", "consumer": "no"})  # as it now stands
    assert (listed(sampled, id)[-1].act, listed(sampled, id)[-1].consumer) == (None, None)
    assert client.post("/correct", data=said | {"act": "shouting"}).status_code == 400


def test_a_polarity_takes_back_that_a_document_is_unrelated(sampled: Home) -> None:
    client, id = client_of(sampled), ORDER[0]
    said = {"document": id, "token": token_of(client)}
    client.post("/correct", data=said | {"polarity": "none"})
    assert client.get(f"/documents/{id}.json").json()["relevant"] is False
    page = html.fromstring(client.get(f"/correct?id={id}").text)
    assert page.xpath('//input[@name="polarity"][@checked]/@value') == ["none"]
    assert page.xpath('//select[@id="relevant"]/option/@value') == ["", "yes", "no"]
    pane = html.fromstring(client.get("/search", params={"open": id}).text).get_element_by_id("pane")
    assert pane.xpath('.//button[@name="polarity"]/@value') == ["neg", "neu", "pos"]
    client.post("/correct", data=said | {"polarity": "neg"})
    now = client.get(f"/documents/{id}.json").json()
    assert (now["polarity"], now["relevant"]) == ("neg", True)


def test_what_is_unrelated_concerns_no_consumer_unless_the_form_says_so(sampled: Home) -> None:
    """Reports count what concerns consumers: whoever says "unrelated" wants it out of them."""
    client, id = client_of(sampled), ORDER[0]

    def concerns() -> object:
        return client.get(f"/documents/{id}.json").json()["consumer"]

    said = {"document": id, "token": token_of(client)}
    client.post("/correct", data=said | {"polarity": "neg", "consumer": "yes"})
    assert concerns() is True
    client.post("/correct", data=said | {"polarity": "none", "consumer": "yes"})  # as it was shown
    assert concerns() is False
    client.post("/correct", data=said | {"polarity": "neg", "consumer": "no"})  # taken back whole
    assert concerns() is True
    client.post("/correct", data=said | {"polarity": "none", "consumer": "yes", "had_consumer": "no"})
    assert concerns() is True


def test_a_document_that_is_only_named_is_cut_with_an_ellipsis(sampled: Home) -> None:
    client, id = client_of(sampled), ORDER[0]
    with closing(open_store(sampled)) as store:
        [one] = store.get([id])
        text = "32岁网红下播后突发疾病入院，" + "家属称情况稳定，" * 9
        store.put([replace(one, raw=replace(one.raw, title="", text=text))])
    page = client.post("/correct", data={"document": id, "token": token_of(client), "polarity": "pos"}).text
    assert f"已记下：{text[:40]}…" in page


def test_the_select_says_if_a_document_is_about_livestream_selling(sampled: Home) -> None:
    client = client_of(sampled)
    id = next(d.id for d in DOCUMENTS if d.judgement.polarity == "neu" and not d.judgement.relevant)
    said = {"document": id, "token": token_of(client)}
    page = html.fromstring(client.get(f"/correct?id={id}").text)
    assert page.xpath('//select[@id="relevant"]/option[@selected]/@value') == ["no"]
    client.post("/correct", data=said | {"polarity": "neu", "relevant": "yes"})
    assert client.get(f"/documents/{id}.json").json()["relevant"] is True
    client.post("/correct", data=said | {"polarity": "none"})
    client.post("/correct", data=said | {"polarity": "neg", "relevant": "no"})  # says so itself
    assert client.get(f"/documents/{id}.json").json()["relevant"] is False
    client.post("/correct", data=said | {"polarity": "none", "relevant": "yes"})  # the label as it was shown
    assert client.get(f"/documents/{id}.json").json()["relevant"] is True
    assert client.post("/correct", data=said | {"polarity": "neg", "relevant": "x"}).status_code == 400


def form_of(page: str) -> dict[str, list[str]]:
    """The fields of the form of a document, as a browser would send them untouched."""
    form = html.fromstring(page).xpath('//form[@action="/correct"]')[0]
    sent: dict[str, list[str]] = {}
    for name, value in form.form_values():
        sent.setdefault(name, []).append(value)
    return sent


def test_a_form_opened_before_takes_nothing_of_another_s_away(sampled: Home) -> None:
    client, id = client_of(sampled), ORDER[0]
    place = f"/correct?id={id}"
    client.post("/correct", data=form_of(client.get(place).text) | {"polarity": "neg", "issue": ["C02"]})
    older = form_of(client.get(place).text)
    assert older["had_issue"] == ["", "C02"] and older["issue"] == ["C02", ""]
    newer = {"issue": ["C02", "C07"], "target": ["鹿十七"], "act": "promotion"}
    newer |= {"consumer": "no", "relevant": "no"}
    (sampled.root / "hosts.toml").write_text('[[host]]\nname = "鹿十七"\n', encoding="utf-8")
    client.post("/correct", data=form_of(client.get(place).text) | newer)
    client.post("/correct", data=older)  # as it was opened
    now = client.get(f"/documents/{id}.json").json()
    assert (now["issues"], now["negative_hosts"], now["act"]) == (["C02", "C07"], ["鹿十七"], "promotion")
    assert (now["consumer"], now["relevant"]) == (False, False)
    client.post("/correct", data=older | {"issue": ["", "C03"]})  # what it took away and added itself
    assert client.get(f"/documents/{id}.json").json()["issues"] == ["C07", "C03"]


def test_whom_a_text_charges_its_signals_and_facets_are_corrected_and_undone(sampled: Home) -> None:
    client, id = client_of(sampled), ORDER[0]
    with closing(open_store(sampled)) as store:
        judged = {"parties": ("青禾鞋店", "丁丁"), "accused": ("丁丁",), "people": ("丁丁",)}
        store.update({id: judged | {"signals": ("charge", "official"), "facets": ()}})
    place = f"/correct?id={id}"
    shown = form_of(client.get(place).text)
    assert (shown["had_target"], shown["had_signal"]) == (["", "丁丁"], ["", "charge", "official"])
    client.post("/correct", data=form_of(client.get(f"/search?open={id}").text) | {"polarity": "neg"})
    client.post(
        "/correct",
        data=shown | {"polarity": "neg", "target": ["青禾鞋店", "某羊毛衫厂"],
                      "signal": ["charge", "answer.deny"], "facet": "老年"},
    )  # fmt: skip
    now = client.get(f"/documents/{id}.json").json()
    assert now["accused"] == ["青禾鞋店", "某羊毛衫厂"] and now["facets"] == ["老年"]
    assert now["signals"] == ["charge", "answer", "answer.deny"]
    made = client.get("/api/v1/corrections").json()
    assert [(one["add_accused"], one["remove_accused"]) for one in made] == [
        ([], []), (["青禾鞋店", "某羊毛衫厂"], ["丁丁"]),
    ]  # fmt: skip
    assert "某羊毛衫厂" in client.get(f"/documents/{id}").text
    client.post("/correct/undo", data={"document": id, "token": token_of(client)})
    assert "某羊毛衫厂" not in client.get(f"/documents/{id}").text


def test_the_form_beside_the_list_changes_the_label_alone(sampled: Home) -> None:
    client, id = client_of(sampled), next(d.id for d in DOCUMENTS if d.judgement.polarity == "neu")
    older = form_of(client.get("/search", params={"open": id}).text)
    newer = {"polarity": "neg", "issue": ["C02", "C07"], "act": "promotion"}
    client.post("/correct", data=form_of(client.get(f"/correct?id={id}").text) | newer)
    client.post("/correct", data=older | {"polarity": "neg"})
    now = client.get(f"/documents/{id}.json").json()
    assert (now["issues"], now["act"]) == (["C02", "C07"], "promotion")


def test_a_polarity_that_another_reviewer_gave_since_is_kept_and_a_third_one_refused(sampled: Home) -> None:
    client = client_of(sampled)
    id = next(one.id for one in DOCUMENTS if one.judgement.polarity is Polarity.NEU)
    older = form_of(client.get(f"/correct?id={id}").text)
    assert older["had_polarity"] == ["neu"]
    correct(sampled, id, Changes(polarity=Polarity.NEG), by="乙", note="", now=NOW)
    refused = client.post("/correct", data=older | {"polarity": "pos"})
    assert refused.status_code == 400 and "现在是负面，这次填的是正面" in refused.text
    assert client.post("/correct", data=older | {"polarity": "neu"}).status_code == 400
    client.post("/correct", data=older | {"polarity": "neu", "issue": ["C05"]})
    now = client.get(f"/documents/{id}.json").json()
    assert (now["polarity"], now["issues"]) == ("neg", ["C05"])
    client.post("/correct", data=older | {"polarity": "neg"})
    assert [one.polarity for one in listed(sampled)] == ["neg", None, "neg"]


def test_undo_takes_back_one_s_own_correction_alone(sampled: Home) -> None:
    client = client_of(sampled)
    page = answer(client, client.get("/correct").text, "pos")
    form = page[page.index('action="/correct/undo"') :]
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")])
    )
    correct(sampled, hidden["document"], Changes(polarity=Polarity.NEU), by="乙", note="", now=NOW)
    refused = client.post("/correct/undo", data=hidden)
    assert refused.status_code == 400 and "乙 之后又校正过" in refused.text
    assert all(one.undone_at is None for one in listed(sampled))


def test_what_an_indexer_at_work_takes_in_later_is_said_so(sampled: Home) -> None:
    client = client_of(sampled)
    sent = {"token": token_of(client), "document": ORDER[0], "polarity": "pos"}
    marked = {"token": sent["token"], "id": ORDER[0], "act": "tag", "tags": "要看"}
    client.post("/correct", data=sent)
    with index_lock(sampled):
        assert "正在入库，结束后生效" in client.post("/correct/undo", data=sent).text
        assert "正在入库，结束后生效" in client.post("/marks", data=marked).text


def test_a_button_pressed_twice_makes_one_correction(sampled: Home) -> None:
    with client_of(sampled) as pressing:
        sent = {"token": token_of(pressing), "document": ORDER[0]}
        for tone in ("pos", "pos", "neg", "pos"):
            pressing.post("/correct", data=sent | {"polarity": tone}, follow_redirects=False)
        assert [one.polarity for one in listed(sampled)] == ["pos", "neg", "pos"]
        pressing.post("/correct/undo", data=sent, follow_redirects=False)
        made = [one for one in listed(sampled) if one.undone_at is None]
        assert [one.polarity for one in made] == ["pos", "neg"]


def test_the_same_by_another_hand_or_of_a_draw_is_one_more(sampled: Home) -> None:
    said = Changes(polarity=Polarity.POS)
    for by, drawn in (("甲", False), ("甲", False), ("乙", False), ("乙", True), ("乙", False)):
        correct(sampled, ORDER[0], said, by=by, note="", now=NOW, drawn=drawn)
    assert [(one.by, one.drawn) for one in listed(sampled)] == [("甲", False), ("乙", False), ("乙", True)]
