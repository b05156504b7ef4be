from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin with the catalogue's own site."""

    default = False
    default_site = "accounts.admin_site.CatalogAdminSite"
