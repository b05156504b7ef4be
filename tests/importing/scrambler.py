"""Makes scrambled casebooks of which the truth is known.

The text is invented: sentences drawn from a small grammar over everyday words of the trade, every case with its own
subjects. It is set in columns of random widths, with indents and squeezed line ends, laid out on pages, and written
out as a text layer is: right page before left, the title and its box after the text, captions anywhere.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


def _words(text: str) -> list[str]:
    return text.split()


SUBJECTS = _words("""
    农户 渔民 商户 工厂 车间 仓库 港口 果园 学校 医院 社区 书店 茶园 牧场 码头 船队 邮局 车站
    花店 磨坊 鞋厂 纸厂 染坊 糖厂 酒庄 窑厂 旅店 剧院 球场 泳池 温室 鱼塘 矿山 电站 水厂 桥梁
    隧道 公园 菜场 面馆
""")
THINGS = _words("""
    订单 账单 合同 票据 押金 租金 货款 工资 水费 电费 利息 税款 保费 学费 运费 定金 存单 库存
    原料 设备 零件 种子 肥料 木材 棉布 陶瓷 茶叶 水果 蔬菜 海产 图书 药品 口罩 轮胎 玻璃 水泥
    钢材 家具 玩具 雨伞
""")
VERBS = _words("""
    登记 核对 整理 收取 支付 运送 检查 购买 销售 分发 保管 估价 审批 查询 预约 抵押 担保 续期
    减免 补贴 介绍 推荐 讲解 统计 安排 调整 简化 升级 公布 评估
""")
MANNERS = _words("""
    及时 逐步 定期 主动 认真 联合 统一 集中 分批 优先 上门 线上 当场 按月 按季 提前 全面 重点
    耐心 公开
""")
AIMS = _words("""
    降低成本 缩短时间 减少往返 改善环境 方便居民 扩大就业 保护耕地 节约用水 稳定价格 增加收入 提高效率
    防范风险 培养人才 丰富品种 保障供应 恢复生产 拓宽销路 传承手艺 更新设施 服务老人
