"""Accounts, groups and the record of both, as superusers see them."""

# Imported so that what they register can be taken off again.
import django_otp.plugins.otp_static.admin
import django_otp.plugins.otp_totp.admin  # noqa: F401
from django.contrib import admin
from django.contrib.admin.templatetags import admin_list
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.hashers import is_password_usable
from django.contrib.auth.models import Group, Permission
from django.templatetags.static import static
from django.utils.html import format_html
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.forms import OthersPassword
from accounts.labels import PermissionsField, codename_label, offered_permissions
from accounts.models import Record
from accounts.notices import mark_locks_seen
from accounts.passwords import require_change
from accounts.rights import rights_of, roles_within
from catalog.admin.deletion import DeletionAdmin, names_of_kinds

User = get_user_model()

# Whoever sees another's secret can be the other: each sets up one's own (admin:two_step).
admin.site.unregister([TOTPDevice, StaticDevice])
admin.site.unregister([User, Group])
names_of_kinds |= {TOTPDevice: "两步验证的手机", StaticDevice: "两步验证的备用验证码", StaticToken: "备用验证码"}


def tick(value: bool | None):
    """Django's picture of yes, no or unknown, which it calls True, False and None in every language."""
    names = {True: ("yes", "是"), False: ("no", "否"), None: ("unknown", "未知")}
    picture, name = names[value]
    return format_html('<img src="{}" alt="{}">', static(f"admin/img/icon-{picture}.svg"), name)


admin_list._boolean_icon = tick


class AccountsDeletion(DeletionAdmin):
    """The record of rights hears of a deletion by the signals of the rows."""

    def delete_rows(self, rows):
        rows.delete()


class RightsByName:
    """Permissions are called by what one may do."""

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.related_model is Permission:
            held = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            kwargs["form_class"] = PermissionsField
            kwargs["queryset"] = offered_permissions(self.admin_site, self.model, db_field.name, held)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class AccountAdmin(RightsByName, AccountsDeletion, UserAdmin):
    """Only superusers give single rights, and only they touch superusers. Others give the roles that give no more than
    they have themselves, and touch the accounts that have no more: by a new password one could be any of these.

    A password that someone else has set has to be changed at the next log-in.
    """

    change_password_form = OthersPassword
    RIGHTS = ("is_superuser", "user_permissions")

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *self.RIGHTS)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.related_model is Group and not request.user.is_superuser:
            kwargs["queryset"] = Group.objects.filter(pk__in=roles_within(request.user))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        return self._may_touch(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return self._may_touch(request, obj) and super().has_delete_permission(request, obj)

    def _may_touch(self, request, account) -> bool:
        if account is None or request.user.is_superuser:
            return True
        return not account.is_superuser and rights_of(account) <= rights_of(request.user)

    def get_actions(self, request):
        actions = super().get_actions(request)
        if not request.user.is_superuser:
            actions.pop("delete_selected", None)  # it would ask for no account singly
        return actions

    def save_model(self, request, obj, form, change):
        if not change:
            obj.is_staff = True  # nobody else has anything to log in for
        super().save_model(request, obj, form, change)
        if not change and obj.has_usable_password():
            require_change(obj)

    def log_change(self, request, obj, message):
        # The page that sets another's password has no other place to hook into.
        by_another = request.resolver_match.url_name == "auth_user_password_change" and obj != request.user
        if by_another and is_password_usable(obj.password):
            require_change(obj)
        return super().log_change(request, obj, message)


@admin.register(Group)
class AccountGroupAdmin(RightsByName, AccountsDeletion, GroupAdmin):
    """What a group may do, its members may: so groups are for superusers alone."""

    def has_add_permission(self, request):
        return request.user.is_superuser

    def has_change_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser


@admin.register(Record)
class RecordAdmin(admin.ModelAdmin):
    """To be read: by whoever has the right to, and changed by nobody."""

    list_display = ["at", "kind", "subject", "actor", "address", "told"]
    fields = readonly_fields = ["at", "kind", "subject", "actor", "address", "told"]
    list_filter = ["kind"]
    search_fields = ["subject", "actor", "address", "detail"]
    search_help_text = "账号、地址、详情"
    date_hierarchy = "at"
    list_per_page = 100
    show_full_result_count = False
    actions = None

    class Media:
        css = {"all": ["css/admin.css"]}

    @admin.display(description="详情")
    def told(self, row):
        """The database writes down the code of a permission."""
        return codename_label(row.detail)

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        if self.has_view_permission(request):
            mark_locks_seen(request)
        return super().changelist_view(request, extra_context)
