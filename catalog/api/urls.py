from django.urls import path

from catalog.api import views

urlpatterns = [
    path("cases/", views.CaseList.as_view(), name="api-cases"),
    path("cases/<uslug:key>/", views.CaseDetail.as_view(), name="api-case"),
]
