from django.urls import include, path

urlpatterns = [
    path("", include("catalog.pages.urls")),
    path("api/", include("catalog.api.urls")),
]
