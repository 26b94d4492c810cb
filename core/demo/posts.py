"""Invented posts of the weeks around Double 11 2020: complaints, praise, rules, answers, reposts."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fengping.clock import SHANGHAI

FIRST, LAST = datetime(2020, 10, 20, tzinfo=SHANGHAI), datetime(2020, 11, 15, 23, tzinfo=SHANGHAI)

HOSTS = ("檀小木", "阮阿满", "鹿十七", "梨花雨哥")
GOODS = (
    "羊绒围巾",
    "和田玉手镯",
    "羽绒服",
    "面霜",
    "不粘锅",
    "破壁机",
    "大闸蟹礼券",
    "燕麦脆",
    "蚕丝被",
    "扫地机",
)
BRANDS = ("青禾记", "北岭工坊", "云朵甄选", "悦己颜", "小满厨房")
PEOPLE = ("阿芷", "老街坊老严", "橘子皮", "今天也要早睡", "二楼的猫", "山前小筑", "半糖去冰", "豆沙包")

COMPLAINTS = (
    "在{host}直播间买的{brand}{goods}，鉴定出来是假货，客服让我自己找平台，退一赔三想都别想。",
    "{host}直播间说{brand}{goods}全网最低价，收到第二天旗舰店便宜了{price}块，客服说不保价。",
    "{brand}{goods}用了三天就开胶，找{host}团队售后，客服已读不回，投诉无果，真是只管卖不管售后。",
    "双11在{host}直播间付了尾款，想退定金说规则不支持，不付尾款不能退货，套路太深了。",
    "下单{days}天了还不发货，{host}直播间的{brand}{goods}物流一直不更新，催发货也没人理。",
    "{host}直播间在线几万人，评论全是机器人刷的，这不就是刷单造假吗？{goods}成交后秒退。",
    "{host}助播让加微信转账，说是{goods}福利链接，付完款就被拉黑，平台说脱离平台交易不管。",
    "收到的{brand}{goods}和{host}直播里演示的完全不一样，虚假宣传，货不对板，做工粗糙还有异味。",
    "{host}在直播间阴阳怪气骂粉丝不会用{goods}，态度恶劣，太低俗了，取关。",
    "{host}带货的{brand}{goods}抽检不合格，标签上没有生产日期，三无产品也敢卖。",
)
PRAISE = (
    "{host}直播间买的{brand}{goods}到了，质量很好，比平时便宜{price}块，推荐。",
    "给{host}点赞，{goods}有点小问题客服当天就退款了，服务真不错。",
    "{brand}{goods}隔天就到，包装完好，{host}推荐的果然靠谱，回购。",
)
NEUTRAL = (
    "{host}今晚八点直播，{brand}{goods}有货，链接在主页。",
    "双11攻略：{host}直播间{goods}预售从{day}开始，满减规则见图。",
    "有人知道{host}直播间的{brand}{goods}什么时候返场吗？",
    "今天上班路上下雨，地铁很挤，双11的购物车还没清空。",
)
ANSWER = "{host}团队发布声明回应{goods}质疑：已下架相关链接，逐一联系消费者退款，并向消费者致歉。"
RULE = "市场监管部门召开行政指导会，要求直播带货平台规范促销规则，不得虚构交易、编造评价。"
BAD_NEWS = (
    "{host}直播间{goods}被指虚假宣传 多名消费者投诉退款难",
    "{brand}{goods}检出不合格 {host}带货曾称“专柜同款”",
    "消费者在{host}直播间买{goods}遇“货不对板” 平台介入调查",
    "{host}直播间{goods}成交数据被质疑注水",
)
OTHER_NEWS = (
    "平价{goods}热销 {host}直播助农专场收官",
    "双11直播带货观察：{goods}怎么选",
)


@dataclass(frozen=True, slots=True)
class Post:
    number: int
    at: datetime
    author: str
    text: str
    likes: int
    title: str = ""


class Writer:
    """Draws posts from one seeded source of chance; the same seed writes the same posts."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._number = 0

    def post(self) -> Post:
        """A post of its own: two complaints of five, some praise, the rest chatter."""
        kind = self._chance.random()
        if kind < 0.4:
            return self._make(COMPLAINTS)
        if kind < 0.6:
            return self._make(PRAISE)
        return self._make((*NEUTRAL, RULE)) if kind < 0.97 else self._make((ANSWER,))

    def complaint(self) -> Post:
        return self._make(COMPLAINTS)

    def news(self) -> Post:
        """An article: a headline and paragraphs on one host, different from every other article's."""
        host = self._host()
        bad = self._chance.random() < 0.6
        post = self._make(BAD_NEWS if bad else OTHER_NEWS, host)
        inside = [self._fill(self._chance.choice(COMPLAINTS if bad else PRAISE), host) for _ in range(2)]
        reader = self._chance.choice(PEOPLE)
        opening = f"本报讯 {post.at:%m月%d日}，{post.text}。读者{reader}向本报介绍了有关情况。"
        number = self._chance.randint(1000, 9999)
        closing = f"编号{number}的投诉单仍在处理中。" if bad else f"当晚共成交{number}单，物流已全部发出。"
        return replace(post, title=post.text, text="\n".join([opening, *inside, closing]))

    def with_reposts(self, posts: list[Post], share: float) -> list[Post]:
        """*posts* and, for a *share* of them, one to three reposts: whole, cut short or commented on."""
        shapes: tuple[Callable[[str], str], ...] = (
            lambda text: text,
            lambda text: f"转发微博//@{self._chance.choice(PEOPLE)}：{text}",
            lambda text: f"{text[:-1]}，大家避雷！",
        )
        reposts = []
        for post in posts:
            if self._chance.random() < share:
                for _ in range(self._chance.randint(1, 3)):
                    self._number += 1
                    later = min(post.at + timedelta(minutes=self._chance.randint(5, 3000)), LAST)
                    text = self._chance.choice(shapes)(post.text)
                    reposts.append(Post(self._number, later, self._chance.choice(PEOPLE), text, 0))
        return sorted([*posts, *reposts], key=lambda post: post.at, reverse=True)

    def _host(self) -> str:
        return self._chance.choices(HOSTS, (6, 3, 2, 1))[0]

    def _make(self, patterns: tuple[str, ...], host: str | None = None) -> Post:
        self._number += 1
        text = self._fill(self._chance.choice(patterns), host or self._host())
        return Post(
            self._number, self._moment(), self._chance.choice(PEOPLE), text, self._chance.randint(0, 900)
        )

    def _fill(self, pattern: str, host: str) -> str:
        return pattern.format(
            host=host,
            goods=self._chance.choice(GOODS),
            brand=self._chance.choice(BRANDS),
            price=self._chance.randint(8, 300),
            days=self._chance.randint(5, 20),
            day=f"{self._chance.randint(21, 31)}日",
        )

    def _moment(self) -> datetime:
        """A minute of the window; the days of the three sales draw several times as many posts."""
        days = (LAST - FIRST).days + 1
        weights = [{1: 4, 12: 4, 22: 8}.get(day, 1) for day in range(days)]
        day = self._chance.choices(range(days), weights)[0]
        return FIRST + timedelta(days=day, minutes=self._chance.randint(0, 1320))
