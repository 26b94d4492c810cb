"""One page, one canonical URL; two pages, two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengping.analysis import canonical_url
from fengping.analysis.urls import weibo_mid

# Each group is one page under all its addresses; the first is the canonical form.
SAME = [
    # spelling
    (
        "https://news.example.cn/a/b",
        "http://news.example.cn/a/b",
        "HTTPS://News.Example.CN:443/a/b",
        "http://www.news.example.cn:80/a/b/",
        "http://m.news.example.cn/a//b",
        "//news.example.cn/a/./c/../b",
        "news.example.cn/a/b#comments",
        "  http://user:secret@news.example.cn./a/b ",
        "<http://news.example.cn/a/b>",
        "http://news.example.cn/a/b;jsessionid=0A1B2C",
        "http://news.example.cn/%61/%62",
    ),
    (
        "https://example.cn",
        "http://www.example.cn/",
        "m.example.cn",
        "https://example.cn/index.html",
        "https://example.cn/?",
    ),
    (
        "https://example.cn/zt",
        "https://example.cn/zt/index.shtml",
        "https://example.cn/zt/default.aspx",
        "https://example.cn/zt/",
    ),
    ("https://example.cn:8080/a", "http://www.example.cn:8080/a"),
    (
        "https://example.cn/%E9%A3%8E%E8%AF%84",
        "http://example.cn/风评",
        "http://example.cn/%e9%a3%8e%e8%af%84",
    ),
    ("https://xn--fiqs8s.cn/a", "http://中国.cn/a"),
    ("https://[::1]:8000/a", "http://[::1]:8000/a/"),
    ("https://localhost:8000/a", "http://localhost:8000/a"),
    ("https://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
    ("https://gov.cn/a", "http://www.gov.cn/a"),
    ("https://m.cn/a", "http://m.cn/a"),
    # parameters
    (
        "https://example.cn/a?id=7",
        "https://example.cn/a?id=7&utm_source=weibo&utm_medium=social",
        "https://example.cn/a?from=timeline&id=7&isappinstalled=0",
        "https://example.cn/a?spm=a2hww.20023042&id=7&scm=20140719",
        "https://example.cn/a?id=7&share_token=0C5F&tt_from=weixin&_t=8jz",
        "https://example.cn/a?id=7&amp;from=singlemessage",
        "https://example.cn/a?id=7&hmsr=toutiao&fbclid=x&gclid=y",
        "https://example.cn/a?id=7&id=7&",
    ),
    ("https://example.cn/s?a=1&b=2", "https://example.cn/s?b=2&a=1"),
    ("https://example.cn/s?q=%E9%A3%8E%2B", "https://example.cn/s?q=风%2b"),
    # pages that a script draws from the fragment
    ("https://app.example.cn#/video/12", "http://app.example.cn/#/video/12"),
    # platforms
    (
        "https://weibo.com/detail/3501756485200075",
        "https://weibo.com/1234567890/z0JH2lOMb",
        "https://weibo.com/1234567890/z0JH2lOMb?from=page_1005_profile&type=comment#_rnd1605",
        "https://m.weibo.cn/status/3501756485200075",
        "https://m.weibo.cn/status/z0JH2lOMb?sourceType=weixin",
        "https://m.weibo.cn/detail/3501756485200075",
        "https://m.weibo.cn/1234567890/3501756485200075",
        "https://weibo.cn/comment/z0JH2lOMb",
        "http://www.weibo.com/detail/3501756485200075",
    ),
    (
        "https://mp.weixin.qq.com/s?__biz=MzA5Nz%3D%3D&idx=1&mid=265&sn=ab12",
        "http://mp.weixin.qq.com/s?__biz=MzA5Nz%3D%3D&mid=265&idx=1&sn=ab12&chksm=8b6&scene=21#wechat_redirect",
        "https://mp.weixin.qq.com/s/?sn=ab12&__biz=MzA5Nz%3D%3D&mid=265&idx=1&mpshare=1&srcid=1111",
    ),
    ("https://mp.weixin.qq.com/s/AbC-d_123", "https://mp.weixin.qq.com/s/AbC-d_123?scene=1"),
    (
        "https://douyin.com/video/6893000000000000001",
        "https://www.douyin.com/video/6893000000000000001?previous_page=app_code_link",
        "https://www.iesdouyin.com/share/video/6893000000000000001/?region=CN&mid=68",
        "https://m.douyin.com/share/video/6893000000000000001",
        "https://www.douyin.com/discover?modal_id=6893000000000000001",
    ),
    (
        "https://kuaishou.com/short-video/3xabcd",
        "https://www.kuaishou.com/short-video/3xabcd?authorId=1",
        "https://v.m.chenzhongtech.com/fw/photo/3xabcd?fid=2",
    ),
    (
        "https://xiaohongshu.com/explore/5fab00000000000001001234",
        "https://www.xiaohongshu.com/discovery/item/5fab00000000000001001234?xsec_token=AB",
    ),
    (
        "https://bilibili.com/video/BV1xx411c7mD",
        "https://m.bilibili.com/video/BV1xx411c7mD?share_source=copy",
        "https://www.bilibili.com/video/BV1xx411c7mD/?p=1",
    ),
    (
        "https://zhihu.com/answer/1570000000",
        "https://www.zhihu.com/question/430000000/answer/1570000000?utm_psn=1",
        "https://www.zhihu.com/answer/1570000000",
    ),
    ("https://zhihu.com/question/430000000", "https://www.zhihu.com/question/430000000?sort=created"),
    ("https://zhuanlan.zhihu.com/p/290000000", "http://zhuanlan.zhihu.com/p/290000000?utm_id=0"),
    (
        "https://toutiao.com/article/6893000000000000002",
        "https://www.toutiao.com/a6893000000000000002/",
        "https://m.toutiao.com/i6893000000000000002/?upstream_biz=tt",
        "http://toutiao.com/group/6893000000000000002/",
    ),
    (
        "https://baijiahao.baidu.com/s?id=1683000000000000001",
        "https://baijiahao.baidu.com/s?id=1683000000000000001&wfr=spider&for=pc",
        "https://baijiahao.baidu.com/builder/preview/s?id=1683000000000000001",
    ),
    (
        "https://tieba.baidu.com/p/7000000001",
        "http://tieba.baidu.com/p/7000000001?pn=1&see_lz=1",
        "https://tieba.baidu.com/mo/q/m?kz=7000000001",
    ),
    (
        "https://163.com/article/FR3O1Q0R0001899O",
        "https://www.163.com/news/article/FR3O1Q0R0001899O.html",
        "https://c.m.163.com/news/a/FR3O1Q0R0001899O.html?spss=newsapp",
        "https://3g.163.com/dy/article/FR3O1Q0R0001899O.html",
        "http://news.163.com/20/1111/08/FR3O1Q0R0001899O.html",
    ),
    (
        "https://sohu.com/a/431000000_120000000",
        "https://www.sohu.com/a/431000000_120000000?scm=1",
        "http://m.sohu.com/a/431000000_120000000/",
    ),
    (
        "https://new.qq.com/rain/a/20201111A0ABCD00",
        "https://new.qq.com/omn/20201111/20201111A0ABCD00.html",
        "https://xw.qq.com/cmsid/20201111A0ABCD00",
        "https://view.inews.qq.com/a/20201111A0ABCD00?refer=wx",
    ),
    (
        "https://ifeng.com/c/81Habcdefgh",
        "https://news.ifeng.com/c/81Habcdefgh",
        "https://ishare.ifeng.com/c/s/81Habcdefgh",
        "https://i.ifeng.com/c/81Habcdefgh",
    ),
    (
        "https://thepaper.cn/newsDetail_forward_9900000",
        "https://www.thepaper.cn/newsDetail_forward_9900000",
        "https://m.thepaper.cn/detail/9900000?from=weibo",
    ),
    (
        "https://sina.com.cn/doc-iiznezxs1234567",
        "https://finance.sina.com.cn/chanjing/2020-11-11/doc-iiznezxs1234567.shtml",
        "https://finance.sina.cn/2020-11-11/detail-iiznezxs1234567.d.html?vt=4",
    ),
    ("https://item.jd.com/100001.html", "https://item.m.jd.com/product/100001.html?utm_campaign=x"),
    (
        "https://item.taobao.com/item.htm?id=610000000000",
        "https://detail.tmall.com/item.htm?spm=a1&id=610000000000&skuId=4",
        "https://h5.m.taobao.com/awp/core/detail.htm?id=610000000000",
    ),
]

# Pages that look alike and are not the same.
DIFFERENT = [
    ("https://example.cn/a?id=7", "https://example.cn/a?id=8"),
    ("https://example.cn/a?sid=7", "https://example.cn/a?sid=8"),
    ("https://example.cn/a?source=1", "https://example.cn/a?source=2"),
    ("https://example.cn/a", "https://example.cn/A"),
    ("https://example.cn/a_1.html", "https://example.cn/a_2.html"),
    ("https://a.example.cn/1", "https://b.example.cn/1"),
    ("https://example.cn/a?q=a%26b", "https://example.cn/a?b&q=a"),
    ("https://example.cn/a%2Fb", "https://example.cn/a/b"),
    ("https://example.cn:8000/a", "https://example.cn/a"),
    ("https://app.example.cn/#/video/12", "https://app.example.cn/#/video/13"),
    ("https://weibo.com/1234567890/z0JH2lOMb", "https://weibo.com/1234567890/z0JH2lOMc"),
    ("https://weibo.com/1234567890/followers", "https://weibo.com/1234567891/followers"),
    ("https://weibo.com/u/1234567890", "https://weibo.com/u/1234567891"),
    (
        "https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=1&sn=a",
        "https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=2&sn=b",
    ),
    ("https://www.bilibili.com/video/BV1xx411c7mD?p=2", "https://www.bilibili.com/video/BV1xx411c7mD"),
    (
        "https://www.zhihu.com/question/430000000",
        "https://www.zhihu.com/question/430000000/answer/1570000000",
    ),
    ("https://www.163.com/dy/media/T1.html", "https://www.163.com/dy/media/T2.html"),
]

NO_ADDRESS = [
    "",
    "无",
    "-",
    "javascript:void(0)",
    "mailto:a@example.cn",
    "ftp://example.cn/a",
    "http://",
    "http:///a",
    "http://a b.cn/",
    "http://example.cn:port/",
    "file:///etc/hosts",
    "http://[::1",
    "12:30",
]


@pytest.mark.parametrize(
    ("canonical", "url"), [(group[0], url) for group in SAME for url in group], ids=lambda url: url[:60]
)
def test_one_page_has_one_canonical_url(canonical: str, url: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_pages_have_two(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="is not a web address"):
        canonical_url(url)


@pytest.mark.parametrize("name", ["z0JH2lOMb", "3501756485200075"])
def test_both_names_of_a_weibo_post_give_its_number(name: str) -> None:
    assert weibo_mid(name) == "3501756485200075"


_part = st.text(st.sampled_from("aZ0风%2Ff&=/.;?#~+ '\"<-_"), max_size=12)


@given(
    st.sampled_from(["example.cn", "www.m.example.cn", "m.weibo.cn", "mp.weixin.qq.com"]), _part, _part, _part
)
def test_the_canonical_form_of_a_canonical_url_is_itself(host: str, path: str, query: str, tail: str) -> None:
    once = canonical_url(f"http://{host}/{path}?{query}#{tail}")
    assert canonical_url(once) == once
    assert once.isascii()
