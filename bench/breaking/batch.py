"""A batch of files that is brought in, as `python -m bench.breaking.batch NAME` in the folder of a site.

Prints "accepted" when the process in the background is asked to import it, then at every look whatever is wrong, and at
last "done" or what else the batch came to. At every look the catalogue has none of its cases or all, as the batch says.
"""

import json
import os
import sys
import time

ROWS = 150
SECONDS = 180  # in which it has to be done

# One statement, so that both are of one moment.
LOOK = """
    SELECT batch.state, (SELECT count(*) FROM catalog_case AS c JOIN catalog_source AS s ON s.id = c.source_id
                         WHERE s.name = %s AND c.title LIKE %s)
    FROM intake_importbatch AS batch WHERE batch.id = %s
"""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.db import DatabaseError, connection, transaction

    from config.friendly import SetupError
    from intake.models import ImportBatch
    from intake.tasks import import_accepted
    from intake.uploads import begin_batch, sort_out

    name = f"{sys.argv[1]}.jsonl"
    rows = ({"title": f"{name}之{n}", "text": f"第{n}个案例说的是小微企业的贷款。" * 80} for n in range(ROWS))
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()
    admin = get_user_model().objects.get(username="admin")
    batch = begin_batch(sort_out([SimpleUploadedFile(name, content)]), admin)
    deadline = time.monotonic() + SECONDS
    while batch.state != ImportBatch.State.WAITING:
        if time.monotonic() > deadline or not batch.is_at_work:
            return print(f"nobody has read it: {batch.state} {batch.message}", flush=True)
        time.sleep(0.2)
        batch.refresh_from_db()
    with transaction.atomic():
        batch.state, batch.public, batch.accepted_by, batch.attempts = "importing", True, admin, 0
        batch.save()
        import_accepted.enqueue(batch.pk)
    print("accepted", flush=True)
    while time.monotonic() < deadline:
        try:
            with connection.cursor() as cursor:
                cursor.execute(LOOK, [name, f"{name}之%", batch.pk])
                state, cases = cursor.fetchone()
        except (DatabaseError, SetupError):
            connection.close()
            time.sleep(0.2)
            continue
        if cases != (ROWS if state == "done" else 0):
            print(f"{cases} cases of {ROWS} while the batch is {state}", flush=True)
        if state != "importing":
            return print(state, flush=True)
        time.sleep(0.05)
    return print("never done", flush=True)


if __name__ == "__main__":
    main()
