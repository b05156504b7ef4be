from django.contrib import admin

from catalog.admin.deletion import DeletionAdmin
from catalog.admin.together import MergingAdmin
from catalog.models import SynonymGroup


@admin.register(SynonymGroup)
class SynonymGroupAdmin(DeletionAdmin, MergingAdmin):
    """At once effective: the next search reads what is saved here."""

    list_display = ["__str__", "weight", "enabled", "note"]
    list_display_links = ["__str__"]
    list_editable = ["weight", "enabled"]
    list_filter = ["enabled"]
    list_per_page = 50
    search_fields = ["words", "targets", "note"]
    search_help_text = "按词语或备注查找"
    fields = ["words", "targets", "weight", "enabled", "note"]

    def has_delete_permission(self, request, obj=None):
        # A group that came with the catalogue would come back at the next start; it is switched off instead.
        return super().has_delete_permission(request, obj) and (obj is None or obj.seed is None)

    def get_actions(self, request):
        """No deletion in bulk, for the same reason."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
