import uuid

from django.db import models


class NameChange(models.Model):
    """A change of the names of banks and products, or of the thesaurus: written by triggers of those tables, whoever
    writes there and however (see the migration 0006).

    What a transaction sees of the names is told by which lines it sees. Lines are only added, so that no writer waits
    for another; now and then a trigger takes those before its own away. Keys are never used twice.
    """

    class What(models.TextChoices):
        NAMES = "names"
        THESAURUS = "thesaurus"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    what = models.CharField(max_length=10, choices=What)

    def __str__(self):
        return f"{self.what} {self.id}"
