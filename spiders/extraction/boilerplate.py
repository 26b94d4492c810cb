"""Boilerplate around articles on Chinese pages, by the words of its lines and the names of its elements."""

from __future__ import annotations

import re
from functools import lru_cache

from fengping.spiders.extraction.tree import Element

# Names of elements (class and id, lower case) that hold no article. `hot`, `list`, `text` and other names
# that articles carry too are left out.
_NEGATIVE = re.compile(
    r"comment|cmnt|(?<![a-z])cmt|pinglun|gentie|(?<![a-z])repl(?:y|ies)|liuyan|guestbook"
    r"|foot(?!ball|age)|sidebar|side[-_]?bar|(?<![a-z])side(?![a-z])|right[-_]?(?:col|bar|side|box|nav|con|main)"
    r"|relat(?:e|ion)|recommend|(?<![a-z])rec[-_]|tuijian|xiangguan|guess|interest|yanshen|readmore|more[-_]?(?:news|read|link)"
    r"|(?:hot|top|latest|other)[-_]?(?:news|list|read|article|rank|topic|search|word|post|blog|comment)|ranking|paihang|phb"
    r"|shar(?:e|ing)(?!holder)|fenxiang|social|jiathis|bds[-_]|copyright|copyr|banquan|disclaim|mianze|shengming|statement"
    r"|breadcrumb|crumb|(?<![a-z])nav(?![a-z]*el)|navi|daohang|location|position[-_]?(?:bar|nav)|(?<![a-z])path(?![a-z])"
    r"|menu|login|regist|popup|popwin|modal|dialog|toast|tooltip|qr[-_]?code|erweima|ewm|saoma|(?<![a-z])wx(?:code|follow)|follow"
    r"|advert|(?<![a-z])ads?(?![a-z])|adv(?![a-z])|guanggao|(?<![a-z])gg\d*(?![a-z])|sponsor|promot|taboola|outbrain"
    r"|toolbar|page[-_]?tool|(?<![a-z])tools?(?![a-z])|pagination|(?<![a-z])pag(?:er|es|ebar|enav|ing)(?![a-z])|fenye"
    r"|prev|next|(?<![a-z])tags?(?![a-z])|keyword|fontsize|font-?size|fatie|vote|(?<![a-z])like(?![a-z])|zan(?![a-z])|dashang"
    r"|reward|donate|subscri|newsletter|feedback|fankui|jubao|download|app[-_]?(?:down|guide|open|bar)|profile|user[-_]?(?:info|card)"
    r"|author[-_]?(?:info|card|intro|box|desc)|about|(?<![a-z])bio(?![a-z])|player|video[-_]?(?:tool|ctrl|control)|signature|(?<![a-z])sign(?![a-z])"
    r"|edit(?:or)?[-_]?(?:info|name|line)|zebian|bianji|special[-_]?(?:link|list)|wap[-_]?special|show[-_]author",
)
_POSITIVE = re.compile(
    r"artic|artibody|content|con_?text|zhengwen|neirong|trs_editor|trs_ueditor|rich_media|post[-_]?(?:body|message|text)"
    r"|entry|news[-_]?(?:text|txt|body|con|detail)|(?<![a-z])(?:main)?[-_]?text(?![a-z])|endtext|detail|postmessage|t_f(?![a-z])|story"
    r"|richtext|read[-_]?(?:text|content)|view[-_]?(?:con|text)|cnt[-_]|(?<![a-z])body",
)

