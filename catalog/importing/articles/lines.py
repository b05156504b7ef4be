"""Classifies a single line of a saved web page by its form.

A saved page has no markup left, so only the form of a line can be used: prose ends its sentences, a section head does
not; menus are short and without punctuation; credits, disclaimers and invitations use a small set of phrases.
"""

import re

Line = tuple[int, str]  # number in the document, from 1; text

_HANZI = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = re.compile(r"[。！？!?…]")
_CLOSED = re.compile(r"[。！？!?…；;：:][”’」』）)\]】》\"']*$|[。！？!?…][（(][^（）()]{1,20}[)）]$")

_PICTURE = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>|\[?图片\]?|[^\s。，]{0,60}(?: ?\(\d+\))?\.(?:png|jpe?g|gif|webp|bmp|heic|svg)",
    re.IGNORECASE,
)
_ALT_TEXT = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_CAPTION_MARK = re.compile(
    r"^(?:[▲△▼↑◎]|图为|图[一二三四五六七八九十\d]*\s*[:：]|图说)|(?:供图|摄|图/\S+|图片来源[:：]\S+)[)）]?[。]?$"
)

# Roles of the people who made a page. Only the writers are its authors.
WRITER_ROLES = (
    *("特约记者", "见习记者", "通讯员", "通訊員", "记者", "記者", "作者", "文字", "撰文", "撰稿", "采写", "采寫"),
    "文",  # last in the pattern, because longer roles begin with it (文字)
)
OTHER_ROLES = (
    r"责任编辑|責任編輯|责编|编辑|編輯|(?:执行)?主编|值班编委|校对|校對|审核|審核|审校|初审|复审|终审|[一二三]审|监制|监审|统筹|策划"
    r"|制版|排版|版式|美编|设计|制图|摄影|攝影|摄像|图片|图|供图|视频|剪辑|来源|來源|稿源|出品|运营"
)
_ROLE = "|".join((*WRITER_ROLES[:-1], OTHER_ROLES, WRITER_ROLES[-1]))
_PREFIX = r"(?:本[报刊网台]|本报实习|全媒体|融媒体|首席|实习|见习|特约|[\u4e00-\u9fff]{2,6}(?:报|网|社|台|客户端)|\s)*"
CREDIT = re.compile(rf"{_PREFIX}(?P<role>{_ROLE})(?:\s*[:：/丨|]\s*|\s+)(?=\S)")

# Phrases of a site about itself. A line that begins with (or holds) one is never part of an article.
_SITE_LINE = re.compile(
    r"^(?:特别|特別|免责|免責|版权|版權|郑重|郑重|风险|重要)?(?:声明|聲明|提示)\s*[:：]"
    r"|^Notice\s*:|^Disclaimer\b|^Copyright\b|^©|^(?:ICP|[\u4e00-\u9fff]ICP)备|^版权所有|^未经.{0,20}(?:授权|许可|允许)"
    r"|^网友评论|^網友評論|^登录后|^登錄後|^以上内容|^本文(?:来源|来自|转自|仅代表|不构成|系)|^转载(?:请|自|来源)|^(?:原标题|原標題)\s*[:：]"
    r"|^(?:点击|长按|扫码|扫一扫|扫描|识别|打开|下载|下載|关注|關注|欢迎(?:关注|投稿|下载)|更多.{0,12}(?:请|敬请))"
    r".{0,60}(?:APP|App|app|客户端|公众号|公號|微信|二维码|阅读|查看|原文|全文|视频号|微博)"
    r"|(?:使用|接受)\s*Cookie|隐私(?:政策|协议)|用户协议|(?:违法|不良)信息举报|举报电话|(?:仅供参考|不构成).{0,12}(?:投资)?建议",
    re.IGNORECASE,
)
# Headings after which a page shows comments or links to other pages.
_ASIDE = re.compile(
    r"^(?:[•·◆■▍|\s]*)(?:相关(?:阅读|新闻|推荐|文章|链接|报道)|推荐阅读|延伸阅读|热门(?:推荐|文章|新闻|评论)|为你推荐|猜你喜欢|精彩推荐|"
    r"大家都在看|网友评论|评论区|最新评论|全部评论|暂无评论|上一篇|下一篇|返回(?:顶部|列表|首页)|阅读排行|点击排行|[\u4e00-\u9fff]{0,4}热榜)"
    r"(?:[:：].*)?$"
)
_MENU = re.compile(
    r"^(?:[•·◆■▍>|\s]*)(?:官方(?:微信|微博|APP|视频号|网站|抖音)|电子报|首页|登录|注册|搜索|分享(?:到)?|收藏|点赞|评论|打印|字号"
    r"|广告|推广|换一换|展开(?:全文|更多)?|收起|阅读全文|查看更多|加载更多|发送|取消|微信|微博|APP|客户端|返回|更多|热点视频|正文"
    r"|大 中 小|关闭|举报|复制链接)$",
    re.IGNORECASE,
)
_BREADCRUMB = re.compile(r"(?:您?(?:当前|现在)的?位置|^首页\s*[>》/›])|(?:\S\s*[>›]\s*\S.*[>›])")
_LABEL_AFTER_PROSE = re.compile(r"(?<=[。！？”）)])\s+(?:推广|广告|廣告|分享|收藏|展开|展开全文|阅读原文|查看原文)$")
_NUMBERED = (
    (1, re.compile(r"^[一二三四五六七八九十]{1,3}\s*[、.．]\s*|^第[一二三四五六七八九十]{1,3}[章节部分]+\s*|^#\s+")),
    (2, re.compile(r"^[（(][一二三四五六七八九十]{1,3}[)）]\s*|^\d{1,2}\s*[.、．](?!\d)\s*|^#{2,6}\s+")),
)
_BOLD = re.compile(r"^\*\*(.+)\*\*$")

