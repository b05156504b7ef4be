import concurrent.futures
import stat
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.friendly import PROJECT, SetupError
from config.postgres import database_config
from config.secrets import secret_key

MAKE_KEY = (
    "import sys; from pathlib import Path; from config.secrets import *; print(secret_key(Path(sys.argv[1]), {}))"
)


class TestDatabaseUrl:
    def parse(self, url):
        return database_config(PROJECT, {"DATABASE_URL": url})

    def test_without_one_the_embedded_server_of_the_checkout_is_used(self, tmp_path):
        config = database_config(tmp_path, {"DATABASE_URL": " "})
        assert config["ENGINE"] == "config.database.embedded"
        assert config["EMBEDDED_ROOT"] == tmp_path / "var" / "postgres"
        assert not config["EMBEDDED_ROOT"].exists()

    def test_percent_encoding_and_options_are_read(self):
        config = self.parse("postgres://%E5%BC%A0:p%40s%2Fs@db.example:6543/案例?sslmode=require&connect_timeout=3")
        named = [config[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")]
        assert named == ["案例", "张", "p@s/s", "db.example", "6543"]
        assert config["OPTIONS"]["sslmode"] == "require"

    def test_what_the_address_says_of_the_connection_prevails(self):
        options = self.parse("postgres://h/d?connect_timeout=20&options=-c%20jit%3Don&application_name=x")["OPTIONS"]
        assert (options["connect_timeout"], options["application_name"]) == ("20", "x")
        assert options["options"].endswith(" -c jit=on")  # the server takes the last one

    @pytest.mark.parametrize(
        "url", ["postgresql:///cases?host=/run/postgresql", "postgresql://%2Frun%2Fpostgresql/cases"]
    )
    def test_sockets_are_understood(self, url):
        config = self.parse(url)
        assert (config["HOST"], config["NAME"]) == ("/run/postgresql", "cases")

    @pytest.mark.parametrize(
        ("url", "complaint"),
        [
            ("mysql://u:geheim@h/d", "只支持 PostgreSQL"),
            ("geheim", "只支持 PostgreSQL"),
            ("postgres://u:geheim%zz@h/d", "无法解析"),
            ("postgres://u:geheim@h/d?nonsense=1", "无法解析"),
            ("postgres://u:geheim@h:99999/d", "端口"),
            ("postgres://u:geheim@h:abc/d", "端口"),
            ("postgres://u:geheim@h/", "缺少库名"),
        ],
    )
    def test_a_bad_one_is_told_in_one_line_without_its_password(self, url, complaint):
        with pytest.raises(ImproperlyConfigured) as caught:
            self.parse(url)
        line = str(caught.value)
        assert complaint in line
        assert "geheim" not in line
        assert "\n" not in line

    def test_checkouts_on_one_server_have_test_databases_of_their_own(self, tmp_path):
        names = {
            database_config(base, {"DATABASE_URL": "postgres://h/cases"})["TEST"]["NAME"]
            for base in (PROJECT, tmp_path)
        }
        assert len(names) == 2

    def test_so_have_the_processes_of_one_run_whatever_the_length_of_the_name(self):
        name = self.parse(f"postgres://h/{'案例' * 10}")["TEST"]["NAME"]
        assert len(f"{name}_gw12".encode()) <= 63  # PostgreSQL cuts off the rest


class TestSecretKey:
    def test_the_environments_comes_first_and_writes_nothing(self, tmp_path):
        given = "0123456789abcdef" * 4
        assert secret_key(tmp_path, {"SECRET_KEY": given}) == given
        assert list(tmp_path.iterdir()) == []

    def test_it_is_made_once_for_the_owner_alone(self, tmp_path):
        key = secret_key(tmp_path, {})
        assert len(key) >= 50
        assert secret_key(tmp_path, {}) == key
        assert stat.S_IMODE((tmp_path / "var" / "secret-key").stat().st_mode) == 0o600

    def test_processes_that_start_at_once_agree(self, tmp_path):
        command = [sys.executable, "-c", MAKE_KEY, str(tmp_path)]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            keys = pool.map(lambda _: subprocess.check_output(command, cwd=PROJECT), range(6))
        assert len(set(keys)) == 1

    def test_one_cut_short_is_made_anew(self, tmp_path):
        (tmp_path / "var").mkdir()
        (tmp_path / "var" / "secret-key").write_text("half")
        assert len(secret_key(tmp_path, {})) >= 50

    def test_a_place_that_cant_be_written_is_told_in_one_line(self, tmp_path):
        (tmp_path / "var").write_text("a file in the folder's place")
        with pytest.raises(SetupError, match="SECRET_KEY"):
            secret_key(tmp_path, {})
