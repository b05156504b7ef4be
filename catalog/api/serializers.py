import re
from html import unescape

from rest_framework import serializers

from catalog.models import Bank, Case, Category, Product, Source
from catalog.pages.case_page import case_snippet
from catalog.pages.provenance import passages
from catalog.text import limits
from catalog.text.parts import parts_of

_MARK = re.compile(r"</?mark>")


class BankSerializer(serializers.ModelSerializer):
    class Meta:
        model = Bank
        fields = ["code", "name"]


class CategorySerializer(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["code", "name"]


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["slug", "name", "kind"]


class SourceSerializer(serializers.ModelSerializer):
    class Meta:
        model = Source
        fields = ["id", "name", "kind", "title", "publisher", "published_on"]


class CaseRowSerializer(serializers.ModelSerializer):
    """A case in a list. `title` is the whole title; `source` the file's name; `partial`: it has a part of the query
    only. The context has the `query` and the keys of those that match `partly`.
    """

    title = serializers.CharField(source="full_title")
    source = serializers.CharField(source="source.name", default=None)
    bank = BankSerializer()
    category = CategorySerializer()
    products = ProductSerializer(many=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = ["id", "title", "source", "bank", "branch", "category", "products", "published_on", "script", "url"]

    def get_url(self, case: Case) -> str:
        return self.context["request"].build_absolute_uri(case.get_absolute_url())

    def to_representation(self, case: Case) -> dict:
        """With the passage that tells why the case matches: as plain text, and as HTML with its hits in <mark>."""
        html = case_snippet(case, self.context["query"])
        text = unescape(_MARK.sub("", html))
        match = {"partial": case.pk in self.context["partly"], "snippet": text, "snippet_html": html}
        return super().to_representation(case) | match


class CaseSerializer(CaseRowSerializer):
    """A whole case. `body` is Markdown; `provenance` tells of every piece of it where it stood in the source.

    A long case can be asked for in `parts`, as its page has them: with a `part` in the context, body and provenance are
    of that part alone. One from before the limits is told in parts only.
    """

    source = SourceSerializer()
    body = serializers.SerializerMethodField()
    provenance = serializers.SerializerMethodField()
    parts = serializers.SerializerMethodField()

    class Meta:
        model = Case
        fields = [
            *("id", "slug", "title", "subtitle", "title_inferred", "bank", "branch", "category", "category_confidence"),
            *("products", "summary", "body", "captions", "authors", "published_on", "script"),
            *("source", "number", "first_line", "last_line", "first_page", "last_page", "provenance"),
            *("created_at", "updated_at", "url", "parts"),
        ]

    def get_provenance(self, case: Case) -> list[dict]:
        return [
            {"text": passage.text, "level": passage.level, "lines": passage.lines, "page": passage.page}
            for passage in passages(case, *self._shown(case))
        ]

    def get_body(self, case: Case) -> str:
        body, _ = self._shown(case)
        return body

    def get_parts(self, case: Case) -> int:
        return len(self._texts(case))

    def _texts(self, case: Case) -> list[str]:
        texts = self.context.setdefault("texts", {})
        if case.pk not in texts:
            texts[case.pk] = parts_of(case.body)
        return texts[case.pk]

    def _shown(self, case: Case) -> tuple[str, list[str]]:
        """The body that is told, and the parts before it."""
        number, texts = self.context["part"], self._texts(case)
        if number is None and len(case.body) <= limits.BODY:
            return case.body, []
        return texts[(number or 1) - 1], texts[: (number or 1) - 1]

    def to_representation(self, case: Case) -> dict:
        return serializers.ModelSerializer.to_representation(self, case)


class FacetSerializer(serializers.Serializer):
    """A facet with its values and how many cases choosing each alone would show."""

    name = serializers.CharField()
    label = serializers.CharField()
    options = serializers.SerializerMethodField()

    def get_options(self, facet) -> list[dict]:
        return [
            {"value": option.value, "label": option.label, "count": option.count, "chosen": option.chosen}
            for option in facet.options
        ]
