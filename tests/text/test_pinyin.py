import pytest

from catalog.text import pinyin


class TestSound:
    @pytest.mark.parametrize(
        ("text", "sound"),
        [
            ("复工贷", "fugongdai"),
            ("工商银行", "gongshangyinhang"),
            ("重庆分行", "chongqingfenhang"),
            ("会计", "kuaiji"),
            ("会议", "huiyi"),
            ("延期还本付息", "yanqihuanbenfuxi"),
            ("增长", "zengzhang"),
            ("长江", "changjiang"),
            ("女士", "nvshi"),
            ("战略", "zhanlve"),
            ("园区e贷", "yuanquedai"),
            ("5g", "5g"),
            ("", ""),
        ],
    )
    def test_words_settle_their_characters(self, text, sound):
        assert pinyin.sound(text) == sound

    def test_a_character_alone_has_all_its_living_readings(self):
        assert {"hang", "xing"} <= set(pinyin.sounds("行"))
        assert "heng" not in pinyin.sounds("行")

    def test_combinations_are_bounded(self):
        assert len(pinyin.sounds("行" * 30)) <= 8

    def test_initials(self):
        assert pinyin.initials("普惠金融") == "phjr"
        assert pinyin.initials("云快贷e商") == "ykdes"
        assert set(pinyin.keys("重").initials) == {"z", "c"}


class TestTyped:
    @pytest.mark.parametrize(
        ("latin", "syllables"),
        [
            ("fugongdai", ("fu", "gong", "dai")),
            ("xi'an", ("xi", "an")),
            ("shanghai", ("shang", "hai")),
            ("phjr", ()),
            ("webank", ()),
            ("", ()),
        ],
    )
    def test_is_cut_into_syllables_if_it_is_pinyin(self, latin, syllables):
        assert pinyin.segment(latin) == syllables

    def test_spellings_of_one_sound_are_one(self):
        assert pinyin.typed("ZhanLüe") == pinyin.typed("zhanlue") == pinyin.sound("战略")
        assert pinyin.typed("Xi'an") == "xian"

    def test_accents_and_hasty_fingers_are_blurred(self):
        assert pinyin.blurred("zhishi") == pinyin.blurred("zisi")
        assert pinyin.blurred("jinrong") == pinyin.blurred("jingron")
