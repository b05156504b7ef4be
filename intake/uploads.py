"""What is taken of an upload, and at once what is not."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from catalog.importing.drafts import UNSHOWN
from catalog.importing.files import PACKABLE_SUFFIXES, ROWS_SUFFIXES, TEXT_SUFFIXES, rows_name
from catalog.text import limits
from intake.models import CHUNK, BatchFile, ImportBatch
from intake.tasks import read_batch

LONGEST_NAME = 130  # characters: what a case's ref has room for
LONGEST_NAME_BYTES = 255  # what a folder has room for
SUFFIXES = (*TEXT_SUFFIXES, *ROWS_SUFFIXES, *(f"{suffix}.gz" for suffix in PACKABLE_SUFFIXES))


@dataclass
class Upload:
    """`files` to import, and of each other one its name and why not."""

    files: list[UploadedFile] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


def sort_out(uploaded: Iterable[UploadedFile]) -> Upload:
    upload, names, contents, text_bytes = Upload(), set(), {}, 0
    for file in uploaded:
        problem = _problem(file)
        name = rows_name(Path(file.name)) or file.name
        digest = "" if problem else _digest(file)
        if problem:
            pass
        elif name in names:
            problem = "这一批里已有同名的文件，请改名，或另传一批"
        elif digest in contents:
            problem = f"与 {contents[digest]} 的内容完全相同"
        elif not rows_name(Path(file.name)) and text_bytes + file.size > limits.DOCUMENTS_BYTES:
            problem = f"一批的文本文件合计不能超过 {limits.megabytes(limits.DOCUMENTS_BYTES)}，请另传一批"
        if problem:
            upload.problems.append((UNSHOWN.sub("\ufffd", file.name), problem))
            continue
        names.add(name)
        contents[digest] = file.name
        text_bytes += 0 if rows_name(Path(file.name)) else file.size
        upload.files.append(file)
    return upload


def _problem(file: UploadedFile) -> str:
    if UNSHOWN.search(file.name):
        return "文件名里有不能显示的字符，请改名"
    if not file.name.lower().endswith(SUFFIXES):
        known = "、".join((*TEXT_SUFFIXES, *ROWS_SUFFIXES))
        return f"不能导入这种文件，只能导入 {known}（{'、'.join(PACKABLE_SUFFIXES)} 可压缩为 .gz）"
    if len(file.name) > LONGEST_NAME or len(file.name.encode()) > LONGEST_NAME_BYTES:
        return f"文件名超过 {LONGEST_NAME} 字（或 {LONGEST_NAME_BYTES} 字节），请改短"
    if file.size == 0:
        return "文件是空的"
    if not rows_name(Path(file.name)) and file.size > limits.DOCUMENT_BYTES:
        return f"文件太大，文本文件最大 {limits.megabytes(limits.DOCUMENT_BYTES)}"
    return ""


def _digest(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


@transaction.atomic
def begin_batch(upload: Upload, user) -> ImportBatch:
    """Keeps the files, and asks the queue to read them: both or none."""
    batch = ImportBatch.objects.create(created_by=user)
    for file in upload.files:
        row = BatchFile.objects.create(batch=batch, name=file.name, size=file.size, sha256=_digest(file))
        row.write(_pieces(file))
    read_batch.enqueue(batch.pk)
    return batch


def _pieces(file: UploadedFile) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(CHUNK):
        yield piece
