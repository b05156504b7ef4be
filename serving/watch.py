"""python -m serving.watch RECORD: ends what a supervisor has started, once that one is gone, however it went.

Its input is a pipe that nobody but the supervisor holds open: its end is the supervisor's. RECORD is the file in which
the supervisor keeps the groups of its processes.
"""

import signal
import sys
from pathlib import Path

from serving.processes import Record, end

PATIENCE = 1.5  # seconds


def main() -> int:
    for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, signal.SIG_IGN)  # it goes last
    record = Record(Path(sys.argv[1]))
    while sys.stdin.buffer.read(4096):
        pass
    end(record.groups(), PATIENCE)
    record.path.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
