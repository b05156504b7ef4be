"""The logs do not grow for ever."""

from operations.logs import move_aside


def fill(path, text):
    path.write_text(text * 100)


def test_a_large_log_is_moved_aside_and_so_many_are_kept(tmp_path):
    log = tmp_path / "site.log"
    for letter in "abcde":
        fill(log, letter)
        assert move_aside(tmp_path, largest=100, kept=3) == ["site.log"]
    assert {path.name: path.read_text()[0] for path in tmp_path.iterdir()} == {
        "site.log.1": "e",
        "site.log.2": "d",
        "site.log.3": "c",
    }


def test_a_small_one_stays(tmp_path):
    fill(tmp_path / "site.log", "a")
    assert move_aside(tmp_path, largest=101) == []
    assert (tmp_path / "site.log").exists()


def test_only_logs_are_touched_and_no_link_is(tmp_path):
    other = tmp_path / "data.txt"
    fill(other, "a")
    (tmp_path / "access.log").symlink_to(other)
    assert move_aside(tmp_path, largest=1) == []
    assert {path.name for path in tmp_path.iterdir()} == {"data.txt", "access.log"}


def test_there_may_be_no_folder_yet(tmp_path):
    assert move_aside(tmp_path / "log") == []
