from django.contrib import admin
from django.urls import include, path

handler400 = "operations.errors.bad_request"
handler403 = "operations.errors.permission_denied"
handler404 = "operations.errors.page_not_found"
handler500 = "operations.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("operations.urls")),
    path("", include("catalog.urls")),
]
