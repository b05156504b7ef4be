from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class SearchEntry(models.Model):
    """What a search reads of a case: a narrow row beside the wide one, so that counting touches few pages.

    `vector` holds the words, the bigrams and the bank and products of the case (see `catalog.search.vector`); `text` is
    its folded text, on which a run of characters that the vector can only make probable is verified.

    Written by `catalog.search.index` only, in the transaction that changes the case.
    """

    case = models.OneToOneField("catalog.Case", models.CASCADE, primary_key=True, related_name="search_entry")
    vector = SearchVectorField()
    text = models.TextField()

    class Meta:
        indexes = [GinIndex(fields=["vector"], name="search_entry_vector", fastupdate=False)]

    def __str__(self):
        return str(self.case)
