"""What a comparison rests on: the same cases and questions every time, and no arithmetic that flatters."""

import json
from itertools import islice

import pytest
from django.core.management import call_command

from bench.search.corpus import Material, documents, write_rows
from bench.search.measure import OWN, Sample, measure
from bench.search.queries import Query
from bench.search.report import percentile, ratio
from bench.search.words import Cutter
from catalog.models import Case

SENTENCES = [
    f"{place}的小微企业得到了{bank}的{kind}贷款，融资{amount}万元，解决了资金周转的困难。"
    for place in ("龙岗", "福田", "宝安", "南山", "罗湖")
    for bank, kind in (("工商银行", "信用"), ("微众银行", "抵押"), ("平安银行", "知识产权质押"), ("中信银行", "供应链"))
    for amount in (80, 120, 300)
]


@pytest.fixture(scope="module")
def material():
    return Material(
        titles=["渔民出海无忧", "绿色债券落地", "园区里的科技金融", "一站式跨境服务"],
        sentences=SENTENCES,
        headings=["案例背景", "案例特点", "案例成效"],
        banks=[
            ("工商银行", "国有大型商业银行", "icbc", ["园区e贷", "税e贷"]),
            ("农业银行", "国有大型商业银行", "abc", ["复工贷"]),
            ("平安银行", "股份制商业银行", "pab", []),
        ],
        chapters=[("服务小微", "small"), ("绿色金融", "green"), ("科技金融", "tech")],
    )


class TestCorpus:
    def test_a_case_depends_on_its_number_alone(self, material):
        assert list(documents(material, 1, 30))[9:] == list(documents(material, 10, 30))

    def test_cases_differ_and_have_the_length_that_was_asked_for(self, material):
        made = list(documents(material, 1, 201))
        assert len({one.title for one in made}) == len({one.sections for one in made}) == 200
        lengths = [len("".join(text for _, texts in one.sections for text in texts)) for one in made]
        assert 1_600 < sum(lengths) / 200 < 2_200

    def test_it_is_made_only_as_far_as_it_is_read(self, material):
        assert len(list(islice(documents(material, 1, 10**9), 3))) == 3

    @pytest.mark.django_db
    def test_its_rows_are_cases_to_the_importer(self, material, tmp_path):
        path = tmp_path / "rows.jsonl"
        write_rows(material, 25, path)
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        call_command("import_cases", str(path), strict=True, verbosity=0)
        assert Case.objects.public().count() == len(rows) == 25
        assert not Case.objects.filter(bank=None).exists()
        case = Case.objects.get(title=rows[0]["title"])
        assert (case.body, case.summary, case.bank.name) == (rows[0]["body"], rows[0]["summary"], rows[0]["bank"])


class TestWords:
    def test_a_phrase_is_a_run_of_an_index_s_words(self, material):
        cutter = Cutter(material)
        document = next(documents(material, 1, 2))
        phrase = " ".join(cutter.search_words(document.sections[0][1][0].split("，")[0]))
        assert f" {phrase} " in f" {cutter.document_words(document)} "

    def test_both_scripts_are_one(self, material):
        cutter = Cutter(material)
        assert cutter.words("知識產權質押") == cutter.words("知识产权质押")


class TestPercentiles:
    def test_each_query_weighs_the_same(self):
        quick = Sample("a", "top", "k", "1", milliseconds=[1.0] * 99)
        slow = Sample("a", "top", "k", "2", milliseconds=[100.0])
        assert percentile([quick, slow], 0.5) == 1.0
        assert percentile([quick, slow], 0.95) == 100.0

    def test_a_ratio_is_taken_query_by_query(self):
        own = [Sample(OWN, "top", "k", "1", milliseconds=[1]), Sample(OWN, "top", "k", "2", milliseconds=[10])]
        other = [Sample("b", "top", "k", "1", milliseconds=[4]), Sample("b", "top", "k", "3", milliseconds=[1])]
        assert ratio(own, other) == 4


class TestMeasuring:
    def test_all_are_asked_alike_but_what_cannot_be_said_to_a_peer(self):
        asked = []
        questions = {
            (OWN, "top"): lambda query: asked.append((OWN, query.typed)),
            ("peer", "top"): lambda query: asked.append(("peer", query.typed)),
        }
        samples = measure([Query("k", "a", ((("a",),),)), Query("k", "b")], questions, rounds=2)
        assert sorted(set(asked)) == [("peer", "a"), (OWN, "a"), (OWN, "b")]
        assert {(one.engine, one.typed, len(one.milliseconds)) for one in samples} == {
            ("peer", "a", 2),
            (OWN, "a", 2),
            (OWN, "b", 2),
        }
