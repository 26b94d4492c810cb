"""Bytes to text under wrong, missing and right declarations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.spiders.extraction import decode

SIMPLIFIED = (
    "<html><head>{}<title>江州市消委会通报直播购物投诉</title></head>"
    "<p>今年的投诉比去年多，消费者下单前要保存录屏。</p>"
)
TRADITIONAL = (
    "<html><head>{}<title>消委會公布直播購物投訴</title></head>"
    "<p>今年的投訴比去年多，消費者下單前應查核商戶背景。</p>"
)
DECLARED = (None, "utf-8", "gbk", "gb2312", "big5", "iso-8859-1", "nonsense", "")


@pytest.mark.parametrize("declared", DECLARED)
@pytest.mark.parametrize("meta", ["", "utf-8", "gb2312", "big5", "ISO-8859-1", "x-unknown"])
@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"), (SIMPLIFIED, "gbk", "gb18030"), (SIMPLIFIED, "gb18030", "gb18030"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"), (SIMPLIFIED, "utf-16-le", "utf-16-le"),
        (TRADITIONAL, "utf-8", "utf-8"), (TRADITIONAL, "big5", "big5hkscs"), (TRADITIONAL, "gbk", "gb18030"),
    ],
)  # fmt: skip
def test_the_text_decides_not_the_declaration(
    text: str, codec: str, name: str, meta: str, declared: str | None
) -> None:
    text = text.format(f'<meta charset="{meta}">' if meta else "")
    assert decode(text.encode(codec), declared) == (text, name)


def test_a_page_cut_within_a_character_stays_utf8() -> None:
    data = (SIMPLIFIED * 5).encode()[:-9]
    assert decode(data, "gbk")[1] == "utf-8"


def test_a_western_page_keeps_its_declaration() -> None:
    assert decode("<p>Le café est fermé à midi</p>".encode("latin-1"), "iso-8859-1") == (
        "<p>Le café est fermé à midi</p>",
        "cp1252",
    )


@given(st.binary(max_size=300), st.none() | st.text(max_size=12))
def test_any_bytes_become_text(data: bytes, declared: str | None) -> None:
    text, name = decode(data, declared)
    assert isinstance(text, str)
    assert "".encode(name) is not None


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=200))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    if not text.startswith("\ufeff") and "\0" not in text:
        assert decode(text.encode(), "big5") == (text, "utf-8")
