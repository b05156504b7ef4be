from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = "运行"

    def ready(self):
        from catalog.history import holders_asked
        from catalog.pages.listing import search_answered
        from catalog.search import catch_up_wanted
        from operations import receivers

        if settings.SENTRY_DSN:
            from operations import reporting

            reporting.start(settings.SENTRY_DSN)
        search_answered.connect(receivers.look_at_search, dispatch_uid="operations")
        request_finished.connect(receivers.write_counts, dispatch_uid="operations")
        catch_up_wanted.connect(receivers.catch_up_later, dispatch_uid="operations")
        holders_asked.connect(receivers.name_backups, dispatch_uid="operations")
