"""Pages cut into blocks: what is text, whose it is, and that none is lost."""

from __future__ import annotations

import gc
import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from fengping.spiders.extraction import extract, parse, read_blocks

_SILENT = ["script", "style", "textarea", "noscript", "template", "svg", "select", "button"]


def _texts(html: str, *, hidden: bool = False) -> list[str]:
    return [block.text for block in read_blocks(parse(html), hidden=hidden).blocks]


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("<p>甲<p>乙", ["甲", "乙"]),
        ("<div>前<p>中</p>后</div>", ["前", "中", "后"]),
        ("<p>一行<br>两行<hr>三行", ["一行", "两行", "三行"]),
        ("<p>  多\n\t 空　白\u00a0 </p>", ["多 空 白"]),
        ("<p>a&amp;b &lt;p&gt; &quot;c&quot; d&nbsp;e &copy;</p>", ['a&b <p> "c" d e ©']),
        ("<p>&amp;lt; 只解一次</p>", ["&lt; 只解一次"]),
        ("<p>零\u200b宽\ue001\u00ad</p>", ["零宽"]),
        ("<p>见<script>var a = '<p>不见</p>';</script>识</p>", ["见识"]),
        ("<p>图<svg><text>不见</text></svg>文</p>", ["图文"]),
        ("<my-card>自<x-y>造</x-y>标签</my-card><p>段", ["自造标签", "段"]),
        ("<p>甲<!-- <p>注</p> -->乙", ["甲乙"]),
        ('<p title="a > b">属性</p>', ["属性"]),
        ("<table><tr><td>格一<td>格二</table>", ["格一", "格二"]),
        ("光秃秃的字", ["光秃秃的字"]),
        ("", []),
        ("<p> </p><div>\n</div>", []),
    ],
)
def test_blocks(html: str, texts: list[str]) -> None:
    assert _texts(html) == texts


@pytest.mark.parametrize(
    "hiding", ['style="display:none"', 'style="color:red; DISPLAY: None"', "hidden", 'hidden=""']
)
@pytest.mark.parametrize("tag", ["div", "span"])
def test_hidden_text_is_shown_only_on_demand(hiding: str, tag: str) -> None:
    html = f"<p>明</p><{tag} {hiding}>暗<b>处</b></{tag}><p>处</p>"

    assert _texts(html) == ["明", "处"]
    assert _texts(html, hidden=True) == ["明", "暗处", "处"]


@pytest.mark.parametrize(
    "shown", ['style="display:block"', 'data-hidden="1"', 'title="hidden"', 'class="hidden"']
)
def test_other_attributes_hide_nothing(shown: str) -> None:
    assert _texts(f"<div {shown}>明</div>") == ["明"]


def test_elements_have_names_and_ranges() -> None:
    document = read_blocks(
        parse('<div id="Main" class="Post Body" data-id="7"><p>甲</p><p></p><p>乙</p></div><p>丙')
    )

    main = next(e for e in document.elements if e.names)
    assert (main.tag, main.names.split()) == ("div", ["main", "post", "body"])
    assert [b.text for b in document.blocks[main.first : main.last]] == ["甲", "乙"]
    assert [(child.tag, child.first, child.last) for child in document.children(main)] == [
        ("p", 0, 1),
        ("p", 1, 2),
    ]
    assert document.elements[0].tag == "body"
    assert (document.elements[0].first, document.elements[0].last) == (0, 3)
    assert document.text == "甲乙丙"


def test_characters_in_links_ends_and_digits_are_counted() -> None:
    [block] = read_blocks(parse("<p>见<a> 第 3 条 </a>：完。</p>")).blocks

    assert block.text == "见 第 3 条 ：完。"
    assert block.linked == 5
    assert (block.ends, block.has_digit) == (True, True)


def test_parts_of_a_short_line_can_be_told_apart() -> None:
    [block] = read_blocks(parse("<p><span>某网</span><span>2020-11-11</span></p>")).blocks

    assert (block.text, block.spaced) == ("某网2020-11-11", "某网 2020-11-11")


_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ["div", "p", "span", "a", "b", "li", "ul", "td", "table", "h1", "section", "x-y"]
        ).flatmap(lambda tag: st.sampled_from([f"<{tag}>", f"</{tag}>", f'<{tag} class="x>y" id=z>'])),
        st.sampled_from(
            ["<br>", "<img src=x>", "<!-- c -->", "&amp;", "&lt;", "&nbsp;", "&#x4e2d;", "<", ">", "\n "]
        ),
        st.sampled_from([f"<{tag}>隐<b>藏</b></{tag}>" for tag in _SILENT]),
        st.text(max_size=8),
    ),
    max_size=40,
)


def _bare(text: str) -> str:
    return "".join(
        c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cf", "Co", "Zl", "Zp")
    )


@given(_PIECES)
def test_no_text_is_lost_or_invented(pieces: list[str]) -> None:
    html = "".join(pieces)
    expected = LexborHTMLParser(html.encode("utf-8", "replace"))
    expected.strip_tags([*_SILENT, "math", "iframe", "video", "audio", "object", "canvas", "map", "rt", "rp"])
    body = expected.body

    blocks = read_blocks(parse(html)).blocks

    assert _bare("".join(b.text for b in blocks)) == _bare(body.text(deep=True) if body is not None else "")
    assert all(b.text and not re.search(r"\s\s|^\s", b.text) for b in blocks if b.text.isascii())
    assert all(
        0 <= b.linked <= len(b.text) and b.element.first <= i < b.element.last for i, b in enumerate(blocks)
    )


@pytest.mark.long
def test_a_page_that_was_read_leaves_nothing_for_the_collector() -> None:
    html = "<article><h1>题</h1>" + "<p>消费者说，退款已经到账，平台没有再回复。</p>" * 20 + "</article>"
    extract(html, fetched_at=datetime(2026, 1, 2, tzinfo=UTC))  # what is loaded and built once may leave some
    gc.disable()
    left = []
    try:
        for _ in range(5):
            gc.collect()
            extract(html, fetched_at=datetime(2026, 1, 2, tzinfo=UTC))
            left.append(gc.collect())
    finally:
        gc.enable()
    assert min(left) == 0, "threads of other tests may leave some now and then, a page would each time"
