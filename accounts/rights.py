"""What an account may do, and which roles give no more than that."""

from django.contrib.auth.models import AbstractUser, Group, Permission
from django.db.models import Q


def rights_of(account: AbstractUser) -> set[int]:
    """The keys of its permissions, its groups' included; also of an account that is locked, which might be opened."""
    if account.is_superuser:
        return set(Permission.objects.values_list("pk", flat=True))
    held = Permission.objects.filter(Q(user=account) | Q(group__user=account))
    return set(held.values_list("pk", flat=True))


def roles_within(account: AbstractUser) -> list[int]:
    """The keys of the groups whose members may do nothing that this account may not."""
    rights = rights_of(account)
    groups = Group.objects.prefetch_related("permissions")
    return [group.pk for group in groups if {permission.pk for permission in group.permissions.all()} <= rights]
