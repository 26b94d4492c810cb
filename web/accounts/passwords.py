"""The rule for passwords: long, and not made of what is tried first.

zxcvbn does not decide it: its last release is of 2025-02, it takes 14 s over 72 well-chosen characters, and
finds ``woaini1314520`` and a name with a birthday strong.
"""

from __future__ import annotations

import re

from fengping.errors import UsageError

SHORTEST = 12
LEFT = 8
"""Characters that must be left without what is tried first."""
_LOOKED_AT = 128
"""Characters of a password that are judged; looking at more takes long."""
_COMMON = re.compile(
    "password|passwort|passwd|passw|administrator|admin|root|user|login|welcome|letmein|iloveyou|sunshine|"
    "princess|dragon|monkey|football|baseball|master|shadow|superman|batman|secret|changeme|default|test|guest|"
    "hello|woaini|aini|nihao|wode|mima|zhangsan|lisi|wangwu|xiaoming|zhongguo|china|beijing|shanghai|taobao|"
    "weibo|weixin|wechat|douyin|kuaishou|alibaba|tencent|baidu|fengping|风评|密码|我爱你|中国|管理员|"
    "1314|521|520|888|666|168|a1b2c3|1q2w3e|qweasd|qazwsx"
)
_DATE = re.compile(r"(?:19|20)\d\d[-./年]?(?:[01]?\d[-./月]?(?:[0-3]?\d日?)?)?")
_ROWS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv",
)
_RUN = re.compile(
    "|".join(r[n : n + 3] for one in _ROWS for r in (one, one[::-1]) for n in range(len(r) - 2))
)
_AROUND = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_REPEATED = re.compile(r"(.{1,16}?)\1+")
_LOOKALIKES = str.maketrans("@$!|€30", "asileeo")


def check(password: str, name: str) -> None:
    """Raises :class:`UsageError`, and says why, for a password of *name* that is guessed early."""
    if len(password) < SHORTEST:
        raise UsageError(
            f"The password is shorter than {SHORTEST} characters.", remedy="Choose a longer one."
        )
    texts = (password, password.translate(_LOOKALIKES))
    left = min((_left(text, name.lower()) for text in texts), key=len)
    remedy = "Choose another: four words that have nothing to do with each other are easy to remember."
    if len(left) < LEFT:
        raise UsageError(
            f"The password is easy to guess: {len(left)} characters are left without the account's name, "
            f"common words, dates, rows of keys and repetitions, and {LEFT} are needed.",
            remedy=remedy,
        )
    word = _AROUND.sub("", left)
    if word.isascii() and word.isalpha() and len(word) < SHORTEST:
        raise UsageError(
            f"The password is easy to guess: it is one word of {len(word)} letters with digits and signs "
            f"around it, and {SHORTEST} letters are needed.",
            remedy=remedy,
        )


def _left(password: str, name: str) -> str:
    text = password[:_LOOKED_AT].lower()
    own = [part for part in (name, *re.split(r"[\W_\d]+", name)) if len(part) > 1]
    patterns = [_COMMON, _DATE, _RUN, *(re.compile(re.escape(part)) for part in own)]
    known: set[int] = set()
    for begin in range(len(text)):
        for pattern in patterns:
            if match := pattern.match(text, begin):
                known.update(range(*match.span()))
    return _REPEATED.sub(r"\1", "".join(one for n, one in enumerate(text) if n not in known))
