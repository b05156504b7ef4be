import gc
import threading
import tracemalloc
import weakref
from pathlib import Path

import jieba
import pytest
from django.conf import settings
from django.db import connection

from catalog.search.names import lexicon
from catalog.search.query import current_vocabulary
from catalog.search.query.highlight import mark, snippet
from catalog.search.query.suggest import suggest
from catalog.text.dictionary import SharingTokenizer, word_frequencies
from catalog.text.normalise import fold
from catalog.text.segment import Segmenter, plain


@pytest.mark.django_db
def test_a_change_of_an_alias_leaves_no_lexicon_behind(icbc, make_case, find):
    make_case("甲", "普惠金融", bank=icbc, status="public")
    lexicons = []
    for number in range(4):
        icbc.aliases.create(name=f"宇宙{number}行")
        assert find(f"宇宙{number}行") == ["甲"]
        for query in ("普惠", "普会金融"):
            find(query)
            mark("普惠金融", query)
            snippet(["普惠金融"], query)
        suggest("宇宙")
        current_vocabulary.current()
        lexicons.append(weakref.ref(lexicon.current()))
    gc.collect()
    assert [reference() is not None for reference in lexicons] == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_threads_that_come_at_once_build_one_lexicon(icbc):
    icbc.aliases.create(name="宇宙行")
    lexicons, begun = [], threading.Barrier(4)

    def look():
        begun.wait()
        lexicons.append(lexicon.current())
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, lexicons))) == 1


@pytest.mark.django_db
def test_equal_names_have_an_equal_digest(icbc):
    before = lexicon.current().digest
    alias = icbc.aliases.create(name="宇宙行")
    assert lexicon.current().digest != before
    alias.delete()
    assert lexicon.current().digest == before


class TestSegmenter:
    NAMES = ["园区e贷", "中国工商银行", "ABN AMRO", "渔民贷", "金融支持", "e贷"]

    @pytest.fixture
    def lines(self) -> list[str]:
        paths = sorted(Path(settings.SEEDS_DIR).glob("*.txt"))
        return [fold(line) for path in paths for line in path.read_bytes().decode("gb18030", "replace").splitlines()]

    def test_cuts_as_jieba_does(self, lines):
        frequencies, total = word_frequencies()
        reference, sharing = jieba.Tokenizer(), SharingTokenizer(frequencies, total)
        reference.FREQ, reference.total, reference.initialized = frequencies.copy(), total, True
        for name in self.NAMES:
            for tokenizer in (reference, sharing):
                tokenizer.add_word(fold(name))
        expected = [reference.lcut(line, HMM=False) for line in lines]
        assert [sharing.lcut(line, HMM=False) for line in lines] == expected
        for word in {word for words in expected for word in words}:
            assert sharing.lcut_for_search(word, HMM=False) == reference.lcut_for_search(word, HMM=False)

    def test_costs_no_copy_of_the_dictionary(self):
        plain()
        tracemalloc.start()
        segmenters = [Segmenter(self.NAMES) for _ in range(3)]
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(segmenters) == 3
        assert size < 1_000_000
