"""A run of characters finds the cases in whose text it stands, all of them and no other."""

import random
import re

import pytest

from catalog.models import Case, SearchText
from catalog.search import search_cases
from catalog.search.query.plan import Step, plan_query
from catalog.text.normalise import fold
from catalog.text.script import to_traditional

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SENTENCES = [
    "工行深圳市分行创新知识产权融资新模式，助力科创小微企业加速成长。",
    "截至2020年6月末，累计发放7.9 亿元贷款，惠及 35 户企业。",
    "“园区e贷”最高额度 1000 万元，期限 3 年；ABC Tech 公司当天提款。",
    "疫情防控期间，延期还本付息，不抽贷、不断贷、不压贷。",
    "中国农业发展银行深圳市分行支持污水处理和光伏发电项目，绿色信贷余额同比增长 12.5%。",
    "消费扶贫、直播带货，助销农产品。",
    "微众银行以区块链、人工智能防范电信网络诈骗，智能客服 24 小时在线；",
    "国际论坛上，余额宝与后浪被反复提及。",
    "无还本续贷，线上贴现，供应链金融服务上下游中小微企业；粤港澳大湾区跨境贸易便利化。",
]


@pytest.fixture
def cases(make_case, snapshot_sometimes):
    chance = random.Random(5)
    for n in range(25):
        if n == 15:
            snapshot_sometimes()
        chosen = chance.choices(SENTENCES, k=chance.randint(2, 6))
        make_case(f"案例{n}", "\n\n".join(chosen), summary=chance.choice(SENTENCES))
    Case.objects.first().save()
    snapshot_sometimes()
    return dict(SearchText.objects.values_list("pk", "text"))


def test_the_count_of_a_term_is_that_of_a_scan(cases):
    chance = random.Random(6)
    texts = list(cases.values())
    for _ in range(300):
        line = chance.choice([line for line in chance.choice(texts).split("\n") if len(line) > 2])
        start = chance.randrange(len(line) - 1)
        run = line[start : start + chance.randint(1, 12)].strip()
        if not run or " " in run or run[0] in '-"' or not any(map(str.isalnum, run)):
            continue
        wanted = {key for key, text in cases.items() if run in text}
        plan = plan_query(run)
        assert plan.step == Step.TYPED, run
        assert set(plan.results.every_key()) == wanted, run
        assert plan.results.total == len(wanted)


def test_script_and_blanks_make_no_difference(cases):
    chance = random.Random(7)
    for case in chance.sample(list(Case.objects.all()), 10):
        text = fold(case.body)
        for _ in range(15):
            start = chance.randrange(len(text) - 3)
            run = text[start : start + chance.randint(2, 12)]
            if run[0] in '-" ' or not any(map(str.isalnum, run)):
                continue
            assert case in search_cases(Case.objects.all(), run), run
            assert case in search_cases(Case.objects.all(), to_traditional(run)), run
            assert case in search_cases(Case.objects.all(), f" {run}　"), run


def test_blanks_between_chinese_and_latin_change_no_count(cases):
    chance = random.Random(8)
    border = re.compile(r"(?<=[\u4e00-\u9fff]) ?(?=[A-Za-z0-9])|(?<=[A-Za-z0-9]) ?(?=[\u4e00-\u9fff])")
    lines = [line for text in cases.values() for line in text.split("\n") if border.search(line)]
    for _ in range(100):
        line = chance.choice(lines)
        place = chance.choice([match.start() for match in border.finditer(line)])
        run = line[max(0, place - chance.randint(1, 5)) : place + chance.randint(1, 6)].strip('-"“”， ')
        if " " in run or '"' in run or not border.search(run):
            continue
        wanted = {key for key, text in cases.items() if run in text}
        for query in (border.sub(" ", run), border.sub("", run), f'"{border.sub(" ", run)}"'):
            assert plan_query(query).results.total == len(wanted), query
