"""Test databases, one run at a time: a second run in the same checkout waits for the first."""

import sys
import time

from django.db.backends.postgresql import creation

from embedded_postgres.locks import FileLock


class DatabaseCreation(creation.DatabaseCreation):
    def _create_test_db(self, verbosity, autoclobber, keepdb=False):
        self._wait_for_other_runs()
        return super()._create_test_db(verbosity, autoclobber, keepdb)

    def _wait_for_other_runs(self) -> None:
        """Held until this process ends: both runs would use the same database."""
        self.connection.ensure_server()
        name = self._get_test_db_name()
        self.test_lock = FileLock(self.connection.settings_dict["EMBEDDED_ROOT"] / f"{name}.lock")
        if self.test_lock.seize():
            return
        print(f"另一轮测试正在使用 {name}，等它结束……", file=sys.stderr, flush=True)
        while not self.test_lock.seize():
            time.sleep(0.2)
