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

# Each kind of complaint is put together from an opening, what happened and how it went on, so that two
# people who complain of the same thing do not use the same words, as on the web.
OPENINGS = (
    "{when}在{host}直播间买了{goods}，",
    "跟风{host}拍的{brand}{goods}，",
    "{host}推荐的{goods}我等了{days}天，",
    "妈妈看{host}直播下的单，{brand}{goods}，",
    "在{host}直播间头一回买{goods}，",
    "囤了两件{brand}{goods}，{host}家，",
)
WRONGS = (
    ("拿去专柜一验是假货", "鉴定证书显示是仿冒的", "防伪码怎么都查不到", "没有生产日期，妥妥三无"),
    (
        "旗舰店便宜了{price}块",
        "说好全网最低价，结果买贵{price}",
        "付定金反而比现货更贵",
        "拒绝保价，差{price}元",
    ),
    ("穿{days}天就开胶", "一洗就掉色起球", "打开有一股异味", "质量问题一大堆，边上还破损"),
    ("不付尾款居然不能退", "满减规则复杂得要做数学题", "优惠券到手用不了", "套路深，凑单凑到{price}块"),
    ("{days}天了迟迟不发货", "物流不更新，怕是假单号", "漏发一件还说签收了", "催发货{days}次没人理"),
    ("评论区全是机器人刷的", "在线人数一看就是刷量", "听说刷单成交再秒退", "数据造假太明显"),
    ("被引导加微信转账", "给的是专拍链接，平台不管售后", "店铺消失，聊天记录也没了", "私下交易付完被拉黑"),
    ("货不对板，跟演示两回事", "虚假宣传，吹得天花乱坠", "功效全是夸大宣传", "图文不符，颜色也不一样"),
    ("助播阴阳怪气骂粉丝", "剧本吵架太低俗", "态度恶劣还辱骂顾客", "半夜擦边直播，低级趣味"),
    ("抽检不合格还在卖", "标签上的国标不符", "没看到经营许可，怀疑无资质", "网上说添加剂超标"),
)
AFTERS = (
    "，客服让我找平台。",
    "，投诉无果。",
    "，售后已读不回。",
    "，退款难。",
    "，取关了。",
    "！大家避雷。",
    "，要求退一赔三。",
    "，只等来机器人客服。",
    "，打了12315。",
    "，七天无理由呢？",
    "，倒贴{price}块运费。",
)
PRAISE = (
    "{host}家的{brand}{goods}质量很好，推荐。",
    "给{host}点赞，{goods}有小问题客服{days}分钟就退款了。",
    "{brand}{goods}隔天就到，包装完好，回购。",
    "{when}抢到的{goods}真不错，便宜了{price}块，开心。",
    "跟着{host}买{goods}从没失望过，服务贴心。",
    "{goods}比想象中还好，{brand}良心，感谢{host}。",
)
NEUTRAL = (
    "{host}今晚八点直播，有{brand}{goods}。",
    "有人知道{goods}什么时候返场吗？蹲{host}。",
    "双11攻略：{goods}预售{when}开始，满{price}减三十。",
    "今天下雨，地铁挤了{days}站，购物车还没清空。",
    "{when}和同事讨论{goods}选哪个颜色，聊了{days}分钟。",
    "{host}的直播预告出来了，{price}款新品。",
)
ANSWER = "{host}团队{when}就{goods}一事作出回应：链接已下架，将逐一联系消费者退款并致歉。"
RULE = "{when}市场监管部门开行政指导会，要求直播带货规范促销规则，不得虚构交易，{days}家平台参加。"
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
BAD_CLAUSES = (
    "消费者{person}出示的订单截图显示实付{price}元。",
    "检测报告列出的第{days}项指标与标称值不符。",
    "记者{when}两次拨打店铺电话均无人接听。",
    "多名买家建了维权群，目前有{price}人。",
    "主播方助理称{goods}由品牌方直接发货。",
    "平台客服答复称需要{days}个工作日核查。",
    "律师认为若属虚假宣传，消费者可主张赔偿。",
    "同款{goods}在线下门店标价{price}元。",
    "{person}表示，直播回放已经看不到了。",
    "当地消协提醒保留聊天记录和录屏。",
    "有买家收到的{goods}外包装破损。",
    "该链接此前月销{price}件，现已下架。",
)
OTHER_CLAUSES = (
    "合作社负责人{person}说，{days}吨存货两小时订完。",
    "直播间当晚观看{price}万人次。",
    "{when}第一批{goods}已装车发往各地。",
    "业内人士建议比较配料和执行标准。",
    "{brand}表示今年加开了{days}条生产线。",
    "不少买家冲着口碑而来，回购率高。",
    "选购时看清克重、面料和退换说明。",
    "{person}教大家三步算清满减。",
    "当地就业因此多了{price}个岗位。",
    "{goods}价格与去年同期基本持平。",
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
        """A post of its own: two complaints of five, some praise, the rest chatter, rules and answers."""
        kind = self._chance.random()
        if kind < 0.4:
            return self.complaint()
        if kind < 0.6:
            return self._make(self._chance.choice(PRAISE))
        return self._make(self._chance.choice((*NEUTRAL, RULE)) if kind < 0.97 else ANSWER)

    def complaint(self) -> Post:
        return self._make(self._complaint())

    def news(self) -> Post:
        """An article: a headline and paragraphs on one host, different from every other article's."""
        host = self._host()
        bad = self._chance.random() < 0.6
        post = self._make(self._chance.choice(BAD_NEWS if bad else OTHER_NEWS), host)
        drawn = self._chance.sample(BAD_CLAUSES if bad else OTHER_CLAUSES, 6)
        told = [self._fill(clause, host) for clause in drawn]
        opening = f"本报讯 {post.at:%m月%d日}，读者{self._chance.choice(PEOPLE)}向本报讲述了购物经历。"
        text = "\n".join([opening, "".join(told[:3]), "".join(told[3:])])
        return replace(post, title=post.text, text=text)

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

    def _complaint(self) -> str:
        wrong = self._chance.choice(self._chance.choice(WRONGS))
        return self._chance.choice(OPENINGS) + wrong + self._chance.choice(AFTERS)

    def _host(self) -> str:
        return self._chance.choices(HOSTS, (6, 3, 2, 1))[0]

    def _make(self, pattern: str, host: str | None = None) -> Post:
        self._number += 1
        text = self._fill(pattern, host or self._host())
        author, likes = self._chance.choice(PEOPLE), self._chance.randint(0, 900)
        return Post(self._number, self._moment(), author, text, likes)

    def _fill(self, pattern: str, host: str) -> str:
        return pattern.format(
            host=host,
            person=self._chance.choice(PEOPLE),
            goods=self._chance.choice(GOODS),
            brand=self._chance.choice(BRANDS),
            price=self._chance.randint(8, 300),
            days=self._chance.randint(5, 20),
            when=self._chance.choice(("昨晚", "双11当天", "零点", "上周", "预售那天", "大促第一天")),
        )

    def _moment(self) -> datetime:
        """A minute of the window; the days of the three sales draw several times as many posts."""
        days = (LAST - FIRST).days + 1
        weights = [{1: 4, 12: 4, 22: 8}.get(day, 1) for day in range(days)]
        day = self._chance.choices(range(days), weights)[0]
        return FIRST + timedelta(days=day, minutes=self._chance.randint(0, 1320))
