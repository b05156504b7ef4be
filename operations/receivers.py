"""What the signals of the site lead to."""

from django.conf import settings
from django.utils.timezone import localtime

from config.logging import current_request
from operations.backup import backups
from operations.jobs import index_written_cases
from operations.searches import slow
from operations.searches.answered import AnsweredSearch
from operations.searches.tally import tally


def look_at_search(sender, **kwargs) -> None:
    kwargs.pop("signal")
    search = AnsweredSearch(current_request.get(), **kwargs)
    if settings.METRICS:
        from operations import metrics  # which makes files where it is imported

        metrics.observe(search)
    slow.report(search)
    tally.add(search)


def write_counts(sender, **kwargs) -> None:
    tally.write_now_and_then()


def name_backups(sender, since, **kwargs) -> list[str]:
    """The backups that were made of a database in which something was since then."""
    made = [backup for backup in backups() if since is None or backup.manifest.moment >= since]
    return [f"{backup.path.name}（{localtime(backup.manifest.moment):%Y-%m-%d %H:%M}）" for backup in made]


def catch_up_later(sender, **kwargs) -> None:
    """In the transaction of the sender: the job is there if what it is about is."""
    index_written_cases.enqueue()
