"""What editors have removed, to be seen and taken back."""

from django.contrib import admin

from catalog.models import RemovedName


@admin.register(RemovedName)
class RemovedNameAdmin(admin.ModelAdmin):
    """Triggers write it; here it is only taken back."""

    list_display = ["name_or_code", "kind", "bank", "at"]
    list_display_links = None
    list_filter = ["kind", ("bank", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["bank"]
    search_fields = ["name", "code"]
    actions = ["take_back"]

    class Media:
        css = {"all": ["css/admin.css"]}

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        title = "已移除的名称：导入不会再建它们，也不再这样认"
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_actions(self, request):
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    @admin.display(description="名称", ordering="name")
    def name_or_code(self, removed):
        return f"{removed.name}（{removed.code}）" if removed.name and removed.code else str(removed)

    @admin.action(description="收回所选：以后的导入可以再建", permissions=["delete"])
    def take_back(self, request, queryset):
        count = queryset.count()
        queryset.delete()
        self.message_user(request, f"已收回 {count} 个名称。再用到它们的导入会重新建起来。")
