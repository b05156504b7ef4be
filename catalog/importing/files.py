"""The files that an import is given: which they are, and their bytes, never more of them than is allowed.

Only regular files are read, after a look at their size: a pipe, a device or a hole of a terabyte is refused unread.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from catalog.importing.drafts import UNSHOWN, ImportProblem
from catalog.text import limits

TEXT_SUFFIXES = (".txt",)
PACKABLE_SUFFIXES = (".jsonl", ".ndjson", ".csv", ".tsv")
ROWS_SUFFIXES = (*PACKABLE_SUFFIXES, ".xlsx")

_SUFFIX_LIST = "、".join([*TEXT_SUFFIXES, ".jsonl", ".csv", ".xlsx"])
_CHUNK = 1 << 20


def find_documents(paths: Iterable[Path | str]) -> list[Path]:
    """The documents that `paths` (files, or folders of files) name, sorted by file name.

    A path named twice counts once. The same content under two names, or two files of one name, is a mistake in what
    was handed in: either would silently become a second copy, or overwrite the first.
    """
    by_place: dict[Path, Path] = {}
    for path in map(Path, paths):
        for document in documents_at(path):
            by_place.setdefault(document.resolve(), document)
        if len(by_place) > limits.FILES:
            raise ImportProblem(f"一次最多导入 {limits.FILES} 个文件，请分几次。", file=str(path))
    documents = sorted(by_place.values(), key=lambda document: (document.name, str(document)))
    refuse_too_many([document for document in documents if rows_name(document) is None])
    by_name: dict[str, Path] = {}
    by_content: dict[str, Path] = {}
    for document in documents:
        twin = by_name.setdefault(rows_name(document) or document.name, document)
        if twin is not document:
            raise ImportProblem(f"有两个文件同名：{twin} 和 {document}，请改名后再导入。", file=document.name)
        twin = by_content.setdefault(_checksum(document), document)
        if twin is not document:
            raise ImportProblem(f"{twin.name} 和 {document.name} 的内容完全相同，请只保留一个。", file=document.name)
    return documents


def documents_at(path: Path) -> list[Path]:
    """The file itself, or what is called a document in the folder. `ImportProblem` where there is neither."""
    if stat.S_ISDIR(_status(path).st_mode):
        return _documents_in(path)
    if not _is_importable(path.name):
        raise ImportProblem(f"不能导入这种文件，只能导入 {_SUFFIX_LIST} 文件。", file=path.name)
    return [path]


def regular(path: Path) -> Path:
    """The path, if it leads to a file that may be read; `ImportProblem` if not."""
    _size(path)
    return path


def refuse_too_many(documents: Sequence[Path]) -> None:
    """`ImportProblem` where the documents of text are more than one import can hold."""
    if sum(_size(document) for document in documents) > limits.DOCUMENTS_BYTES:
        most = limits.megabytes(limits.DOCUMENTS_BYTES)
        raise ImportProblem(f"一次导入的文本文件合计不能超过 {most}，请分几次。", file=documents[0].parent.name)


def _documents_in(folder: Path) -> list[Path]:
    inside = []
    try:
        with os.scandir(folder) as entries:
            for number, entry in enumerate(entries, 1):
                if number > limits.FOLDER_ENTRIES:
                    reason = f"文件夹里有超过 {limits.FOLDER_ENTRIES} 个文件，请把要导入的另放一处。"
                    raise ImportProblem(reason, file=str(folder))
                if not _is_importable(entry.name) or entry.is_dir():
                    continue
                inside.append(Path(entry.path))
                if len(inside) > limits.FILES:
                    raise ImportProblem(f"一次最多导入 {limits.FILES} 个文件，请分几次。", file=str(folder))
    except OSError as error:
        raise ImportProblem(f"文件夹无法打开（{system_reason(error)}）。", file=str(folder)) from error
    if not inside:
        raise ImportProblem(f"文件夹里没有可以导入的文件（{_SUFFIX_LIST}）。", file=str(folder))
    return inside


def rows_name(path: Path) -> str | None:
    """The name of a file of structured rows, without what compression adds; None for any other file."""
    return _rows_name(path.name)


def _rows_name(name: str) -> str | None:
    plain = name[:-3] if name.lower().endswith(".gz") else name
    return plain if plain.lower().endswith(PACKABLE_SUFFIXES if plain != name else ROWS_SUFFIXES) else None


def _is_importable(name: str) -> bool:
    return name.lower().endswith(TEXT_SUFFIXES) or _rows_name(name) is not None


def _status(path: Path) -> os.stat_result:
    """Of what a path leads to."""
    if UNSHOWN.search(path.name):
        raise ImportProblem("文件名里有不能显示的字符，请改名后再导入。", file=path.name)
    try:
        return path.stat()
    except FileNotFoundError as error:
        what = "链接所指的文件不在了。" if path.is_symlink() else "没有这个文件或文件夹。"
        raise ImportProblem(what, file=str(path)) from error
    except OSError as error:
        raise ImportProblem(f"文件无法读取（{system_reason(error)}）。", file=path.name) from error


def _size(path: Path) -> int:
    """Bytes of a regular file that is no larger than files of its kind may be; `ImportProblem` for any other."""
    status = _status(path)
    if not stat.S_ISREG(status.st_mode):
        raise ImportProblem("不是普通文件（是管道、设备或套接字），不能导入。", file=path.name)
    most = limits.ROWS_BYTES if rows_name(path) else limits.DOCUMENT_BYTES
    if status.st_size > most:
        raise _too_large(path, most)
    return status.st_size


def chunks(path: Path, most: int) -> Iterator[bytes]:
    """The content of a file, piece by piece; `ImportProblem` as soon as it is more than `most` bytes."""
    _size(path)
    read = 0
    try:
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                read += len(chunk)
                if read > most:
                    raise _too_large(path, most)
                yield chunk
    except OSError as error:
        raise ImportProblem(f"文件无法读取（{system_reason(error)}）。", file=path.name) from error


def _too_large(path: Path, most: int) -> ImportProblem:
    kind = "数据文件" if rows_name(path) else "文本文件"
    return ImportProblem(f"文件太大，{kind}最大 {limits.megabytes(most)}。", file=path.name)


def _checksum(path: Path) -> str:
    """Without holding the file: one of rows may be larger than the memory."""
    digest = hashlib.sha256()
    for chunk in chunks(path, limits.ROWS_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


# In the readers' language; the system's own words are another's.
_REASONS = {
    "EACCES": "没有权限",
    "EPERM": "没有权限",
    "EISDIR": "这是一个文件夹",
    "ENOTDIR": "路径中间有一处不是文件夹",
    "ELOOP": "链接绕回了自己",
    "ENAMETOOLONG": "名称太长",
    "EIO": "磁盘读写出错",
    "ENXIO": "没有这个设备",
    "ENOSPC": "磁盘已满",
    "EMFILE": "打开的文件太多",
    "ENFILE": "打开的文件太多",
    "ESTALE": "网络文件夹断开了",
}


def system_reason(error: OSError) -> str:
    """Why the system refused, as a Chinese clause."""
    code = errno.errorcode.get(error.errno or 0, "")
    return _REASONS.get(code) or f"系统错误 {code or type(error).__name__}"
