"""消费维权舆情应对建议: by addressee, for the fields that most complaints fall in, each with its count."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.chapters.blocks import Pages
from fengping.reports.chapters.chapter import Brief, register
from fengping.reports.chapters.leading import leading_fields
from fengping.reports.chapters.topics import topic_texts
from fengping.reports.facts import Topic
from fengping.reports.facts.gather import Facts
from fengping.reports.wording import Text, compose, enumerate_texts, join, number

ADDRESSEES = (
    ("监管部门和消费者组织", "regulator"),
    ("平台", "platform"),
    ("商家、主播和服务机构", "seller"),
    ("消费者", "consumer"),
)
ORDINALS = "一二三四"
KEEP = "；留存订单、聊天记录、录屏等凭证，协商不成可拨打12315或向消费者组织投诉"


@register
class Advice:
    name = "advice"

    def write(self, pages: Pages, facts: Facts, brief: Brief) -> None:
        texts = topic_texts()
        known = leading_fields([f for f in facts.fields if f.code in texts])
        if known:
            pages.chapter("消费维权舆情应对建议")
            keys = ("fields", *(key for _, key in ADDRESSEES))
            for key, text in zip(keys, advice(known), strict=True):
                pages.say(text, key=key)


def advice(fields: Sequence[Topic]) -> list[Text]:
    """One paragraph for each addressee, over the leading fields."""
    texts = topic_texts()
    items = [compose("“{name}”（{n}条）", name=f.name, n=number(f.volume.count)) for f in fields]
    paragraphs: list[Text] = [
        compose("针对监测期内信息较多的{items}问题，提出以下建议。", items=enumerate_texts(items))
    ]
    for ordinal, (addressee, key) in zip(ORDINALS, ADDRESSEES, strict=True):
        # Each piece of advice bears the count that it rests on: struck with it, and read beside it.
        body = [
            compose("就“{name}”（{n}条），{advice}", name=f.name, n=number(f.volume.count), advice=one)
            for f in fields
            if (one := getattr(texts[f.code], key))
        ]
        close = KEEP if key == "consumer" else ""
        paragraphs.append(join([f"{ordinal}是{addressee}：", *enumerate_texts(body, "；"), f"{close}。"]))
    return paragraphs
