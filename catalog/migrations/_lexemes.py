"""The indexed expression of a search entry, as the migrations know it: the models may go on, these may not."""

from django.contrib.postgres.search import SearchVectorField
from django.db.models import F, Func

LEXEMES = Func(F("lexemes"), function="catalog_lexemes", output_field=SearchVectorField())
