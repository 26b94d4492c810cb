"""The list of keys."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from fengping.web.rendering import render

router = APIRouter()
KEYS = (
    (
        "到处",
        (
            ("/", "到检索框"),
            ("?", "按键表"),
            ("y", "复制这一页的地址，时间写定"),
            ("g t", "今日"),
            ("g s", "检索"),
            ("g e", "事件"),
            ("g a", "预警"),
            ("g c", "校正"),
            ("g r", "报告"),
        ),
    ),
    (
        "列表",
        (
            ("j k", "下一条、上一条"),
            ("o", "打开"),
            ("w", "为什么"),
            ("v", "原页"),
            ("c", "校正这一条"),
            ("x", "选中"),
            ("e", "存证"),
            ("1–4", "就地改倾向"),
            ("Esc", "关上“为什么”"),
        ),
    ),
    ("今日", (("[ ]", "前一天、后一天"),)),
    ("预警", (("a", "认领"), ("s", "写入规则"))),
    ("来源、设置", (("t", "试采、试送"), ("s", "保存"))),
    ("报告", (("r", "审阅完毕"), ("s", "签发"), ("z", "撤销最后一处"))),
    (
        "校正",
        (
            ("1–4", "倾向"),
            ("q w e r t", "针对谁"),
            ("a s d f", "问题"),
            ("⏎", "保存，下一条"),
            ("x", "跳过"),
            ("z", "撤销上一条"),
        ),
    ),
)


@router.get("/keys")
def keys(request: Request) -> Response:
    """The page."""
    return render(request, "keys", {"keys": KEYS}, here="")
