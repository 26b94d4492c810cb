"""A seeded corpus of invented posts, judged by hand-written rules, for looking at whole reports.

Hosts, shops, sites and quotations are invented; the texts stand for kinds of posts, not for events.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from fengping.clock import parse_moment
from fengping.models import Channel, Document, Engagement, Judgement, Kind, Polarity, RawDocument, document_id

HOSTS = (
    "林小禾",
    "赵满仓",
    "苏一舟",
    "贺兰姐",
    "阿木木",
    "唐三两",
    "白露露",
    "丁大勺",
    "沈知味",
    "周末末",
    "何不凡",
    "麦子叔",
)
PLATFORMS = ("抖音", "淘宝", "快手", "京东")
CHANNELS = (Channel.WEIBO, Channel.CLIENT, Channel.NEWS, Channel.WECHAT, Channel.VIDEO, Channel.FORUM)
CHANNEL_WEIGHTS = (45, 22, 13, 9, 8, 3)
GOODS = ("羽绒服", "大闸蟹", "面霜", "电饭煲", "坚果礼盒", "运动鞋", "蚕丝被", "护肤套装")
COMPLAINTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "C05": (
        "在{host}直播间买的{goods}出现质量问题，客服一直拖延，不让退也不让换，维权难。",
        ("客服", "退货", "拖延", "维权"),
    ),
    "C02": (
        "{host}直播时说{goods}是全网最低价，收到后与宣传不符，明显是虚假宣传。",
        ("虚假宣传", "最低价", "不符"),
    ),
    "C04": ("{host}卖的{goods}做工粗糙，用了两天就坏了，质量太差。", ("做工", "质量", "粗糙")),
    "C06": (
        "刚在{host}直播间付完尾款，{goods}第二天就降价，保价申请被拒绝，感觉被背刺。",
        ("降价", "保价", "尾款"),
    ),
    "C08": ("{host}直播间的{goods}下单十天不发货，物流单号一直不更新。", ("发货", "物流", "单号")),
    "C03": ("{host}带货的{goods}拿去鉴定说是假货，三无产品，连生产日期都没有。", ("假货", "鉴定", "三无")),
    "C01": ("{host}直播间人数涨得离谱，评论全是机器人，{goods}销量疑似刷单。", ("刷单", "机器人", "销量")),
    "C07": (
        "{goods}的满减规则像做数学题，{host}直播间的优惠券还不能叠加，套路太深。",
        ("满减", "优惠券", "套路"),
    ),
    "C09": ("{host}的助理让我加微信转账买{goods}，付完钱就找不到人了。", ("微信", "转账")),
}
WEIGHTS = (24, 18, 16, 14, 11, 8, 5, 3, 1)
PRAISE = "在直播间抢到{goods}，发货很快，质量也不错，会回购。"
NEUTRAL = "{host}今晚八点直播，预告商品有{goods}等。"
OFF_TOPIC = ("双十一快递员的一天。", "今年双十一成交额再创新高。", "商场周年庆活动开始，今晚有音乐喷泉。")
START, DAYS = "2020-10-20", 27
SILENT_DAY = 8
"""2020-10-28: no document at all."""
INDEXED = datetime(2020, 11, 16, 2, tzinfo=UTC)
RISE = {1: 2.1, 12: 2.4, 22: 3.3, 21: 1.9, 2: 1.3, 13: 1.5, 23: 1.8, SILENT_DAY: 0.0}


def corpus(size: int = 3000, seed: int = 11) -> list[Document]:
    """About *size* documents in the window of Double 11 2020, and the cases."""
    chance = random.Random(seed)
    rises = [RISE.get(day, 1.0) for day in range(DAYS)]
    documents = [
        _post(chance, number, day)
        for day, rise in enumerate(rises)
        for number in range(
            round(size * rise / sum(rises) * (1 if rise in RISE.values() else chance.uniform(0.85, 1.15)))
        )
    ]
    return [*documents, *_cases(chance), *_undated(chance)]


def _moment(chance: random.Random, day: int) -> datetime:
    return parse_moment(START) + timedelta(days=day, seconds=chance.randrange(86_400))


def _post(chance: random.Random, number: int, day: int) -> Document:
    goods, host = chance.choice(GOODS), HOSTS[min(int(chance.expovariate(0.45)), len(HOSTS) - 1)]
    kind = chance.random()
    if kind < 0.22:
        codes = chance.choices(list(COMPLAINTS), WEIGHTS, k=1 if chance.random() < 0.75 else 2)
        named = chance.random() < 0.7
        name = host if named else "某主播"
        parts = [COMPLAINTS[code] for code in dict.fromkeys(codes)]
        text = "".join(part.format(host=name, goods=goods) for part, _ in parts)
        words = tuple(dict.fromkeys([word for _, found in parts for word in found] + [goods]))
        judgement = _judged("neg", True, (host,) if named else (), tuple(sorted(set(codes))), words, chance)
    elif kind < 0.42:
        judgement = _judged("pos", True, (), (), (goods, "质量", "回购"), chance)
        text = PRAISE.format(goods=goods)
    elif kind < 0.7:
        judgement = _judged("neu", True, (), (), (goods, "预告", host), chance)
        text = NEUTRAL.format(host=host, goods=goods)
    elif kind < 0.78:
        judgement = _judged("neg", False, (), ("C08",), ("快递", "丢件", "物流"), chance)
        text = "快递又丢件了，物流客服不理人。"
    else:
        judgement = _judged("neu", False, (), (), ("双十一", "快递", "成交额"), chance)
        text = chance.choice(OFF_TOPIC)
    return _document(chance, f"{day}-{number}", _moment(chance, day), text, judgement)


def _judged(
    polarity: str,
    relevant: bool,
    hosts: tuple[str, ...],
    issues: tuple[str, ...],
    words: tuple[str, ...],
    chance: random.Random,
) -> Judgement:
    score = {"neg": 0.1, "neu": 0.5, "pos": 0.9}[polarity]
    platforms = (chance.choices(PLATFORMS, (5, 3, 2, 1))[0],) if relevant and chance.random() < 0.6 else ()
    return Judgement(
        snownlp=score,
        negative=1 - score,
        polarity=Polarity(polarity),
        relevant=relevant,
        consumer=True,
        hosts=hosts,
        negative_hosts=hosts if polarity == "neg" else (),
        platforms=platforms,
        issues=issues,
        keywords=words,
        model="polarity-1+hosts-1",
    )


def _document(
    chance: random.Random,
    key: str,
    moment: datetime | None,
    text: str,
    judgement: Judgement,
    *,
    title: str = "",
    channel: Channel | None = None,
    site: str = "",
    group: str = "",
    first: bool = True,
    author: str = "",
) -> Document:
    id = document_id("corpus", key)
    channel = channel or chance.choices(CHANNELS, CHANNEL_WEIGHTS)[0]
    raw = RawDocument(
        id=id,
        source=f"sample-{channel.value}",
        text=text,
        title=title,
        fetched_at=INDEXED,
        url=f"https://sample.example/{key}",
        channel=channel,
        kind=Kind.NEWS if channel is Channel.NEWS else Kind.POST,
        author_id=author or f"author-{chance.randrange(900)}",
        site=site,
        published_at=moment,
        engagement=Engagement(
            likes=chance.randrange(200), comments=chance.randrange(50), reposts=chance.randrange(30)
        ),
    )
    return Document(raw, judgement, group or id, first, INDEXED)


def _cases(chance: random.Random) -> Iterator[Document]:
    """Four stories: one answered in its own text, one answered later, one punished, one by a single site."""
    yield from _story(
        chance, "case-a", 17, 38, ("林小禾",), ("C01", "C13"),
        "林小禾专场直播被指刷单：成交1323台，退款1012台",
        "有商家称缴纳10万元开播费后，林小禾专场直播当日成交1323台，退款1012台，退款率76.4%。"
        "对此，林小禾签约公司回应称“这是假的，公司没有虚构数据”，平台已介入调查。",
    )  # fmt: skip
    yield from _story(
        chance, "case-b", 12, 21, ("苏一舟",), ("C05",), "苏一舟直播间运动鞋买完不让换引争议",
        "网友发文称在苏一舟直播间买的运动鞋开胶，买完不让换，只管卖不管售后。",
    )  # fmt: skip
    yield _document(
        chance, "case-b-answer", _moment(chance, 24),
        "苏一舟团队发布声明：运动鞋断码无法换货，已为消费者办理退款并致歉。",
        _judged("neu", True, ("苏一舟",), (), ("运动鞋", "退款"), chance),
        title="苏一舟回应直播间运动鞋买完不让换",
    )  # fmt: skip
    yield from _story(
        chance, "case-c", 5, 14, ("赵满仓",), ("C02", "C11"), "赵满仓直播销售的减肥茶被曝宣传根治肥胖",
        "有消费者反映，赵满仓在直播中称所售减肥茶可根治肥胖，收到的商品没有任何许可证。",
    )  # fmt: skip
    yield _document(
        chance, "case-c-fine", _moment(chance, 20),
        "市场监管部门通报，赵满仓直播销售减肥茶宣传根治肥胖一案，对其经营公司作出罚款50万元的行政处罚决定。",
        _judged("neg", True, ("赵满仓",), ("C02",), ("罚款", "减肥茶"), chance),
        title="赵满仓直播销售减肥茶宣传根治肥胖被处罚", channel=Channel.NEWS, site="样本日报",
    )  # fmt: skip
    yield from _story(
        chance, "case-d", 22, 6, ("贺兰姐",), ("C01",), "贺兰姐直播311万人围观被疑买量",
        "有匿名帖称，贺兰姐直播结束时显示311万人围观，真实存在的不到11万，其余为购买。", one_author=True,
    )  # fmt: skip


def _story(
    chance: random.Random,
    key: str,
    day: int,
    copies: int,
    hosts: tuple[str, ...],
    issues: tuple[str, ...],
    title: str,
    text: str,
    *,
    one_author: bool = False,
) -> Iterator[Document]:
    group = document_id("corpus", f"{key}-0")
    began = parse_moment(START) + timedelta(days=day, hours=9)
    for number in range(copies):
        channel = (
            Channel.FORUM
            if one_author
            else (Channel.NEWS, Channel.WEIBO, Channel.WEIBO, Channel.CLIENT)[number % 4]
        )
        site = f"样本网{number % 7}" if channel in (Channel.NEWS, Channel.CLIENT) else ""
        yield _document(
            chance, f"{key}-{number}", began + timedelta(minutes=37 * number), text,
            _judged("neg", True, hosts, issues, (hosts[0], "争议"), chance),
            title=title, channel=channel, site=site, group=group, first=number == 0,
            author=f"{key}-author" if one_author else f"{key}-author-{number}",
        )  # fmt: skip


def _undated(chance: random.Random) -> Iterator[Document]:
    for number in range(7):
        judgement = _judged("neu", False, (), (), (), chance)
        yield _document(chance, f"undated-{number}", None, "这一页没有日期。", judgement)