_WRITER = (
    r"(?:责任)?(?:编辑|编审|校对|责编|审核|监制|主编|制作|值班|终审|初审"
    r"|复审|编校|统筹|出品|策划|审签|签发|美编|录入|排版|上传)"
)
# A whole line that belongs to the page or its editors, not to the text.
_EDITORS_LINE = re.compile(
    rf"^[\s\[【（(<《|/·◎●■▲*—-]*(?:本文|本期|本版|实习|见习|新媒体|网络|网站|值班|执行|视觉|本网|微信|视频|责任)*{_WRITER}"
    rf"(?:\s*[/丨|、与和]\s*{_WRITER})*(?:人员?|员|人|部)?\s*(?:[:：/丨|]|\s(?=[\u4e00-\u9fff]{{2,4}}$)).{{0,60}}$"
    r"|^[\s\[【（(]*(?:责编|责任编辑|编辑)\s*[\]】]?\s*[\u4e00-\u9fff]{2,4}[\s\])】）]*$"
    r"|^[\s\[【（(]*(?:文章|稿件|本文|信息|内容|新闻|图文|资料)?(?:来源|來源|来自|来源于|稿源|转载自|转自)(?:于|自)?\s*[:：]\s*.{0,50}$"
    r"|^[\s\[【（(]*(?:作者|記者|记者|通讯员|文|撰文|供稿|发布者|发布人|发布)\s*[:：]\s*\S{0,20}(?:\s+(?:来源|编辑|责编|时间|日期|发布时间)\s*[:：]?.*)?$"
    r"|^(?:发布|发表|更新|出版|录入|编辑)(?:时间|日期)\s*[:：].{0,60}$"
    r"|^(?:点击|浏览|阅读|查看|访问|人气)(?:次数|数|量|率)?\s*[:：]?\s*(?:\d[\d,.万wk+]*)?\s*次?$"
)
# Three patterns, since nearly every line of a page is asked: the first is tried at one place only, the second
# begins with a letter that few lines hold.
_HEADED_NOTICE = re.compile(
    r"[\s\[【（(*※]*(?:(?:特别|郑重|免责|版权|及|与|法律|本站|本网|转载|风险|责任)+(?:声明|提示|说明|申明|须知)|声\s?明\s*[:：])"
    r"|Notice:|copyright",
    re.I,
)
_NOTICE = re.compile(
    r"ICP备|ICP证|icp备|icp证|公网安备|许可证编?号?[:：]|违法和?不良信息|©"
    r"|all rights reserved|All [Rr]ights [Rr]eserved|ALL RIGHTS RESERVED"
)
_CONTACTS = re.compile(r"(?:(?:电话|热线|传真|邮箱|地址|邮编|客服)[:：]\s?\S+.{0,40}){2}")
# The same without its heading: such a sentence may be the article's own, unless it stands at the end.
_LAST_NOTICE = re.compile(
    r"版权(?:归|为|均属|所有)|未经.{0,16}(?:授权|许可|同意|允许).{0,16}(?:不得|禁止|严禁|请勿)"
    r"|(?:严禁|禁止|谢绝)(?:擅自)?转载|转载请(?:注明|联系|标明)"
    r"|(?:本文|文章|内容|以上)(?:仅|只)?(?:代表|系|为)(?:作者)?(?:个人|本人|其)?.{0,10}(?:观点|立场|看法)"
    r"|仅代表(?:作者)?(?:个人|本人|其本人)?观点|不代表.{0,14}(?:立场|观点)"
    r"|(?:如|若)(?:有|涉及).{0,8}侵权.{0,12}(?:联系|删)"
)
_CALL = re.compile(
    r"(?:扫描?(?:一扫)?|长按|识别|扫码).{0,12}(?:二维码|关注|阅读|下载|订阅|加入|查看|分享|打开)|扫码(?:关注|阅读|下载|分享)"
    r"|(?:关注|欢迎关注|搜索).{0,14}(?:公众号|官方微信|官方微博|微信号|视频号|头条号)|下载.{0,12}(?:客户端|app)|打开.{0,10}(?:客户端|app).{0,12}(?:查看|阅读|体验)"
    r"|^(?:点击|戳|查看|进入).{0,8}(?:进入专题|专题|更多|下一页|原文|全文|图集|大图)|(?:分享|转发|发送)(?:到|至|给)"
    r"|^(?:返回|回到).{0,8}(?:查看更多|首页|顶部|列表|搜狐)|^展开(?:全文|阅读|剩余)|阅读原文|阅读全文|更多(?:精彩|内容|资讯|新闻|报道|猛料).{0,20}(?:关注|下载|点击|登录|请)"
    r"|^订阅《|^我要(?:反馈|纠错|评论|举报|留言|投稿)|^(?:举报|反馈|纠错|投诉)(?:\s*[/|·]?\s*(?:举报|反馈|纠错|投诉))*$|新闻热线|爆料(?:热线|电话|邮箱)|举报(?:电话|邮箱|热线)"
    r"|(?:您的|你的|当前)?浏览器(?:不支持|版本)|javascript|^本文(?:已)?被?.{0,4}(?:阅读|浏览)",
    re.I,
)
_IMPERATIVE = re.compile(
    r"^[\W_]*(?:扫|长按|识别|点击|点这里|戳|关注|下载|打开|欢迎|更多|请|阅读|查看|返回|展开|我要|新闻热线|爆料|您的|当前)"
)
_UI = re.compile(
    r"^(?:[\s|/·,，：:>＞<＜\[\]【】（）()\-—_+×xX☆★♥❤\d]|分享|收藏|打印|关闭(?:窗口|本页)?|字(?:号|体)|放大|缩小|大|中|小|超大|标准|默认|繁体|简体|举报|反馈|点赞|赞|踩|评论|跟帖"
    r"|转发|微信|微博|新浪|腾讯|qq|qzone|空间|好友|朋友圈|人人网?|豆瓣|复制链接|链接|二维码|扫一扫|返回|顶部|首页|上一页|下一页|上一篇|下一篇|尾页|末页|上页|下页|到|至|下载|客户端|手机|阅读|原文|听|语音|播报"
    r"|回复|登录|注册|发布|发表|提交|取消|确定|更多|关注|已关注|订阅|私信|打赏|赞赏|支持|喜欢|在看|查看|全文|展开|收起|推荐|人气|浏览|点击|次|条|人|本页|此页|本文|文章|加入|添加|网页|调整|设置|放入|我的|纠错|我要|播放|暂停|自动|向前|向后|play|用|参与|讨论|打开|看|评分|app)+$",
    re.I,
)
_SECTION = re.compile(
    r"^[\s\[【（(<《|/·◎●■▲▼◆*#—-]*(?:(?:相关|更多|其他|其它|热门|推荐|最新|延伸|拓展|扩展|往期|近期|精彩|精选|热点|同类|猜你|你可能|您可能|大家都?在?|编辑|今日|本周|热|往期精彩)"
    r"(?:还|会|感)?(?:的)?(?:相关)?(?:新闻|阅读|文章|报道|内容|资讯|推荐|链接|专题|视频|话题|帖子|评论|回顾|推广|喜欢|兴趣|看|搜|读|图集|图片|信息|热点|产品|标签|博文|问题|精选|回复|关注|点击|的|排行(?:榜)?)+"
    r"|(?:网友|用户|全部|最新|热门|最热|精彩|发表|我要|读者|所有|文章|新闻|写|观众|查看)(?:的)?(?:评论|留言|跟贴|跟帖|点评|回复|讨论)|评论(?:区|列表)?|留言板?|跟帖|(?:新闻|阅读|点击|评论|热门)排行榜?|上一[篇条页]|下一[篇条页]|猜你喜欢|为你推荐|大家都在看|推荐阅读|延伸阅读|相关链接)"
    r"\s*[\])】）》>]*\s*(?:[:：(（\[【\d/|>＞»·].{0,60})?(?:\s*(?:更多|换一[批换组]|查看全部|热点|more)[\s>＞»]*)?$"
)
_SENTENCE_END = re.compile(r"[。！？!?…][”」』’）)\]]?")

