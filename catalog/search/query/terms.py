"""What the pieces of a query ask for: runs of characters, the words in them, the banks and products they name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from catalog.search.names.lexicon import Lexicon
from catalog.search.query.syntax import Clause, Piece
from catalog.text.normalise import fold, is_chinese
from catalog.text.segment import is_word, latin_words, pairs, plain

_LONGEST_NAME = 8  # clauses
# Words of a query by which its answers are sought one by one; a question has a dozen.
MOST_WORDS = 64

# Words of questions, of no use for finding unless they are all there is.
_IDLE_WORDS = """
怎么 怎样 怎么样 如何 什么 为什么 哪些 哪个 哪家 哪里 哪 谁 多少 几 是否 有没有 能否 能不能 可不可以 可以 能 不能 会 要
吗 呢 吧 啊 的 了 着 过 得 地 是 有 在 和 与 及 或 为 对 把 被 让 给 从 向 到 等 请 再 还 又 很 不 没 上 下 里 中 用 做
去 来 我 我们 他 他们 它 它们 你 你们 自己 人家 这 那 这个 那个 一个 一种 一些 这些 那些 没有
关于 有关 通过 进行 之 其 也 都 就 而 并 但 以 于 由 所 时 后 前 期间 时候 之后 之前
"""
IDLE = frozenset(_IDLE_WORDS.split())


@dataclass(frozen=True)
class Word:
    """A word of a term, folded.

    `parts`: the words it consists of, and itself; `owners`: lexemes of the banks and products it names, `names`: all
    that these go by.
    """

    text: str
    parts: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Term:
    """A piece of a query, folded: as a run, as a name, and as its telling words; `more`: it has more than these."""

    text: str
    label: str
    words: tuple[Word, ...]
    owners: tuple[str, ...] = ()
    exact: bool = False
    more: bool = False

    @property
    def lexemes(self) -> list[str]:
        """The pairs and the whole Latin words of the run."""
        return [*pairs(self.text)[:-1], *latin_words(self.text)]


@dataclass(frozen=True)
class Group:
    """Alternatives, one of which a case must have, or must not have if `excluded`. It is query[start:end].

    `parts`: see `Clause`.
    """

    terms: tuple[Term, ...]
    excluded: bool
    start: int
    end: int
    parts: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return " | ".join(f"“{term.label}”" if term.exact else term.label for term in self.terms)


def groups(
    clauses: Iterable[Clause], lexicon: Lexicon, stands: Callable[[str], bool] = lambda run: False
) -> list[Group]:
    """The groups in order, none twice and none empty. Marks of punctuation count only where there is nothing else.
    Those that are not excluded have `MOST_WORDS` words in all, the first ones.

    A blank between Chinese and letters or digits may be one of typography: where the catalogue has the text without it,
    which `stands` tells of a folded run, 5G 网络 asks for 5G网络.
    """
    by_terms: dict[tuple, Group] = {}
    for clause in _runs_joined(list(_names_joined(list(clauses), lexicon)), lexicon, stands):
        terms = tuple(term for piece in clause.pieces if (term := make_term(piece, lexicon)))
        if terms:
            key = (tuple(term.text for term in terms), clause.excluded)
            by_terms.setdefault(key, Group(terms, clause.excluded, clause.start, clause.end, clause.parts))
    every = list(by_terms.values())
    telling = [group for group in every if any(_has_word(term.text) for term in group.terms)]
    return list(_first_words(telling or every))


def _first_words(every: list[Group]) -> Iterable[Group]:
    """A term without a word is still sought as it stands."""
    room = MOST_WORDS
    for group in every:
        if not group.excluded:
            terms = []
            for term in group.terms:
                terms.append(term if len(term.words) <= room else replace(term, words=term.words[:room], more=True))
                room -= len(terms[-1].words)
            group = replace(group, terms=tuple(terms))
        yield group


def make_term(piece: Piece, lexicon: Lexicon) -> Term | None:
    text = fold(piece.text)
    if not text:
        return None
    label = " ".join(piece.text.split())
    owners = () if piece.exact else tuple(lexicon.by_name.get(text, ()))
    if owners:
        return Term(text, label, (_name(text, lexicon),), owners)
    pieces = lexicon.segmenter.cut(text)
    texts = list(dict.fromkeys(telling(pieces) or [piece for piece in pieces if is_word(piece)]))
    first = texts[:MOST_WORDS]
    words = [_name(word, lexicon) if word in lexicon.by_name else _word(word, lexicon) for word in first]
    return Term(text, label, tuple(words), (), piece.exact, more=len(texts) > len(first))


def telling(pieces: list[str]) -> list[str]:
    """The words that say what is sought.

    A character alone is in nearly every case: it is taken together with the one before it, or else after it, so that
    鱼塘贷, cut as 鱼塘 and 贷, asks for 鱼塘 and 塘贷, and 线上, cut as 线 and 上, for 线上.
    """
    words = []
    for i, piece in enumerate(pieces):
        if not _tells(piece):
            continue
        if len(piece) == 1 and is_chinese(piece):
            before, after = "".join(pieces[i - 1 : i]), "".join(pieces[i + 1 : i + 2])
            if _tells(before):
                piece = before[-1] + piece
            elif is_word(after):
                piece += after[0]
        words.append(piece)
    return words


def idle_words(text: str, lexicon: Lexicon) -> list[str]:
    """The words of a text that are passed over when it is searched by its words."""
    return [piece for piece in dict.fromkeys(lexicon.segmenter.cut(text)) if piece in IDLE]


def _names_joined(clauses: list[Clause], lexicon: Lexicon) -> Iterable[Clause]:
    """A name may have blanks (China Construction Bank) or be typed with some: the longest that begins here is one."""
    start = 0
    while start < len(clauses):
        end = start + 1
        for longer in range(min(len(clauses), start + _LONGEST_NAME), start + 1, -1):
            span = clauses[start:longer]
            if all(map(_is_plain, span)):
                text = " ".join(clause.pieces[0].text for clause in span)
                if fold(text) in lexicon.by_name:
                    yield Clause((Piece(text),), None, False, span[0].start, span[-1].end)
                    end = longer
                    break
        else:
            yield clauses[start]
        start = end


def _runs_joined(clauses: list[Clause], lexicon: Lexicon, stands: Callable[[str], bool]) -> Iterable[Clause]:
    """The longest run that begins here and stands so; names are words of their own."""
    start = 0
    while start < len(clauses):
        end, joined = start + 1, clauses[start]
        # What stands nowhere stands nowhere with more behind it.
        while end < len(clauses) and end - start < _LONGEST_NAME and _may_join(clauses[end - 1], clauses[end], lexicon):
            run = clauses[start : end + 1]
            parts = tuple(clause.pieces[0].text for clause in run)
            text = " ".join(parts)
            if not stands(fold(text)):
                break
            end, joined = end + 1, Clause((Piece(text),), None, False, run[0].start, run[-1].end, parts)
        yield joined
        start = end


def _may_join(before: Clause, after: Clause, lexicon: Lexicon) -> bool:
    if not _is_plain(before) or not _is_plain(after):
        return False
    left, right = (fold(clause.pieces[0].text) for clause in (before, after))
    # Only one of two: between Chinese words a blank is a conjunction, between Latin ones it is in the text too.
    return (
        bool(left and right)
        and is_chinese(left[-1]) != is_chinese(right[0])
        and not {left, right} & lexicon.by_name.keys()
    )


def _is_plain(clause: Clause) -> bool:
    return not clause.excluded and clause.field is None and len(clause.pieces) == 1 and not clause.pieces[0].exact


def _tells(piece: str) -> bool:
    return bool(piece) and is_word(piece) and piece not in IDLE


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))


def _word(text: str, lexicon: Lexicon) -> Word:
    return Word(text, tuple(dict.fromkeys([*telling(plain().cut(text)), *lexicon.segmenter.parts(text)])))


def _name(text: str, lexicon: Lexicon) -> Word:
    return Word(text, (text,), tuple(lexicon.by_name[text]), tuple(lexicon.synonyms(text)))
