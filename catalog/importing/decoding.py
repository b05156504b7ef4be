"""From the bytes of a file to numbered lines of Chinese text, or to a sentence that says what is wrong with them.

Editors hand in what their desks produce: UTF-8 with and without a byte order mark, "Unicode" (UTF-16) from Windows,
GB18030, now and then Big5. All of them are read. What is refused is text that nobody could read afterwards.
"""

import codecs
import hashlib
import re
from pathlib import Path

from catalog.importing.drafts import Document, ImportProblem
from catalog.importing.files import chunks
from catalog.text import limits

# Files of other programs that are most often handed in with a .txt name.
_FOREIGN_FORMATS = (
    (b"PK\x03\x04", "Word、Excel 或压缩文件"),
    (b"\xd0\xcf\x11\xe0", "旧版 Word 或 Excel 文件"),
    (b"%PDF", "PDF 文件"),
    (b"{\\rtf", "RTF 文件"),
    (b"\xff\xd8\xff", "图片"),
    (b"\x89PNG", "图片"),
    (b"GIF8", "图片"),
    (b"\x1f\x8b", "压缩文件"),
)

# The characters that every page of Chinese is full of, in both scripts. Bytes read in a wrong encoding give Chinese
# characters too, but hardly ever these.
_FREQUENT = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民"
    "得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社"
    "义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并"
    "提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强"
    "放决西被干做必战先回则任取据处府研金融银企贷款服务支持信深圳客户市支项疫抗创"
    "這個為國時來們對會發動學過說產種後實現兩體機從業應開還間樣與關數質氣條結問無軍題黨長級圖統較將組見計別運農區強決戰則據處"
    "銀貸務項財創風險復"
)
_HANZI = re.compile(r"[\u3400-\u9fff]")
_OTHERS = re.compile(r"[^\u3400-\u9fff]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
# Tabs, and the page and line breaks of word processors, are layout; other control characters are damage.
_LAYOUT_BREAKS = re.compile(r"[\f\v]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_LATIN_RUN = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac]{6,}"
)
_LATIN_LETTER = re.compile(r"[\u00c0-\u00ff]")
_CHINESE_RUN = re.compile(r"[^\x00-\x7f]{4,}")


def read_document(path: Path | str) -> Document:
    """Reads a text file in whatever encoding it is in; `ImportProblem` if it is not readable Chinese text."""
    path = Path(path)
    content = b"".join(chunks(path, limits.DOCUMENT_BYTES))
    text, encoding = decode(content, path.name)
    text = _LAYOUT_BREAKS.sub("", text)
    if text.count("\n") + text.count("\r") > 2 * limits.DOCUMENT_LINES:  # before any list of them is made
        raise _too_many_lines(path)
    lines = _LINE_END.split(text)
    if lines[-1] == "":
        lines.pop()
    if len(lines) > limits.DOCUMENT_LINES:
        raise _too_many_lines(path)
    for number, line in enumerate(lines, 1):
        if reason := damage(line):
            raise ImportProblem(reason, file=path.name, line=number)
        if len(line) > limits.DOCUMENT_LINE:
            raise ImportProblem(f"这一行超过 {limits.DOCUMENT_LINE} 字。", file=path.name, line=number)
    if len(_hanzi(text)) >= 20 and not _likeness(text):
        line = next(number for number, line in enumerate(lines, 1) if _HANZI.search(line))
        raise ImportProblem("文件是乱码，曾以错误的编码打开并保存，请重新取得原文件。", file=path.name, line=line)
    if not any(line.strip() for line in lines):
        raise ImportProblem("文件是空的。", file=path.name)
    return Document(path.name, hashlib.sha256(content).hexdigest(), encoding, tuple(lines))


def _too_many_lines(path: Path) -> ImportProblem:
    return ImportProblem(f"文件超过 {limits.DOCUMENT_LINES} 行。", file=path.name, line=limits.DOCUMENT_LINES + 1)


def decode(content: bytes, file: str = "") -> tuple[str, str]:
    """The text and the name of its encoding. A byte order mark is believed; otherwise UTF-8 is tried before the rest,
    because text in another encoding is practically never valid UTF-8, while UTF-8 is often "valid" Big5 or GB18030.
    """
    if not content.strip(b" \t\r\n"):
        raise ImportProblem("文件是空的。", file=file)
    if content.startswith(codecs.BOM_UTF8):
        return _decode_utf8(content[len(codecs.BOM_UTF8) :], file), "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_utf16(content, file), "utf-16"
    refuse_foreign_formats(content, file)
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        if _is_mostly_utf8(content):
            return _decode_utf8(content, file), "utf-8"
    return _decode_double_byte(content, file)


def refuse_foreign_formats(content: bytes, file: str = "") -> None:
    """`ImportProblem` for what begins as other programs' files do, or is no text at all."""
    for mark, what in _FOREIGN_FORMATS:
        if content.startswith(mark):
            raise ImportProblem(f"这是{what}，不是纯文本，请先另存为文本文件。", file=file)
    if content.count(0) > len(content) // 8:
        raise ImportProblem("这是二进制文件，不是文本文件。", file=file)


def _decode_utf8(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _broken(content, error, "UTF-8", file) from error


def _decode_utf16(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-16")
    except UnicodeDecodeError as error:
        order = "utf-16-le" if content.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        line = _lines_before(content[2 : error.start].decode(order, "ignore"))
        raise ImportProblem(_broken_reason(content, error, "UTF-16"), file=file, line=line) from error


def _decode_double_byte(content: bytes, file: str) -> tuple[str, str]:
    """GB18030 or Big5: the one whose text is more like Chinese; GB18030 where they are level."""
    readable, errors = [], []
    for encoding in ("gb18030", "big5"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            errors.append((encoding, error))
        else:
            readable.append((_likeness(text), encoding == "gb18030", text, encoding))
    if readable:
        likeness, _, text, encoding = max(readable)
        if likeness > 0 or not _HANZI.search(text):
            return text, encoding
        raise ImportProblem("文件的编码无法识别，请另存为 UTF-8 后再导入。", file=file)
    # Neither decodes. Readable text up to where it breaks is a damaged file, anything else no text at all.
    likeness, encoding, error = max(
        ((_likeness(content[: error.start].decode(encoding, "ignore")), encoding, error) for encoding, error in errors),
        key=lambda candidate: candidate[0],
    )
    if likeness > 0 and error.start > len(content) // 2:
        raise _broken(content, error, encoding.upper(), file) from error
    raise ImportProblem("这不是文本文件，或者编码无法识别，请另存为 UTF-8 后再导入。", file=file)


def _broken(content: bytes, error: UnicodeDecodeError, name: str, file: str) -> ImportProblem:
    line = _lines_before(content[: error.start].decode(error.encoding, "ignore"))
    return ImportProblem(_broken_reason(content, error, name), file=file, line=line)


def _broken_reason(content: bytes, error: UnicodeDecodeError, name: str) -> str:
    cut_off = any(word in error.reason for word in ("incomplete", "unexpected end", "truncated"))
    if cut_off and error.end >= len(content):
        return "文件在一个字的中间断了，可能没有传完整，请重新取得原文件。"
    return f"这里有不属于 {name} 编码的字节，文件已损坏或混用了编码。"


def _lines_before(text: str) -> int:
    return len(_LINE_END.findall(text)) + 1


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether a few damaged bytes are all that keeps this from being UTF-8."""
    text = content.decode("utf-8", "replace")
    return len(_hanzi(text)) > 4 * text.count("\ufffd")


def _hanzi(text: str) -> str:
    """Its Chinese characters: one text, for a list of millions of characters would be fifty times as large."""
    return _OTHERS.sub("", text)


def _likeness(text: str) -> float:
    """Share of the everyday characters among the Chinese ones, less what is not text at all; 0 for gibberish."""
    hanzi = _hanzi(text)
    if not hanzi or _CONTROL.search(text):
        return 0.0
    frequent = sum(char in _FREQUENT for char in hanzi) / len(hanzi)
    strange = sum(not (char.isascii() or _HANZI.match(char) or _is_punctuation(char)) for char in text) / len(text)
    return max(0.0, frequent - strange) if frequent > 0.08 or len(hanzi) < 12 else 0.0


def _is_punctuation(char: str) -> bool:
    return char in "“”‘’—…·×•①②③④⑤⑥⑦⑧⑨⑩℃％‰→■●◆▲△○★☆" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef"


def damage(line: str) -> str | None:
    """What makes a decoded line unreadable, or None."""
    if "\x00" in line:
        return "这里有空字符（NUL），文件已损坏。"
    if match := _CONTROL.search(line):
        return f"这里有控制字符（U+{ord(match[0]):04X}），文件已损坏或不是文本文件。"
    if "\ufffd" in line or "锟斤拷" in line:
        return "这里有无法识别的字（乱码），请重新取得原文件。"
    if _is_mojibake(line):
        return "这里是乱码，文件曾以错误的编码保存，请重新取得原文件。"
    return None


def _is_mojibake(line: str) -> bool:
    """UTF-8 that was read as Latin-1 or GBK, or GBK that was read as Latin-1, and then saved that way.

    Such text can be told by undoing the mistake: Chinese encoded in GB18030 is practically never valid UTF-8, so a run
    that turns into everyday Chinese when the mistake is undone was made by it.
    """
    for run in _LATIN_RUN.findall(line):
        if len(_LATIN_LETTER.findall(run)) * 3 >= len(run):
            return True
    for run in _CHINESE_RUN.findall(line):
        hanzi = _hanzi(run)
        if len(hanzi) < 4 or sum(char in _FREQUENT for char in hanzi) * 5 > len(hanzi):
            continue
        undone = run.encode("gb18030").decode("utf-8", "replace")
        if len(_hanzi(undone)) >= 3 and undone.count("\ufffd") * 4 <= len(undone):
            return True
    return False
