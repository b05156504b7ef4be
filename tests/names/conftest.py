"""A small catalogue that files are imported into again and again, each time with something new in them."""

import json
from itertools import count
from pathlib import Path

import pytest

from catalog.importing.database.reference import write_reference
from catalog.importing.database.run import import_documents
from catalog.importing.reference import load_reference

BANKS = """
[[bank]]
code = "icbc"
name = "工商银行"
short_name = "工行"
kind = "国有大型商业银行"
aliases = ["中国工商银行", "宇宙行"]

[[bank]]
code = "webank"
name = "微众银行"
kind = "民营银行"

[[bank]]
code = "old"
name = "深圳老街银行"
kind = "城市商业银行"
aliases = ["老街银行"]
"""
CHAPTERS = """
[[chapter]]
code = "kangyi"
name = "聚力抗疫"
order = 1

[[chapter]]
code = "xiaowei"
name = "服务小微"
order = 2
"""


class Files:
    """A folder of reference data and rows. `bring()` imports a changed edition of the same rows."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._editions = count(1)
        self.write(BANKS, CHAPTERS)

    def write(self, banks: str = "", chapters: str = "") -> None:
        if banks:
            (self.folder / "banks.toml").write_text(banks, encoding="utf-8")
        if chapters:
            (self.folder / "chapters.toml").write_text(chapters, encoding="utf-8")

    def reference(self) -> None:
        write_reference(load_reference(self.folder))

    def bring(self, *rows: dict, name: str = "rows.jsonl"):
        """Each row gets an id by its place and a text that is new each time."""
        edition = next(self._editions)
        lines = [
            json.dumps({"id": n, "title": f"案例{n}", "text": f"第 {edition} 版。"} | row, ensure_ascii=False)
            for n, row in enumerate(rows)
        ]
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return import_documents([path], self.folder)


@pytest.fixture
def files(tmp_path) -> Files:
    files = Files(tmp_path)
    files.reference()
    return files
