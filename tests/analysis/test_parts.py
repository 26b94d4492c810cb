"""A text taken apart by the kind of its source, and the kind that a document's fields tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fengping.analysis.polarity import SourceKind, kind_of
from fengping.analysis.polarity.parts import Parts, take_apart
from fengping.models import Channel, Kind, RawDocument


@pytest.mark.parametrize(
    ("content", "kind", "parts"),
    [
        ("云上小铺被罚\n云上小铺卖假蜂蜜", SourceKind.NEWS, Parts("云上小铺被罚", "云上小铺卖假蜂蜜", "")),
        ("#云上小铺被罚# 云上小铺卖假蜂蜜", SourceKind.NEWS, Parts("云上小铺被罚", "云上小铺卖假蜂蜜", "")),
        ("云上小铺被罚", SourceKind.TITLE, Parts("云上小铺被罚", "", "")),
        (
            "#热搜# 【标题】我也买过 @某人 真差//@别人:转起来",
            SourceKind.REMARK,
            Parts("热搜", "我也买过   真差", "别人:转起来"),
        ),
        ("味道不错", SourceKind.REVIEW, Parts("", "", "")),
    ],
)
def test_parts_of_a_text(content: str, kind: SourceKind, parts: Parts) -> None:
    assert take_apart(content, kind) == parts


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"title": "云上小铺被罚", "text": "正文", "kind": Kind.NEWS}, SourceKind.NEWS),
        ({"title": "云上小铺被罚", "text": "", "kind": Kind.NEWS}, SourceKind.TITLE),
        ({"title": "云上小铺被罚", "text": "云上小铺被罚"}, SourceKind.TITLE),
        ({"text": "我也买过", "channel": Channel.WEIBO}, SourceKind.POST),
        ({"text": "#热搜# 我也买过", "channel": Channel.WEIBO}, SourceKind.REMARK),
        ({"text": "我也买过", "channel": Channel.VIDEO, "kind": Kind.COMMENT}, SourceKind.REMARK),
        ({"text": "味道不错", "channel": Channel.SHOPPING, "kind": Kind.COMMENT}, SourceKind.REVIEW),
        ({"text": "望解决", "title": "投诉", "site": "tousu.sina.com.cn"}, SourceKind.COMPLAINT),
        ({"text": "望解决", "source": "people-liuyan"}, SourceKind.COMPLAINT),
        ({"text": "公司：云上小铺", "site": "全国12315平台"}, SourceKind.COMPLAINT),
        ({"title": "蜂蜜比较试验", "text": "正文", "kind": Kind.NEWS, "source": "bj315"}, SourceKind.NEWS),
        ({"text": "我也买过", "channel": Channel.WEIBO, "source": "weibo-20240315"}, SourceKind.POST),
        ({"text": "不知出处"}, SourceKind.UNKNOWN),
    ],
)
def test_the_kind_that_fields_tell(fields: dict[str, Any], kind: SourceKind) -> None:
    values = {"id": "1", "source": "s", "fetched_at": datetime(2026, 1, 1, tzinfo=UTC)} | fields
    assert kind_of(RawDocument(**values)) is kind
