"""The HTML of a mail: tables and inline style alone, so that Outlook shows it like the others."""

from __future__ import annotations

import re
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from fengping.delivery.message import Message, Severity

_FONT = "font-family:'Microsoft YaHei','PingFang SC',Arial,sans-serif"
_TITLE = "font-size:19px;line-height:28px;font-weight:bold;color:#111111"
_BARS = {Severity.INFO: "#1f5fa8", Severity.WARNING: "#b45f06", Severity.CRITICAL: "#b3261e"}
_STYLES = {
    "p": f"margin:0 0 10px 0;{_FONT};font-size:14px;line-height:22px;color:#222222",
    "li": f"margin:0 0 6px 0;{_FONT};font-size:14px;line-height:22px;color:#222222",
    "ul": "margin:0 0 10px 0;padding:0 0 0 22px",
    "ol": "margin:0 0 10px 0;padding:0 0 0 22px",
    "h1": f"margin:14px 0 8px 0;{_FONT};font-size:18px;line-height:26px;color:#222222",
    "h2": f"margin:14px 0 8px 0;{_FONT};font-size:16px;line-height:24px;color:#222222",
    "h3": f"margin:14px 0 8px 0;{_FONT};font-size:15px;line-height:22px;color:#222222",
    "a": "color:#1f5fa8;text-decoration:underline",
    "table": "border-collapse:collapse;margin:0 0 12px 0",
    "th": f"border:1px solid #cccccc;padding:4px 8px;{_FONT};font-size:13px;text-align:left",
    "td": f"border:1px solid #cccccc;padding:4px 8px;{_FONT};font-size:13px",
    "blockquote": "margin:0 0 10px 0;padding:0 0 0 10px;border-left:3px solid #cccccc",
    "code": "font-family:Consolas,monospace;font-size:13px",
}


def page(message: Message, remark: str = "") -> str:
    """The message as a complete page; its own ``html`` where it has one, else its Markdown.

    *remark* stands at the end, for what could not be attached.
    """
    if re.match(r"\s*<(?:!doctype|html)\b", message.html, re.IGNORECASE):
        return (
            message.html.replace("</body>", f"<p>{escape(remark)}</p></body>", 1) if remark else message.html
        )
    inner = message.html or _inner(message)
    tail = ""
    if message.link:
        link = f'<a href="{escape(message.link)}" style="{_STYLES["a"]}">查看全部</a>'
        tail += f'<p style="{_STYLES["p"]}">{link}</p>'
    if remark:
        tail += f'<p style="{_STYLES["p"]}">{escape(remark)}</p>'
    title = escape(message.title)
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body style="margin:0;padding:0" bgcolor="#f2f3f5">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f2f3f5"><tr>
<td align="center" style="padding:16px 8px">
<table role="presentation" width="640" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff"
 style="width:640px;max-width:100%">
<tr><td bgcolor="{_BARS[message.severity]}" height="6" style="font-size:0;line-height:6px">&nbsp;</td></tr>
<tr><td style="padding:18px 24px 4px 24px;{_FONT};{_TITLE}">
{title}</td></tr>
<tr><td style="padding:8px 24px 16px 24px">
{inner}{tail}
</td></tr>
<tr><td style="padding:8px 24px 16px 24px;border-top:1px solid #e3e3e3;{_FONT};font-size:12px;color:#777777">
风评 · 编号 {message.id[:8]}</td></tr>
</table>
</td></tr></table>
</body></html>
"""


def _inner(message: Message) -> str:
    parser = MarkdownIt("js-default", {"html": False, "breaks": True, "linkify": False})
    tokens = parser.parse("\n".join(message.markdown_lines))
    for token in tokens:
        for part in [token, *(token.children or [])]:
            if part.nesting == 1 and part.tag in _STYLES:
                part.attrSet("style", _STYLES[part.tag])
            if part.nesting == 1 and part.tag == "table":
                part.attrSet("cellpadding", "0")
                part.attrSet("cellspacing", "0")
    assert isinstance(parser.renderer, RendererHTML)
    return parser.renderer.render(tokens, parser.options, {})
