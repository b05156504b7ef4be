"""Which column is meant, by its English or Chinese name."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from catalog.text.script import to_simplified

COLUMNS = {
    "ref": ("id", "ref", "编号", "序号", "标识", "导入标识", "案例编号"),
    "title": ("title", "标题", "题目", "题名", "案例标题", "案例名称"),
    "subtitle": ("subtitle", "副标题", "副题"),
    "text": ("text", "content", "正文", "内容", "全文", "案例内容", "案例正文"),
    "body": ("body", "markdown", "正文markdown", "markdown正文"),
    "summary": ("summary", "abstract", "摘要", "简介", "案例简介", "概要"),
    "bank": ("bank", "institution", "银行", "机构", "银行名称", "机构名称"),
    "branch": ("branch", "分行", "分支机构", "分支行", "机构（分支行、部门）"),
    "category": ("category", "chapter", "章节", "分类", "类别", "栏目"),
    "products": ("products", "product", "产品", "产品名称", "金融产品"),
    "published_on": ("publishedon", "published", "publishedat", "date", "日期", "发布日期", "发布时间", "时间"),
    "publisher": ("publisher", "source", "发布者", "来源", "媒体", "出处", "发布单位"),
    "authors": ("authors", "author", "作者"),
    "captions": ("captions", "caption", "图片说明", "图注", "图说"),
    "script": ("script", "字体", "原文字体", "简繁"),
    "status": ("status", "状态"),
    "chapter": ("章节代码",),
    "origin": ("来源文件",),
    "year": ("year", "年份"),
    "number": ("number", "在来源中的序号"),
    "title_inferred": ("titleinferred", "标题为代拟"),
    "category_confidence": ("categoryconfidence", "章节的把握"),
    "first_line": ("firstline", "来源起始行"),
    "last_line": ("lastline", "来源终止行"),
    "first_page": ("firstpage", "印刷页起"),
    "last_page": ("lastpage", "印刷页止"),
    "provenance": ("provenance", "段落出处"),
    "doubts": ("doubts", "存疑"),
    "updated_at": ("updatedat", "目录中的更新时间"),
}
# Names that mean something else where the column beside them has the meaning already, as in an export: the chapter's
# code, the file that the case comes from.
_BESIDE = {"chapter": ("category", "chapter"), "source": ("publisher", "origin")}
# What an editor calls it, for reports.
LABELS = {field: next(name for name in names if not name.isascii()) for field, names in COLUMNS.items()}
LABELS["body"] = "正文（body）"


@lru_cache(maxsize=1000)
def fields_of(headings: tuple[str, ...]) -> Mapping[str, str]:
    """The fields that the headings of one table mean, without the headings of columns that are no fields."""
    keys = {heading: _key(heading) for heading in headings}
    fields = {}
    for heading, key in keys.items():
        beside, field = _BESIDE.get(key, (None, ""))
        if beside is None or beside not in keys.values():
            field = _FIELD_OF.get(key, "")
        if field:
            fields[heading] = field
    return fields


def _key(name: str) -> str:
    folded = to_simplified(unicodedata.normalize("NFKC", name)).casefold()
    return "".join(char for char in folded if char.isalnum())


_FIELD_OF = {_key(name): field for field, names in COLUMNS.items() for name in names}
