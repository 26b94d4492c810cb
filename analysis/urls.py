"""One address for one page: the canonical URL, by which a document is recognised.

It is an identity, not a link: scheme, ``www.``, mobile hosts and tracking parameters are gone, and it
may lead nowhere. Fetch and print :attr:`~fengping.models.RawDocument.url` instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

_TRACKING = re.compile(
    r"""utm_\w+ | spm\w* | scm | hm(?:sr|pl|cu|kw|ci) | bd_vid | [fg]bclid | gclid | msclkid | mc_[ce]id
    | from | fr | ref | refer | referer | referrer | src_from | source_from | is_from_webapp
    | tt_from | tt_medium | tt_group_id | _hao_\w+ | vd_source | xsec_\w+ | weibo_id
    | share_(?:token|from|source|medium|plat\w*|session_id|tag|times|scene|iid|link_id) | sharer_\w+
    | wxshare_count | isappinstalled | wx_\w+ | nsukey | clicktime | enterid | chksm
    | timestamp | rand | random | _+[a-z]? | phpsessid | jsessionid | sessionid
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Names of query parameters that say how a reader came, not what the page shows.

Two pages taken for one lose a document, one page taken for two only counts twice: so a name that some
site uses to tell its pages apart (``sid``, ``app``, ``source``) does not stand here.
"""

_MOBILE = re.compile(r"(?:www\d?|m|wap|3g|4g|mobile|touch|h5)\.(?=[^.]+\.)")
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|php|aspx?|jsp)$", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_RAW = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")


@dataclass(frozen=True, slots=True)
class _Site:
    """Address variants of one site's pages; ``canonical`` is filled from the named groups."""

    host: str
    """Regular expression for the whole host, ``www.`` and mobile prefixes already gone."""
    page: str
    """Regular expression searched in ``path?query``."""
    canonical: str


# Forms of address as the platforms' own pages, apps and share buttons hand them out.
_SITES = tuple(
    (re.compile(site.host), re.compile(site.page), site.canonical)
    for site in (
        _Site(
            r"(?:card\.)?weibo\.(?:com|cn)",
            r"^/(?:(?:status|detail|comment)|\d{5,12})/(?P<weibo>[s-zA-Z][0-9A-Za-z]{8}|\d{16})(?:[/?]|$)",
            "weibo.com/detail/{weibo}",
        ),
        _Site(r"(?:card\.)?weibo\.(?:com|cn)", r"^/ttarticle/.*\bid=(?P<id>\d+)", "weibo.com/ttarticle/{id}"),
        _Site(r"(?:ies)?douyin\.com", r"(?:/video/|[?&]modal_id=)(?P<id>\d{15,20})", "douyin.com/video/{id}"),
        _Site(r"(?:ies)?douyin\.com", r"/note/(?P<id>\d{15,20})", "douyin.com/note/{id}"),
        _Site(
            r"kuaishou\.com|gifshow\.com|v\.m\.chenzhongtech\.com",
            r"/(?:short-video|fw/photo)/(?P<id>\w+)",
            "kuaishou.com/short-video/{id}",
        ),
        _Site(
            r"xiaohongshu\.com",
            r"/(?:explore|discovery/item)/(?P<id>[0-9a-f]{24})",
            "xiaohongshu.com/explore/{id}",
        ),
        _Site(
            r"bilibili\.com",
            r"/video/(?P<id>BV\w{10}|av\d+)/?(?:$|\?(?!.*\bp=[2-9]))",
            "bilibili.com/video/{id}",
        ),
        _Site(r"(?:oia\.)?zhihu\.com", r"/answers?/(?P<id>\d+)", "zhihu.com/answer/{id}"),
        _Site(r"zhihu\.com", r"^/question/(?P<id>\d+)(?:[/?]|$)", "zhihu.com/question/{id}"),
        _Site(
            r"toutiao\.com|toutiaocdn\.com",
            r"^/(?:article/|group/|a|i)(?P<id>\d{15,20})(?:[/?]|$)",
            "toutiao.com/article/{id}",
        ),
        _Site(r"baijiahao\.baidu\.com", r"[?&]id=(?P<id>\d+)", "baijiahao.baidu.com/s?id={id}"),
        _Site(r"tieba\.baidu\.com", r"^/(?:p/|mo/q/m\?kz=)(?P<id>\d+)", "tieba.baidu.com/p/{id}"),
        _Site(r"(?:.+\.)?163\.com", r"/(?P<id>[0-9A-Z]{16})(?:_\w+)?\.html", "163.com/article/{id}"),
        _Site(r"sohu\.com", r"^/a/(?P<id>\d+_\d+)", "sohu.com/a/{id}"),
        _Site(r"(?:.+\.)?qq\.com", r"/(?P<id>20\d{6}[0-9A-Z]{8})(?:\.html|[/?]|$)", "new.qq.com/rain/a/{id}"),
        _Site(r"(?:.+\.)?ifeng\.com", r"^/c/(?:s/)?(?P<id>[0-9A-Za-z]{11})(?:[?]|$)", "ifeng.com/c/{id}"),
        _Site(
            r"thepaper\.cn",
            r"/(?:newsDetail_forward_|detail/)(?P<id>\d+)",
            "thepaper.cn/newsDetail_forward_{id}",
        ),
        _Site(
            r"(?:.+\.)?sina\.(?:com\.cn|cn)",
            r"/(?:doc|detail)-(?P<id>i[a-z]{7}\d{7})\.",
            "sina.com.cn/doc-{id}",
        ),
        _Site(r"item(?:\.m)?\.jd\.com", r"^/(?:product/)?(?P<id>\d+)\.html", "item.jd.com/{id}.html"),
        _Site(
            r"(?:.+\.)?(?:taobao|tmall)\.com",
            r"/(?:item|detail)\.html?\?(?:.*&)?id=(?P<id>\d+)",
            "item.taobao.com/item.htm?id={id}",
        ),
    )
)

