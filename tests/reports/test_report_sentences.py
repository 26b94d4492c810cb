"""Headline sentences beside the figures that they stand on: 最多, 相对突出, 主要集中, busiest accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.reports.test_report_cases import charge, made_of
from tests.reports.test_report_truth import build, post, spoken, table

from fengping.home import Home
from fengping.models import Document
from fengping.reports.wording import plain


def blamed(host: str, number: int, code: str = "C04", author: str = "") -> Iterator[Document]:
    """Complaints of one class about *host*, by as many accounts or by one *author*."""
    for n in range(number):
        key = f"{host}-{code}-{n}"
        yield post(
            key, f"{key}买来就坏了", day=2 + n / 3, issues=(code,), host=host, live=True,
            author=author or f"a-{key}",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("unlisted", "said"),
    [
        (40, "条。列名的主播中，涉及林小禾的维权舆情最多，10条；其次是苏一舟，6条。"),
        (10, "条。列名的主播中，涉及林小禾的维权舆情最多，10条；其次是苏一舟，6条。"),
        (6, "条。列名的主播中，涉及林小禾的维权舆情最多，10条；其次是苏一舟，6条。"),
        (5, "条。涉及林小禾的维权舆情最多，10条；其次是苏一舟，6条。"),
    ],
)
def test_the_most_is_of_all_hosts_or_of_those_that_are_listed(unlisted: int, said: str) -> None:
    documents = [*blamed("林小禾", 10), *blamed("苏一舟", 6), *blamed("何不凡", unlisted, author="one")]
    text = without_shares(spoken(build(documents)))
    assert said in text and "何不凡" not in text


def without_shares(text: str) -> str:
    """*text* without shares, which stand beside counts of thirty."""
    return re.sub(r"，占比[\d.]+%（n=\d+）", "", text)


def test_a_class_stands_out_only_beside_the_others() -> None:
    alike = [
        *blamed("林小禾", 40), *blamed("林小禾", 5, "C08"),
        *blamed("苏一舟", 40), *blamed("苏一舟", 5, "C08"),
    ]  # fmt: skip
    text = spoken(build(alike))
    assert "其中涉及林小禾的以“商品质量”最多，占其负面信息的88.89%（n=45）。" in text
    assert "相对突出" not in text
    apart = spoken(build([*blamed("林小禾", 40), *blamed("苏一舟", 40, "C08")]))
    assert "其中林小禾的“商品质量”舆情相对突出，占其负面信息的100.00%（n=40）。" in apart
    tied = spoken(build([*blamed("林小禾", 20), *blamed("林小禾", 20, "C08")]))
    assert "其中" not in tied.split("指向具名主播", 1)[1].split("多位主播", 1)[0]


def test_complaints_are_concentrated_where_the_fields_hold_half_of_them() -> None:
    held = [post(f"h{n}", f"第{n}件坏了", issues=("C04",)) for n in range(20)]
    loose = [post(f"l{n}", f"第{n}次差评") for n in range(21)]
    made = build([*held, *loose])
    assert "监测发现，归入领域的消费负面信息中，较多的是商品质量。" in spoken(made)
    assert "信息较多的领域：商品质量20条（可多选）。" in [plain(line) for line in made.digest]
    made = build([*held, *loose[:20]])
    assert "监测发现，消费负面信息主要集中在商品质量方面。" in spoken(made)
    assert "问题较集中的领域：商品质量20条（可多选）。" in [plain(line) for line in made.digest]


def test_the_busiest_accounts_are_counted_as_they_are() -> None:
    few = build([post(f"p{n}", f"第{n}件坏了", author=f"a{n % 6}") for n in range(36)])
    assert "载明账号的吐槽类信息出自6个账号，共36条，占100.00%（n=36）。" in spoken(few)
    many = build([post(f"p{n}", f"第{n}件坏了", author=f"a{n % 12}") for n in range(36)])
    assert "发布吐槽类信息最多的10个账号共发布30条，占83.33%（n=36）。" in spoken(many)


def test_a_lead_is_said_to_hide_the_names_that_the_registries_hold(home: Home) -> None:
    leads = table(made_of(home, [charge("1", "林小禾", 5), charge("2", "林小禾", 5.1)]), "线索")
    assert leads
    assert plain(leads.note).startswith(
        "线索不具名（平台除外）：摘要与证据中系统名录所载的名称和系统识别的当事方以"
    )


@pytest.mark.parametrize(("number", "leads"), [(5, False), (8, False), (9, True)])
def test_a_field_of_a_few_among_many_does_not_lead(number: int, leads: bool) -> None:
    held = [post(f"h{n}", f"第{n}件坏了", issues=("C04",)) for n in range(number)]
    made = build([*held, *(post(f"l{n}", f"第{n}次差评") for n in range(34))])
    said = spoken(made)
    assert ("较多的是商品质量" in said) is leads
    assert ("就“商品质量”" in said) is leads
    assert ("归入各领域的信息均不足吐槽类信息的20%，不判断集中方面。" in said) is not leads
