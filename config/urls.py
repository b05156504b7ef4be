from django.contrib import admin
from django.urls import include, path

handler500 = "catalog.pages.middleware.answer_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("catalog.urls")),
]
