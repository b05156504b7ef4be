from django.conf import settings
from django.urls import path

urlpatterns = []

if settings.METRICS:
    from operations.metrics import metrics

    urlpatterns.append(path("metrics", metrics))
