"""An editor: writes one case after the other and says of each, once it is saved, that it is.

Run in the folder of a site, as `python -m bench.breaking.writer`; ends when its input does. Prints "key title" a line.
"""

import itertools
import os
import select
import sys
import time


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import DatabaseError, connection

    from catalog.models import Case
    from config.friendly import SetupError

    for number in itertools.count():
        if select.select([sys.stdin], [], [], 0.05)[0]:
            return
        title = f"写入之{os.getpid()}-{number}"
        try:
            case = Case.objects.create(title=title, body=f"第 {number} 个案例，保存之后就不能再丢。")
        except (DatabaseError, SetupError):
            # What was not confirmed may be lost.
            connection.close()
            time.sleep(0.2)
            continue
        print(case.pk, title, flush=True)


if __name__ == "__main__":
    main()
