from django.contrib.admin import AdminSite


class CatalogAdminSite(AdminSite):
    site_header = site_title = "案例库管理"
    index_title = "编辑工作台"
    empty_value_display = "—"
