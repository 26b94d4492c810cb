"""The seed story in invented words: every text with what it is, so that plain Python can count it.

Names, shops and firms are invented; figures, days and turns are those of the newspaper story of 2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count

from fengping.clock import SHANGHAI

FIRST, DAYS = date(2020, 10, 20), 27
WINDOW = tuple(FIRST + timedelta(days=at) for at in range(DAYS))
PEAKS = (date(2020, 10, 21), date(2020, 11, 1), date(2020, 11, 11))
TOTAL, LIVE, RULES, OUTSIDE, HIGHEST = 142_963, 3_341, 9_150, 20_000, 10_514

SELLER, GUEST, STAR = "简南舟", "沈砚秋", "贺嘉木"
HOSTS = """version = 1
[[host]]
name = "简南舟"
english = ["Jian Nanzhou"]
[[host]]
name = "沈砚秋"
english = ["Shen Yanqiu"]
[[host]]
name = "贺嘉木"
english = ["He Jiamu"]
"""
PAPER, WIRE, SQUARE = "临江晚报", "江畔消费网", "街坊广场"


@dataclass(frozen=True, slots=True)
class Text:
    """One published text. ``kind``: other, live, rules, outside, answer, move, english."""

    key: str
    at: datetime
    kind: str
    body: str
    title: str = ""
    place: str = ""
    """Place where it stands: :data:`PAPER`, :data:`WIRE`, an account of the square, or a delivered table."""
    host: str = ""
    copy_of: str = ""

    @property
    def day(self) -> date:
        return self.at.date()


def _at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2020, month, day, hour, minute, tzinfo=SHANGHAI)


CHARGES = (
    # Of the show: two on the evening, the third after midnight, one more after it was answered.
    Text("j1", _at(11, 6, 21, 40), "live",
         "11月6日简南舟“顺安专场直播”中，一家小家电店缴纳10万元开播费，当天成交1323台，退款1012台，退款率达76.4%，疑似刷单造假，另有店铺被平台警告虚假交易。",
         "简南舟直播带货翻车：缴10万元开播费，卖出1323台退款1012台", PAPER, SELLER),
    Text("j2", _at(11, 6, 22, 0), "live",
         "简南舟顺安专场直播被曝刷单造假：店铺缴了10万元开播费，成交1323台，退款1012台，直播间数据注水坑苦小店。",
         "简南舟顺安专场直播被曝刷单：1323台退了1012台", WIRE, SELLER),
    Text("j3", _at(11, 7, 0, 5), "live",
         "简南舟顺安专场直播刷单，卖1323台退款1012台，10万元开播费打水漂，商家被坑惨了，太假了",
         "", "巷口老周", SELLER),
    Text("j4", _at(11, 7, 8, 20), "live",
         "气愤！简南舟直播带货数据造假，顺安专场成交1323台退款1012台，退款率76.4%，商家亏大了",
         "", "海棠不语", SELLER),
    Text("j5", _at(11, 11, 20, 0), "live",
         "简南舟直播间顺安专场刷单造假实锤？1323台退1012台，商家投诉，避雷这种直播带货",
         "", "灯下看书人", SELLER),
    Text("h1", _at(11, 8, 15, 0), "live",
         "有消费者投诉，贺嘉木直播间什么操作？只管卖不管售后？11月1日买的运动鞋出现质量问题，让我退货不让我换，买完不让换，以后还怎么敢在直播间买。",
         "贺嘉木直播间买完不让换，消费者吐槽售后差", PAPER, STAR),
    Text("h2", _at(11, 8, 16, 30), "live",
         "消费者反映在贺嘉木直播间买的运动鞋有质量问题，客服只肯退货不让换，买完不让换让消费者气愤。",
         "消费者投诉贺嘉木直播间运动鞋买完不让换", WIRE, STAR),
    Text("h3", _at(11, 8, 19, 55), "live",
         "贺嘉木直播间买的运动鞋出现质量问题，买完不让换，客服只让退货，只管卖不管售后，太失望了",
         "", "半山的云", STAR),
    Text("h4", _at(11, 8, 20, 30), "live",
         "贺嘉木直播间运动鞋买完不让换，售后太差，质量问题都不管，再也不买了",
         "", "巷口老周", STAR),
    Text("h5", _at(11, 8, 21, 10), "live",
         "投诉贺嘉木直播间：运动鞋质量问题不让换，买完就不管售后，消费者只能吃亏",
         "", "三斤橘子", STAR),
    Text("s1", _at(11, 11, 22, 30), "live",
         "11月11日晚沈砚秋在某平台直播带货，显示311万人围观，媒体称真实观众不到11万，其余均为花钱刷量，评论区多为机器人，涉嫌数据造假欺骗消费者。",
         "沈砚秋直播间311万人围观被曝造假，真实不到11万", PAPER, GUEST),
    Text("s2", _at(11, 11, 22, 50), "live",
         "沈砚秋直播间显示311万人围观，被指真实观众不到11万，花钱刷量、机器人评论，直播带货数据造假令消费者气愤。",
         "沈砚秋直播带货311万围观被指刷量：真实观众不到11万", WIRE, GUEST),
    Text("s3", _at(11, 11, 23, 45), "live",
         "沈砚秋直播间311万人围观真实不到11万，全是机器人刷的，直播带货数据造假，骗消费者",
         "", "海棠不语", GUEST),
    Text("s4", _at(11, 12, 8, 0), "live",
         "沈砚秋直播带货311万围观造假，真人不到11万，评论都是机器人，太假了，避雷",
         "", "半山的云", GUEST),
    Text("s5", _at(11, 12, 9, 0), "live",
         "沈砚秋直播间刷量造假，311万人围观只有不到11万是真的，欺骗消费者，差评",
         "", "灯下看书人", GUEST),
)  # fmt: skip

ANSWERS = (
    Text("ja", _at(11, 10, 11, 0), "answer",
         "星泊传媒11月10日回应称，简南舟直播刷单“这是假的”，公司无虚构数据或购买流量行为，退单带有恶意攻击特征，平台已介入调查。",
         "星泊传媒回应简南舟直播刷单：这是假的", PAPER, SELLER),
    Text("jr", _at(11, 17, 10, 0), "answer",
         "11月17日，爆料者发文称，此前关于简南舟顺安专场直播刷单的爆料内容不实，向简南舟致歉。",
         "简南舟直播刷单爆料者称此前爆料不实", WIRE, SELLER),
    Text("sa", _at(11, 21, 15, 0), "answer",
         "11月21日，沈砚秋工作室回应称，沈砚秋仅作为嘉宾参与直播，团队未参与直播运营，对数据统计过程不知情，坚决抵制数据造假。",
         "沈砚秋回应直播数据造假：仅作为嘉宾参与，不知情", PAPER, GUEST),
    Text("ha", _at(11, 21, 16, 0), "answer",
         "11月21日，贺嘉木所属机构回应称，贺嘉木直播间11月1日售出运动鞋，11月6日消费者反映质量问题，因品牌方售罄无法换货，11月8日已完成退款，将全力负责到底。",
         "贺嘉木回应“买完不让换”：已于11月8日退款", WIRE, STAR),
)  # fmt: skip

MOVES = (
    Text("m1", _at(11, 5, 18, 0), "move",
         "11月5日，国家市场监督管理总局印发《关于加强网络直播营销活动监管的指导意见》，规范直播营销行为，压实平台责任。",
         "市场监管总局发布《关于加强网络直播营销活动监管的指导意见》", PAPER),
    Text("m2", _at(11, 6, 17, 0), "move",
         "11月6日，市场监管总局、中央网信办、税务总局联合召开规范线上经济秩序行政指导会，要求互联网平台企业规范直播带货，完善消费者权益保护制度，不得虚构交易。",
         "三部门召开行政指导会规范直播带货，加强消费者权益保护", PAPER),
    Text("m3", _at(11, 13, 17, 0), "move",
         "11月13日，国家互联网信息办公室发布《互联网直播营销信息内容服务管理规定（征求意见稿）》，明确直播营销人员不得虚构或者篡改关注度、浏览量、点赞量。",
         "网信办就《互联网直播营销信息内容服务管理规定（征求意见稿）》公开征求意见", PAPER),
)  # fmt: skip

BEFORE = tuple(
    Text(
        f"o{n}",
        _at(10, 1, 9, n),
        "before",
        "国庆假期首日，本市各大公园游人如织，天气晴好。",
        "国庆假期首日游人如织",
        place,
    )
    for n, place in enumerate((PAPER, WIRE, "巷口老周"))
)
"""Texts of before the days of the story."""
ENGLISH = Text(
    "en", _at(11, 14, 10, 0), "english",
    "The consumer association spoke about livestream sales. Jian Nanzhou's show on November 6 sold 1,323 "
    "units and 1,012 were refunded, it said. Shen Yanqiu's show claimed 3.11 million viewers, of which "
    "fewer than 110,000 were real. A buyer in He Jiamu's room was not allowed to exchange shoes.",
    "Association on Double 11 livestream selling names three anchors", WIRE,
)  # fmt: skip

GOODS = (
    "折叠凳", "护手霜", "不粘锅", "破壁机", "蚕丝被", "扫地机", "电饭煲", "保温杯", "晾衣架", "面霜",
    "吹风机", "收纳箱", "洗衣液", "跑步鞋", "台灯", "书包", "床单", "电热毯",
)  # fmt: skip
FAKED = (
    "直播间人数全是刷的，主播刷单再秒退，{goods}卖了{n}件都是刷量，气人",
    "主播带货{goods}刷单太明显，{n}个评论都是机器人刷的，恶心，投诉",
    "买了直播间的{goods}才发现销量是刷单刷出来的，{n}条好评都是机器人，差评",
)
STUCK = (
    "直播间拍的{goods}客服不让退，催了{n}次售后没人理，气死了",
    "主播直播间买的{goods}，售后太差，第{n}天还不给退款，投诉",
    "在直播间买{goods}退款难，主播家客服已读不回，等了{n}天，失望",
)
COUPONS = (
    "领的{n}元优惠券用不了，买{goods}还要凑单，套路深，差评",
    "{goods}的优惠券用不了，满减规则像做数学题，差了{n}块，坑人",
)
BALANCE = (
    "{goods}不付尾款不能退货，{n}块定金不退，霸王条款，客服态度差，坑人，投诉",
    "拍了{goods}才知道不付尾款不能退货，客服{n}遍都这么说，霸王条款，投诉",
)
SAME_DAY = (
    "双11当天不能退款，{goods}拍错了{n}件，霸王条款，投诉",
    "{goods}下错单，平台说双11当天不能退款，白等{n}小时，霸王条款，坑人",
)
OTHER = (
    "双11预售攻略：{goods}满{n}减四十，什么时候付尾款，购物车里先加好",
    "{goods}双11活动从10月20日开始，预售价{n}元，定金可抵两倍",
    "双11第一波预售今晚开始，{goods}预售价{n}元，尾款11月1日支付",
    "{goods}双11怎么买：先领券，再付定金，到手价{n}元",
)
SPORT = (
    "足球联赛第{n}轮主队两比一获胜，{team}下轮客场作战",
    "篮球赛{team}加时绝杀，全场得{n}分，球迷欢呼",
    "早高峰{team}高架缓行，平均车速{n}公里",
    "马拉松{team}赛段昨日开跑，{n}名选手完赛",
)
TEAMS = ("北港", "东岭", "白石", "南浦", "云溪", "望城")
ENDS = {
    "live": "。头一回碰上这样的事，写出来给大家提个醒。",
    "rules": "。头一回碰上这样的事，写出来给大家提个醒。",
    "other": "。今年活动时间长，慢慢挑，喜欢哪样就买哪样。",
    "outside": "。本台记者从现场发回的报道，赛程和路况见下期。",
}
"""Makes them longer than a bare title, so that they are judged as what papers print."""
LIVE_FIELD = (FAKED, STUCK)
RULE_POINTS = {"优惠券用不了": COUPONS, "不付尾款不能退货": BALANCE, "双11当天不能退款": SAME_DAY}


@dataclass(frozen=True)
class Story:
    """All texts at a scale: 1 is the real volume through one hundred."""

    scale: int
    copies: int
    """Copies of each charge."""

    @property
    def told(self) -> tuple[Text, ...]:
        """Texts that are crawled, in time order."""
        return tuple(
            sorted(
                (*CHARGES, *self._copies(), *ANSWERS, *MOVES, *BEFORE, ENGLISH), key=lambda t: (t.at, t.key)
            )
        )

    def delivered(self) -> Iterator[Text]:
        """Texts that come as tables, in time order: everything else of the days, and what is outside."""
        of_day: dict[date, list[Text]] = {day: [] for day in WINDOW}
        for text in self.told:
            if text.day in of_day:
                of_day[text.day].append(text)
        numbers = count(1)
        for at, day in enumerate(WINDOW):
            told = of_day[day]
            live = _part(LIVE // self.scale, at) - sum(t.kind == "live" for t in told)
            rules = _part(RULES // self.scale, at)
            scoped = sum(t.kind in ("live", "answer", "move") for t in told)
            other = self.of_day[day] - live - rules - scoped
            plan = [
                ("live", live),
                ("rules", rules),
                ("other", other),
                ("outside", _part(OUTSIDE // self.scale, at)),
            ]
            assert min(n for _, n in plan) >= 0, (day, plan)
            made = [_bulk(kind, day, next(numbers), n) for kind, size in plan for n in range(size)]
            yield from sorted(made, key=lambda text: (text.at, text.key))

    @property
    def of_day(self) -> dict[date, int]:
        """Texts of the scope for each day: three peaks, the highest of a given height."""
        total, top = TOTAL // self.scale, HIGHEST // self.scale
        weights = {day: 16 if day in PEAKS[:2] else 10 for day in WINDOW if day != PEAKS[2]}
        left, whole = total - top, sum(weights.values())
        days = {day: left * weight // whole for day, weight in weights.items()} | {PEAKS[2]: top}
        for day in list(weights)[: total - sum(days.values())]:
            days[day] += 1
        return days

    def _copies(self) -> Iterator[Text]:
        """Passed on over the days after, as many a day as the even course of complaints leaves room for."""
        room = {day: _part(LIVE // self.scale, at) for at, day in enumerate(WINDOW)}
        for charge in CHARGES:
            room[charge.day] -= 1
        numbers = count(1)
        for n in range(self.copies):
            for charge in CHARGES:
                number = next(numbers)
                begin = min(charge.day + timedelta(days=1 + 2 * n), date(2020, 11, 13))
                day = next(d for d in WINDOW if d >= begin and room[d] > 0)
                room[day] -= 1
                at = datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI) + timedelta(minutes=number)
                body = charge.body if n % 2 else f"转发微博//@邻居：{charge.body}"
                yield replace(
                    charge, key=f"{charge.key}-{n}", at=at, title="", body=body, place=f"街坊{number}",
                    copy_of=charge.key,
                )  # fmt: skip


def _part(whole: int, at: int) -> int:
    """Share of the day *at* in a count that is spread evenly."""
    return whole * (at + 1) // DAYS - whole * at // DAYS


def _bulk(kind: str, day: date, number: int, n: int) -> Text:
    if kind == "live":
        forms = LIVE_FIELD[n % 2]
    elif kind == "rules":
        forms = tuple(RULE_POINTS.values())[n % 3]
    else:
        forms = OTHER if kind == "other" else SPORT
    body = forms[number // 6 % len(forms)].format(
        goods=GOODS[number % len(GOODS)], team=TEAMS[number % len(TEAMS)], n=3 + number % 90
    )
    # No two of a day at one second: tables without an address take equal texts of one moment for one.
    at = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(
        seconds=300 + number * 7 % 84_000
    )
    return Text(f"b{number}", at, kind, body + ENDS[kind], place="weibo" if number % 5 else "news")
