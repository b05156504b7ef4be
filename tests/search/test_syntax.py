import random

import pytest

from catalog.search.query.syntax import Clause, Piece, read, without


def shown(query: str) -> list[str]:
    """Clauses in a short form: -field:[exact]|other."""
    return [
        ("-" if clause.excluded else "")
        + (f"{clause.field}:" if clause.field else "")
        + "|".join(f"[{piece.text}]" if piece.exact else piece.text for piece in clause.pieces)
        for clause in read(query)
    ]


class TestReading:
    @pytest.mark.parametrize(
        ("query", "clauses"),
        [
            ("知识产权 质押", ["知识产权", "质押"]),
            ('"延期还本付息"', ["[延期还本付息]"]),
            ("“延期 还本” 「付息」", ["[延期 还本]", "[付息]"]),
            ("扶贫 -光伏", ["扶贫", "-光伏"]),
            ("扶贫 －光伏", ["扶贫", "-光伏"]),
            ('-"光伏 发电"', ["-[光伏 发电]"]),
            ("光伏 | 风电 贷款", ["光伏|风电", "贷款"]),
            ("光伏｜风电", ["光伏|风电"]),
            ("银行:工行 bank:ICBC 章节：绿色", ["bank:工行", "bank:ICBC", "category:绿色"]),
            ("年份:2019|2020 产品:园区e贷", ["year:2019|2020", "product:园区e贷"]),
            ("-银行:工行", ["-bank:工行"]),
        ],
    )
    def test_operators(self, query, clauses):
        assert shown(query) == clauses

    @pytest.mark.parametrize(
        "query",
        ["a-b", "-", "- x", '"没有结束', "化“知产”为“资产”", "“知产”变现", "银行:", "利率:5%", "C:\\", '5"'],
    )
    def test_anything_else_is_text(self, query):
        assert all(not c.excluded and c.field is None and not c.pieces[0].exact for c in read(query))

    @pytest.mark.parametrize("query", ["", " ", "|", "||| |"])
    def test_nothing_has_no_clause(self, query):
        assert read(query) == []

    def test_a_clause_knows_its_place(self):
        assert read("甲 -乙")[1] == Clause((Piece("乙"),), None, True, 2, 4)
        assert without("甲 -乙 丙", 2, 4) == "甲 丙"
        assert without("甲", 0, 1) == ""

    def test_no_string_raises_and_every_clause_has_a_place(self):
        chance = random.Random(11)
        pieces = [*'-－"“”「」|｜:： 　\n\x00\ud800银行产品年份abc0', "银行:", "bank:", "--", '""']
        for _ in range(5_000):
            query = "".join(chance.choices(pieces, k=chance.randint(0, 25)))
            for clause in read(query):
                assert 0 <= clause.start < clause.end <= len(query)
                assert clause.pieces
                without(query, clause.start, clause.end)