# Where only these parameters say which page it is.
_KEEP = {"mp.weixin.qq.com": frozenset({"__biz", "mid", "idx", "sn"})}


def canonical_url(url: str) -> str:
    """The canonical form of a web address; applying it again changes nothing.

    Raises ``ValueError`` for what is no address of a web page (``javascript:…``, ``无``, a file).
    """
    scheme, host, port, path, query, fragment = _split(url)
    if scheme not in {"http", "https"}:
        raise ValueError(f"{url!r} is not a web address")
    while (prefix := _MOBILE.match(host)) and host not in _KEEP:
        host = host[prefix.end() :]
    path = _path(path)
    query = _query(query, _KEEP.get(host))
    for page, canonical in _sites(host):
        if found := page.search(f"{path}?{query}"):
            groups = found.groupdict()
            if "weibo" in groups:
                groups["weibo"] = weibo_mid(groups["weibo"])
            return "https://" + canonical.format(**groups)
    address = f"https://{host}{port}{path}"
    if query:
        address += f"?{query}"
    # A page that a script draws from its fragment: #/video/12, #!search.
    if fragment.startswith(("/", "!")):
        address += f"#{_escaped(fragment)}"
    return address


@lru_cache(maxsize=4096)
def _sites(host: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((page, canonical) for site, page, canonical in _SITES if site.fullmatch(host))


def weibo_mid(name: str) -> str:
    """The number of a Weibo post from either of its names, base-62 ``JtC1ZaBcD`` or the number itself.

    The base-62 name spells the number in groups of seven digits, four characters each.
    """
    if name.isdigit() and len(name) > 9:
        return name
    alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    groups = []
    for end in range(len(name), 0, -4):
        value = 0
        for letter in name[max(end - 4, 0) : end]:
            value = value * 62 + alphabet.index(letter)
        groups.append(f"{value:07d}")
    return "".join(reversed(groups)).lstrip("0")


def _split(url: str) -> tuple[str, str, str, str, str, str]:
    """Scheme, host, port with its colon, path, query and fragment."""
    url = url.strip().strip("<>\u200b\ufeff")
    if url.startswith("//"):
        url = f"https:{url}"
    elif not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", url):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        if not host.isascii():
            host = host.encode("idna").decode()
        port = parts.port
    except (UnicodeError, ValueError):
        raise ValueError(f"{url!r} is not a web address") from None
    if ":" in host:
        host = f"[{host}]"
    elif not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", host) or ("." not in host and host != "localhost"):
        raise ValueError(f"{url!r} is not a web address")
    return (
        parts.scheme.lower(), host, "" if port in {None, 80, 443} else f":{port}",
        parts.path, parts.query, parts.fragment,
    )  # fmt: skip


def _path(path: str) -> str:
    path = re.sub(r";jsessionid=[^/;]*", "", path, flags=re.IGNORECASE)
    segments: list[str] = []
    for segment in _escaped(path).split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    return _INDEX.sub("", "/" + "/".join(segments)).rstrip("/")


def _query(query: str, keep: frozenset[str] | None) -> str:
    pairs = set()
    for pair in query.replace("&amp;", "&").split("&"):
        name, _, value = pair.partition("=")
        if not name or (name not in keep if keep else _TRACKING.fullmatch(name)):
            continue
        pairs.add(f"{_escaped(name)}={_escaped(value)}" if value else _escaped(name))
    return "&".join(sorted(pairs))


def _escaped(text: str) -> str:
    """Percent-escapes in one spelling: unreserved characters plain, all others ``%XX``."""
    text = _RAW.sub(lambda m: "".join(f"%{b:02X}" for b in m[0].encode("utf-8", "surrogatepass")), text)

    def spell(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(spell, text)
