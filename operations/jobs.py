"""What the site gives to its background process."""

from django_tasks import task

from catalog.search import catch_up


@task()
def index_written_cases() -> None:
    """After very many cases were written at once. Of several such jobs the first one does it all."""
    catch_up()
