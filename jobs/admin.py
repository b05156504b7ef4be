"""The queue is no editor's affair: what a job is for has pages of its own."""

from django.contrib import admin
from django_tasks_db.models import DBTaskResult

admin.site.unregister(DBTaskResult)
