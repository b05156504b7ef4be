"""What the front says itself: pages and JSON for what never reaches a worker, and for workers that do not answer.

They need no other file, no script and no worker.
"""

import base64
import hashlib
import html
import json
from pathlib import Path

from serving.headers import HEADERS

# Status: heading, and what to do.
ERRORS = {
    400: ("请求无法识别", "浏览器发来的请求不完整或格式不对。请返回上一页重试。"),
    403: ("没有权限", "这个地址不对外开放。"),
    404: ("没有这个页面", "地址可能有误。请从首页重新进入。"),
    405: ("不能这样请求", "这个地址不接受这种请求方法。"),
    408: ("请求没有发完", "等了很久，浏览器的请求还没有发完。请检查网络后重试。"),
    413: ("内容太大", "提交的内容或文件超过了允许的大小。请拆成几份再提交。"),
    414: ("地址太长", "检索的文字太长，地址超过了允许的长度。请只用其中要紧的几句。"),
    429: ("请求太频繁", "从您所在的网络来的请求一时太多。请过几秒再试。"),
    431: ("请求头太大", "浏览器发来的 Cookie 或请求头太大。请清除本站的 Cookie 后重试。"),
    500: ("服务暂时出错", "程序遇到了意外。请稍后再试；如果一再出现，请告知管理员。"),
    503: ("网站暂时忙", "网站正在启动，或者一时忙不过来。请过一会儿刷新。"),
}

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1a2220; --ink-2: #45504d; --accent: #0d5a50; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #141918; --ink: #e3e8e5; --ink-2: #b9c3bf; --accent: #83cbbb; }
}
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.8 "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei",
  sans-serif; }
main { max-width: 36rem; margin: 18vh auto 4rem; padding: 0 1.25rem; }
h1 { font: 600 2rem/1.4 "Source Han Serif SC", "Noto Serif SC", "Noto Serif CJK SC", "Songti SC", serif;
  margin: 0 0 .5rem; }
a { color: var(--accent); }
.number { color: var(--ink-2); font-size: .8125rem; overflow-wrap: anywhere; }
"""

_PAGE = """<!DOCTYPE html>
<html lang="zh-Hans">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading} · 案例库</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{heading}</h1>
<p>{text}</p>
<p><a href="/">回到案例库首页</a></p>
<p class="number">编号 {number}（求助时请告诉管理员）</p>
</main>
</body>
</html>
"""
# Filled in by nginx (ssi).
_NUMBER = '<!--# echo var="request_id" -->'


def write(folder: Path) -> None:
    """<status>.html and <status>.json of each error."""
    for status, (_, text) in ERRORS.items():
        (folder / f"{status}.html").write_text(page(status, _NUMBER), "utf-8")
        detail = json.dumps(text, ensure_ascii=False)
        (folder / f"{status}.json").write_text(f'{{"detail": {detail}, "request_id": "{_NUMBER}"}}\n', "utf-8")


def page(status: int, number: str) -> str:
    """In HTML; `number` is the request's."""
    heading, text = ERRORS[status]
    return _PAGE.format(heading=html.escape(heading), text=html.escape(text), style=STYLE, number=number)


def headers() -> dict[str, str]:
    """Those of every answer; but of styles these pages may use only their own, known by its hash."""
    style = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {**HEADERS, "Content-Security-Policy": policy, "Cache-Control": "no-store"}
