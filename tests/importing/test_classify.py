import pytest

from catalog.importing.chapters import train

TEXTS = [
    ("绿色金融", "绿色债券支持清洁能源和节能减排项目，改善生态环境"),
    ("绿色金融", "为污水处理和清洁能源企业发放绿色贷款，减少碳排放"),
    ("消保服务", "开展防范电信诈骗宣传，保护老年消费者合法权益"),
    ("消保服务", "金融知识宣传进社区，提高消费者防范诈骗的意识"),
    ("跨境金融", "为跨境电商企业办理外汇结算和跨境收款"),
    ("跨境金融", "自由贸易账户便利企业跨境融资和外汇结算"),
]


@pytest.fixture(scope="module")
def classifier():
    return train(TEXTS)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("清洁能源项目获得绿色贷款支持", "绿色金融"),
        ("走进社区宣传防范诈骗知识", "消保服务"),
        ("跨境電商企業的外匯結算", "跨境金融"),
    ],
)
def test_a_text_goes_to_the_chapter_whose_words_it_uses_in_any_script(classifier, text, category):
    nearest, confidence = classifier.classify(text)
    assert nearest == category
    assert 1 / 3 < confidence <= 1


def test_a_text_of_two_chapters_is_less_certain(classifier):
    _, clear = classifier.classify("绿色贷款支持清洁能源")
    _, mixed = classifier.classify("绿色贷款支持清洁能源，宣传防范诈骗，跨境外汇结算")
    assert mixed < clear


@pytest.mark.parametrize("text", ["", "   ", "12345", "鰻魚飯"])
def test_a_text_with_nothing_known_has_no_chapter(classifier, text):
    assert classifier.classify(text) == (None, 0.0)


def test_without_examples_there_is_no_chapter():
    assert train([]).classify("绿色贷款") == (None, 0.0)


def test_the_name_of_a_chapter_is_an_example_of_it(classifier):
    assert classifier.classify("绿色金融")[0] == "绿色金融"


def test_confidences_are_shares():
    texts = [("甲", "绿色贷款"), ("甲", "绿色贷款项目"), ("乙", "跨境结算"), ("乙", "跨境结算项目")]
    _, confidence = train(texts).classify("项目")
    assert confidence == pytest.approx(0.5, abs=0.1)
