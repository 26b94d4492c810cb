"""三、建议: sentences by class and addressee for the classes that most complaints fall in."""

from __future__ import annotations

from collections.abc import Sequence

from fengping.reports.chapters.sentences import leading_topics
from fengping.reports.chapters.topics import topic_texts
from fengping.reports.facts.model import Topic
from fengping.reports.wording import Text

ADDRESSEES = (
    ("监管部门和消费者组织", "regulator"),
    ("平台", "platform"),
    ("商家、主播和服务机构", "seller"),
    ("消费者", "consumer"),
)
ORDINALS = "一二三四"
KEEP = "；留存订单、聊天记录、录屏等凭证，协商不成可拨打12315或向消费者组织投诉"


def advice(topics: Sequence[Topic]) -> list[Text]:
    """One paragraph for each addressee, over the leading classes."""
    texts = topic_texts()
    known = [texts[topic.code] for topic in leading_topics(topics) if topic.code in texts]
    if not known:
        return [("本期归入各问题类别的负面信息过少，不提出针对性建议。",)]
    names = "、".join(text.name for text in known)
    paragraphs: list[Text] = [(f"针对监测期内反映集中的{names}问题，提出以下建议。",)]
    for ordinal, (addressee, key) in zip(ORDINALS, ADDRESSEES, strict=True):
        body = "；".join(getattr(text, key) for text in known)
        close = KEEP if key == "consumer" else ""
        paragraphs.append((f"{ordinal}是{addressee}：{body}{close}。",))
    return paragraphs
