"""Words beside a mask that would tell whom it hides: exact numbers of followers, the branch of a shop, and
the same mask given as its own short form."""

from __future__ import annotations

import re
from decimal import Decimal

_FOLLOWERS = re.compile(
    r"(?P<before>粉丝(?:量|数|数量|总数)?(?:已|达到?|为|有|超过?|近|约|高达)*)(?P<n>\d+(?:\.\d+)?)(?P<scale>[万亿])(?:余|多)?"
    r"|(?P<m>\d+(?:\.\d+)?)(?P<unit>[万亿])(?:余|多)?(?P<behind>(?:名|位|个)?(?:的)?粉丝)"
)
_OWN_SHORT = re.compile(
    r"(〔[^〔〕]+〕)\s?[（(](?:以下|下称|下)?(?:简称|称)?[：:]?\s?[“「\"]?\1[”」\"]?[）)]"
)
_BRANCH = re.compile(r"(〔某(?:商家|方)[^〔〕]+〕)([一-鿿0-9]{2,14}?)((?:门|分)?店)(?![员长铺家主内面里])")
_NO_BRANCH = re.compile("[的在等和与及一二两三多几各家]|官方|旗舰|专卖|专营|体验|直播|网")
_SCALES = {"万": 10_000, "亿": 100_000_000}
_ORDERS = (
    (100_000_000, "上亿"),
    (10_000_000, "上千万"),
    (1_000_000, "上百万"),
    (100_000, "数十万"),
    (0, "数万"),
)


def blurred(text: str) -> str:
    """*text*, which names nobody, with followers by their order of magnitude and no branch of a masked
    shop."""
    return _BRANCH.sub(_branch, _FOLLOWERS.sub(_followers, text))


def glossed_once(text: str) -> str:
    """*text* without a mask in brackets behind itself (〔某商家甲〕（以下简称〔某商家甲〕）)."""
    return _OWN_SHORT.sub(r"\1", text)


def _followers(found: re.Match[str]) -> str:
    number = Decimal(found["n"] or found["m"]) * _SCALES[found["scale"] or found["unit"]]
    word = next(word for least, word in _ORDERS if number >= least)
    if found["before"]:
        return f"{found['before']}〔{word}〕"
    return f"〔{word}〕{found['behind']}"


def _branch(found: re.Match[str]) -> str:
    import rjieba  # reads its dictionary, a tenth of a second

    if _NO_BRANCH.search(found[2]) or all(tag != "ns" for _, tag in rjieba.tag(found[2])):
        return found[0]
    return f"{found[1]}某{found[3]}"