""")
PLACES = _words("东山 西河 南岭 北湖 青石 白沙 红枫 金田 银滩 云台 龙口 凤城 梅林 竹园 松江 桃源")
MOODS = _words("春风 晨光 星河 远山 清泉 繁花 归雁 长桥 灯塔 沃土")
LABEL = "案例简介"
LAST_ROWS = 8


@dataclass
class Layout:
    """Habits of one book: widths of its columns in characters, and how often what happens."""

    full: int = 36
    half: int = 21
    beside: int = 28
    sidebar: int = 13
    rows: int = 24
    shared_spreads: bool = True
    caption_rate: float = 0.4
    footer_rate: float = 0.1
    chapter_marks: bool = True
    labels_after: float = 0.8


@dataclass
class TrueCase:
    """What a reader should read."""

    title: list[str]
    chapter: str
    summary: str
    body: list[str] = field(default_factory=list)  # headings and paragraphs
    captions: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)  # text across a break, six characters on either side


@dataclass
class Book:
    lines: list[str]
    cases: list[TrueCase]
    contents: tuple[int, int]  # first and last line of the table of contents


def make_book(seed: int, layout: Layout | None = None, chapters: int = 3, cases: int = 4) -> Book:
    """A book of `chapters` with `cases` each, the same for the same seed."""
    return _Press(random.Random(seed), layout or Layout()).print_book(chapters, cases)


Row = tuple[str, int]  # text, blank lines above
Page = list[Row]


class _Press:
    def __init__(self, rng: random.Random, layout: Layout):
        self.rng, self.layout = rng, layout

    # -- text ---------------------------------------------------------------------------------------------------

    def sentence(self, words: "_Words") -> str:
        """One or two clauses: about as long as the sentences of such books."""
        clauses = [self.clause(words) for _ in range(1 + (self.rng.random() < 0.6))]
        return "，".join(clauses) + "。"

    def clause(self, words: "_Words") -> str:
        rng = self.rng
        place, who, thing, verb = rng.choice(PLACES), words.subject(), words.thing(), rng.choice(VERBS)
        manner = rng.choice(MANNERS)
        patterns = (
            lambda: f"{place}的{who}{rng.choice(MANNERS)}{verb}{thing}，{rng.choice(AIMS)}",
            lambda: f"{words.bank}为{who}{verb}{thing}，同时{rng.choice(VERBS)}{words.thing()}，{rng.choice(AIMS)}",
            lambda: f"为了{rng.choice(AIMS)}，该行{rng.choice(MANNERS)}{verb}{who}的{thing}和{words.thing()}",
            lambda: f"截至去年底，该行累计为{rng.randint(12, 980)}家{who}{verb}{thing}",
            lambda: f"{who}过去需要多次{verb}{thing}，如今只需一次",
            lambda: f"该行把“{place}{words.mood}”计划与{who}的{thing}结合起来，{rng.choice(AIMS)}、{rng.choice(AIMS)}",
            lambda: f"{rng.randint(2, 11)}月上旬，{place}{who}因{thing}涨价一度停工，客户经理{manner}前往{verb}",
            lambda: f"对{place}一带的{who}，{words.bank}另设窗口{verb}{thing}，全程不收手续费",
            lambda: f"{who}负责人说，{thing}的{verb}比往年快了三天，工人们的心也安定下来",
            lambda: f"凭借{rng.randint(3, 60)}年的经验，工作小组{manner}走访{who}，记录{thing}{verb}中的难处",
            lambda: f"无论晴雨，信贷员都会把{thing}送到{place}，再陪{who}{verb}{words.thing()}",
            lambda: f"经过三轮讨论，{place}{who}与该行签订协议，约定{thing}由双方共同{verb}",
        )
        return rng.choice(patterns)()

    def paragraph(self, words: "_Words", low: int = 2, high: int = 4) -> str:
        return "".join(self.sentence(words) for _ in range(self.rng.randint(low, high)))

    def case(self, number: int, chapter: str, bank: str) -> TrueCase:
        rng = self.rng
        words = _Words(rng, bank)
        who, thing = words.subject(), words.thing()
        title = [f"{bank}{rng.choice(MANNERS)}{rng.choice(VERBS)}{thing}", f"{words.mood}照进{rng.choice(PLACES)}{who}"]
        title += (
            [f"——{rng.choice(PLACES)}{words.mood}纪实之{'一二三四五六七八九十'[number % 10]}"]
            if rng.random() < 0.4
            else []
        )
        case = TrueCase(title, chapter, self.paragraph(words, 2, 3))
        case.body += [self.paragraph(words)]
        for section in range(1, rng.randint(4, 7)):
            case.body.append(f"{section}.  {rng.choice(MANNERS)}{rng.choice(VERBS)}{words.thing()}")
            case.body += [self.paragraph(words, 1, 4) for _ in range(rng.randint(2, 4))]
        return case

    # -- setting ------------------------------------------------------------------------------------------------

    def wrap(self, text: str, width: int, indent: int = 2) -> list[str]:
        """Lines of a paragraph: no line begins with a mark; a mark may hang over the edge."""
        lines, rest = [], text
        room = width - indent
        while rest:
            end = self._fit(rest, room)
            lines.append(rest[:end])
            rest, room = rest[end:], width
        return lines

    @staticmethod
    def _fit(text: str, room: int) -> int:
        ems, end = 0.0, 0
        while end < len(text) and ems + (size := 0.5 if text[end].isascii() else 1.0) <= room:
            ems, end = ems + size, end + 1
        while 0 < end < len(text) and text[end].isdigit() and text[end - 1].isdigit():
            end -= 1
        if end < len(text) and text[end] in "，。、”":
            end += 1
        if end < len(text) and text[end] in "，。、":
            end += 1
        return max(end, 1)

    def set_case(self, case: TrueCase) -> Iterator[tuple[Page, Page, Page]]:
        """Pages as (head, text, captions): title and box of the first page; the text of every page.

        A paragraph that a page's end cuts goes on without an indent on the next, in a column of another width.
        """
        rng, layout = self.rng, self.layout
        narrow = rng.random() < 0.6
        width = layout.beside if narrow else rng.choice((layout.full, layout.half))
        head = self._head(case, layout.sidebar if narrow else width + rng.choice((0, 3, 4, 4, 5, 5, 6, 6)))
        room = layout.rows if narrow else layout.rows - 6
        pending, carried = list(case.body), ""
        while pending or carried:
            lines = self.wrap(carried, width, indent=0) if carried else []
            carried = ""
            while pending and (len(lines) < room or self._is_little(pending, width)):
                if _is_heading(pending[0]) and room - 4 < len(lines) < room:
                    break  # no heading at the foot of a page
                text = pending.pop(0)
                lines += [text] if _is_heading(text) else self.wrap(text, width)
                if len(lines) > room and not self._is_little(lines[room:] + pending, width):
                    carried = "".join(lines[room:])
                    lines = lines[:room]
                    case.joins.append(lines[-1][-6:] + carried[:6])
                    break
            yield head, [(line, 1) for line in lines], self._captions(case)
            head, room = [], layout.rows + rng.randint(0, 12)
            width = rng.choice([w for w in (layout.full, layout.half, layout.beside) if w != width])

    @staticmethod
    def _is_little(texts: Sequence[str], width: int) -> bool:
        """Too little for a page of its own."""
        return sum(map(len, texts)) < LAST_ROWS * width

    def _head(self, case: TrueCase, width: int) -> Page:
        title = [(line, 1 if i == 0 else 0) for i, line in enumerate(case.title)]
        box = [(line, 1) for line in self.wrap(case.summary, width)]
        label = [(LABEL, 1)]
        if self.rng.random() < self.layout.labels_after:
            return self.rng.choice((title + box + label, title + box + label, box + title + label))
        return title + label + box

    def _captions(self, case: TrueCase) -> Page:
        rng = self.rng
        if rng.random() >= self.layout.caption_rate:
            return []
        thing = rng.choice(THINGS)
        text = rng.choice(
            (
                f"{rng.choice(PLACES)}{thing}展台。",
                f"工作人员在{rng.choice(PLACES)}清点{thing}。",
                f"{rng.choice(PLACES)}{rng.choice(SUBJECTS)}的负责人与来访客人在新落成的{thing}展厅门前合影留念。",
            )
        )
        case.captions.append(text)
        if len(text) > 20 and rng.random() < 0.5:
            return [(text[:14], 1), (text[14:], 0)]
        return [(text, 1)]

    # -- the book -----------------------------------------------------------------------------------------------

    def print_book(self, chapters: int, cases: int) -> Book:
        rng = self.rng
        names = [f"{a}{b}" for a, b in zip(rng.sample(MOODS, chapters), rng.sample(PLACES, chapters), strict=True)]
        banks = [
            f"{place}银行{town}分行" for place, town in zip(rng.sample(PLACES, 12), rng.sample(PLACES, 12), strict=True)
        ]
        book = [[self.case(i, name, rng.choice(banks)) for i in range(cases)] for name in names]
        pages: list[Page] = []
        for name, chapter in zip(names, book, strict=True):
            if not self.layout.shared_spreads and len(pages) % 2:
                pages.append([])
            mark = self.layout.chapter_marks or rng.random() < 0.5
            number = "一二三四五六七八九"[names.index(name)]
            pages.append(self._opener(f"第{number}章" if mark else "", name))
            for case in chapter:
                if not self.layout.shared_spreads and len(pages) % 2:
                    pages.append([])
                pages += [self._compose(*parts) for parts in self.set_case(case)]
        lines = self._front(names, book)
        contents = (lines.index("目录") + 1, len(lines))
        return Book(lines + self._write(pages, names), [case for chapter in book for case in chapter], contents)

    def _opener(self, mark: str, name: str) -> Page:
        slogans = [f"{self.rng.choice(MANNERS)}{aim}" for aim in self.rng.sample(AIMS, 3)]
        rows: Page = [(mark, 1)] if mark else []
        return [*rows, (name, 1), *((slogan, 0) for slogan in slogans)]

    def _compose(self, head: Page, text: Page, captions: Page) -> Page:
        """One page in the order in which it was extracted."""
        rng = self.rng
        if head:
            text = rng.choice(([*head, *text], [*text, *head]))
            return [*captions, *text] if rng.random() < 0.5 else [*text, *captions]
        if captions and len(text) > 12 and rng.random() < 0.3:
            middle = len(text) // 2  # at the foot of the first column, inside a sentence or not
            return [*text[:middle], *captions, *text[middle:]]
        return [*captions, *text] if rng.random() < 0.5 else [*text, *captions]

    def _front(self, names: Sequence[str], book: Sequence[Sequence[TrueCase]]) -> list[str]:
        lines = ["关于本书", "", "《远山银行业案例集》由远山银行业协会编印。", "", "目录", ""]
        page = 1
        for name, chapter in zip(names, book, strict=True):
            lines += [name, ""]
            for case in chapter:
                joined = "".join(case.title) if self.rng.random() < 0.3 else None
                lines += [*([joined[:18], joined[18:]] if joined else case.title), ""]
            lines += [f"{page:03d}", ""]
            page += 10
        return lines[:-1]

    def _write(self, pages: list[Page], names: Sequence[str]) -> list[str]:
        """The spreads, right page first; the first row of each indented and without a blank line above it."""
        lines: list[str] = []
        if len(pages) % 2:
            pages = [*pages, []]
        for number, (left, right) in enumerate(zip(pages[::2], pages[1::2], strict=True)):
            rows = [*right, *left]
            if not rows:
                continue
            if self.rng.random() < self.layout.footer_rate:
                foot = f"{2 * number:03d} {self.rng.choice(names)}2019 2020远 山 银 行 业 优 秀 案 例 集"
                lines += ["", foot, "", rows[0][0]]
            else:
                lines += [" " + rows[0][0]]
            for text, gap in rows[1:]:
                lines += [""] * gap + [text]
        return lines


def _is_heading(text: str) -> bool:
    return text[1:4] == ".  "


class _Words:
    """The subjects and things that one case is about."""

    def __init__(self, rng: random.Random, bank: str):
        self._rng, self.bank = rng, bank
        self._subjects, self._things = rng.sample(SUBJECTS, 6), rng.sample(THINGS, 9)
        self.mood = rng.choice(MOODS)

    def subject(self) -> str:
        return self._rng.choice(self._subjects)

    def thing(self) -> str:
        return self._rng.choice(self._things)
