"""The rule for passwords: long, and found by zxcvbn only after many guesses.

zxcvbn's lists are English; what is tried first here stands beside them.
"""

from __future__ import annotations

import re
from math import log10

from fengping.errors import UsageError

SHORTEST = 12
ENOUGH = 10
"""Power of ten of the guesses that a password needs: the highest of zxcvbn's classes."""
_JUDGED = 40
"""Characters that zxcvbn looks at: the time it takes grows with the square, and the beginning suffices."""
_WORDS = """
    fengping admin 风评 密码 管理员 中国 我爱你 我 爱 你 1314 520 521 888 666 168
    woaini woai wojia aini wo ai ni nihao wode mima xiaoming zhangsan lisi liwei wangwu
    zhongguo beijing shanghai guangzhou shenzhen hangzhou taobao alibaba tencent weibo weixin wechat douyin
    kuaishou baidu wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin luo gao wei min
    jing lei jun yong jie juan tao ming chao xia ping gang san si xiao hong hua jian qiang fang na ting yan bo
"""
_JOINTS = str.maketrans("", "", "-_.@")
"""What stands between words; zxcvbn takes each for as hard to guess as a word."""


def check(password: str, name: str) -> None:
    """Raises :class:`UsageError`, and says why, for a password of *name* that is guessed early."""
    from zxcvbn import zxcvbn  # its lists take a fifth of a second to load

    if len(password) < SHORTEST:
        raise UsageError(
            f"The password is shorter than {SHORTEST} characters.", remedy="Choose a longer one."
        )
    known = [name, *re.split(r"[\W_\d]+", name), *_WORDS.split()]
    texts = {password[:_JUDGED], password.translate(_JOINTS)[:_JUDGED]} - {""}
    guesses = round(log10(min(zxcvbn(text, known)["guesses"] for text in texts)), 1)
    if guesses < ENOUGH:
        raise UsageError(
            f"The password is easy to guess: 10^{guesses} guesses find it, and 10^{ENOUGH} are needed.",
            remedy="Choose another: four words that have nothing to do with each other are easy to remember.",
        )
