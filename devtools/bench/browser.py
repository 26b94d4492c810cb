"""A thousand rendered pages of a local site: memory over time, pages lost."""

from __future__ import annotations

import asyncio
import statistics
import time

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from devtools.bench import Options, Row
from devtools.loopback import HTML, Handler, serving
from fengping.errors import UsageError
from fengping.spiders.browser.renderer import Limits, Renderer, megabytes
from fengping.spiders.framework import FilteringProxy

PAGES = 1000
SAMPLE_EVERY = 5
FEWEST = 4 * SAMPLE_EVERY
"""Pages that give each quarter a sample."""

# A page of the heavy kind: a few thousand nodes written by its script, some of them kept by closures.
PAGE = """<html><head><title>第{n}页</title></head><body><div id="root"></div><script>
window.kept = [];
for (let i = 0; i < 1500; i++) {{
  const box = document.createElement('p');
  box.textContent = '第{n}页第' + i + '段：样例评论内容，仅供测量使用。';
  box.addEventListener('click', () => kept.push(box));
  root.append(box); kept.push(new Array(50).fill(i));
}}
</script></body></html>"""


class _Handler(Handler):
    def do_GET(self) -> None:
        self.give(200, HTML, PAGE.format(n=self.path.strip("/")).encode())


class _Look:
    async def prepare(self, page: Page) -> None:
        pass

    async def work(self, page: Page) -> str:
        return await page.content()


def run(options: Options) -> list[Row]:
    """Memory is the sum of what each Chromium process holds for itself alone (USS), in MiB."""
    count = options.size or PAGES
    if count < FEWEST:
        raise UsageError(
            f"{count} pages are too few to tell memory over time.", remedy=f"Take --size {FEWEST} or more."
        )
    begin = time.perf_counter()
    with serving(_Handler) as port, FilteringProxy(lambda host: True) as proxy:
        memory, lost, recycled = asyncio.run(_measure(port, count, proxy))
    quarter = len(memory) // 4
    means = [statistics.fmean(memory[n * quarter : (n + 1) * quarter]) for n in range(4)]
    return [
        Row("pages rendered", count / (time.perf_counter() - begin), "pages/s", count),
        Row("pages lost", lost, "pages", count),
        Row("browsers replaced", recycled, "times", count),
        Row("memory, second quarter", means[1], "MiB", quarter),
        Row("memory, last quarter", means[3], "MiB", quarter, means[3] / means[1], "second quarter"),
        Row("memory at peak", max(memory), "MiB", len(memory)),
    ]


async def _measure(port: int, count: int, proxy: FilteringProxy) -> tuple[list[float], int, int]:
    renderer = Renderer(proxy, Limits(pages_at_once=2))
    memory: list[float] = []
    done = lost = 0

    async def visit(number: int) -> None:
        nonlocal done, lost
        try:
            page = await renderer.render(f"http://127.0.0.1:{port}/{number}", _Look())
            lost += f"第{number}页第1499段" not in page.html
        except (TimeoutError, BrowserError):
            lost += 1
        done += 1
        if done % SAMPLE_EVERY == 0:
            memory.append(megabytes())

    await asyncio.gather(*(visit(number) for number in range(count)))
    recycled = renderer.recycled
    await renderer.close()
    return memory, lost, recycled