_OTHER_SECTION = re.compile(
    r"comment|cmnt|(?<![a-z])cmt|pinglun|repl(?:y|ies)|gentie|relat|recommend|tuijian|xiangguan|rank"
)
_SHORT_LINE = 120


@lru_cache(maxsize=20_000)
def hint(names: str) -> int:
    """-1 for an element whose class and id name something else than an article, 1 for an article, else 0.

    ``share-bar artibody`` says both, and so nothing; comments are comments whatever else they are called.
    """
    tokens = [(_NEGATIVE.search(t) is not None, _POSITIVE.search(t) is not None) for t in names.split()]
    negative = any(no for no, _ in tokens)
    positive = any(yes and not no for no, yes in tokens)
    if negative and (not positive or _OTHER_SECTION.search(names)):
        return -1
    return int(positive and not negative)


@lru_cache(maxsize=1_000)
def is_noise(text: str) -> bool:
    """True if a whole line is the page's or its editors', wherever it stands."""
    if len(text) > _SHORT_LINE:
        return False
    if _EDITORS_LINE.match(text) or _UI.match(text):
        return True
    # 主播引导消费者扫码关注公众号。 is news, 扫码关注公众号 is not.
    called = len(text) <= 60 and _CALL.search(text) is not None
    return called and (_IMPERATIVE.match(text) is not None or not has_sentence(text))


def is_notice(text: str, *, at_end: bool = False) -> bool:
    """True if a line is a notice on copyright or liability; at the end of an article, more lines are."""
    if len(text) > 300:
        return False
    return _is_plain_notice(text) or (at_end and _LAST_NOTICE.search(text) is not None)


@lru_cache(maxsize=1_000)
def _is_plain_notice(text: str) -> bool:
    if _HEADED_NOTICE.match(text) or _NOTICE.search(text):
        return True
    return text.count("：") + text.count(":") > 1 and _CONTACTS.search(text) is not None


@lru_cache(maxsize=1_000)
def opens_other_section(text: str) -> bool:
    """True if a line is the heading of a section after the article: comments, related news, next article."""
    return len(text) <= 80 and _SECTION.match(text) is not None


def names_other_section(element: Element) -> bool:
    """True if an element is named as comments, related news or a ranking."""
    return bool(element.names) and _other(element.names)


@lru_cache(maxsize=2_000)
def _other(names: str) -> bool:
    return _OTHER_SECTION.search(names) is not None


def in_other_section(element: Element) -> bool:
    """True if an element or one around it is named so."""
    at: Element | None = element
    while at is not None and not names_other_section(at):
        at = at.parent
    return at is not None


def has_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None