LONGEST_HEADING = 40
LONGEST_CAPTION = 80


def hanzi(text: str) -> int:
    """The number of Chinese characters in a text."""
    return len(_HANZI.findall(text))


def is_picture(line: str) -> bool:
    """Whether a line is only the mark or file name of a picture."""
    return bool(_PICTURE.fullmatch(line))


def alt_text(line: str) -> str:
    """The Chinese alternative text of a Markdown picture; empty if it has none or is too short for a caption."""
    match = _ALT_TEXT.fullmatch(line)
    return match[1].strip() if match and hanzi(match[1]) >= 4 else ""


def has_caption_mark(line: str) -> bool:
    """Whether a line is marked as a caption, for example by ▲, 图为 or the photographer."""
    return len(line) <= LONGEST_CAPTION and bool(_CAPTION_MARK.search(line))


def is_one_sentence(line: str) -> bool:
    """Whether a line is a single complete sentence, as captions are."""
    return len(_SENTENCE_END.findall(line)) == 1 and is_closed(line)


def is_closed(line: str) -> bool:
    """Whether a line ends with the end of a sentence, a colon or a semicolon."""
    return bool(_CLOSED.search(line))


def is_prose(line: str) -> bool:
    """Whether a line is Chinese running text: complete sentences, or too long for anything but a paragraph."""
    count = hanzi(line)
    if count < 8 or is_site_line(line) or is_credit(line) or _asks(line):
        return False
    has_whole_sentence = bool(_SENTENCE_END.search(line)) and (is_closed(line) or count > LONGEST_HEADING)
    return has_whole_sentence or count > 2 * LONGEST_HEADING


def is_credit(line: str) -> bool:
    """Whether a line has only roles and names: 通讯员 甲 乙; 文:丙 制版:丁; 责任编辑:戊."""
    match = CREDIT.match(line)
    if not match or len(line) > 80 or _SENTENCE_END.search(line):
        return False
    names = re.sub(CREDIT, " ", line)
    return all(hanzi(word) <= 12 for word in re.split(r"[\s,，、;；|/:：]+", names))


def is_site_line(line: str) -> bool:
    """Whether a line is the site's own: a notice, an invitation or a breadcrumb trail."""
    return bool(_SITE_LINE.search(line) or _BREADCRUMB.search(line))


def is_menu(line: str) -> bool:
    """Whether a line is an entry of a menu or a button."""
    return bool(_MENU.match(line))


def opens_aside(line: str) -> bool:
    """Whether the rest of the page after this line is comments or links to other pages."""
    return bool(_ASIDE.match(line))


def is_bullet(line: str) -> bool:
    """Whether a line is a short item of a list with bullets."""
    return line[:1] in "•◦▪●○■□◆" and not is_prose(line)


def without_label(line: str) -> str:
    """The line without the label of a button (广告, 展开全文 …) that the page showed behind the paragraph."""
    return _LABEL_AFTER_PROSE.sub("", line)


def is_head(line: str) -> bool:
    """Whether a line has the form of a title or section head: few words that are not a complete sentence."""
    text = head_text(line)
    if hanzi(text) < 2 or len(text) > LONGEST_HEADING or is_bullet(line) or is_menu(line) or is_picture(line):
        return False
    if is_site_line(line) or is_credit(line) or has_caption_mark(line):
        return False
    return _asks(text) or not (is_closed(text) or "。" in text or text[-1] in "，,、；;：:")


def _asks(text: str) -> bool:
    """Whether a text is one short question or exclamation, which a head may be: 园区金融如何破题？"""
    return len(text) <= 25 and bool(re.search(r"[^。；;？！?!]+[？！?!]$", text)) and not re.search(r"[。；;“”]", text)


def head_level(line: str) -> int:
    """1 for a section, 2 for one below it; unnumbered heads are sections."""
    return next((level for level, mark in _NUMBERED if mark.search(line)), 1)


def is_numbered(line: str) -> bool:
    """Whether a line begins with the number of a section or with Markdown's #."""
    return any(mark.search(line) for _, mark in _NUMBERED)


def head_text(line: str) -> str:
    """The text of a head without Markdown's marks (# and **)."""
    return _BOLD.sub(r"\1", re.sub(r"^#{1,6}\s+", "", line)).strip()
