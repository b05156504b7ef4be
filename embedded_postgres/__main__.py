"""python -m embedded_postgres stop FOLDER: stop the server in FOLDER, whoever uses it."""

import sys
from pathlib import Path

from embedded_postgres.cluster import Cluster


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] != "stop":
        print(__doc__, file=sys.stderr)
        return 2
    if Cluster(Path(arguments[1])).stop():
        print("已停止内置数据库")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
