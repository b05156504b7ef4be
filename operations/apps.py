from django.apps import AppConfig
from django.core.signals import request_finished


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = "运行"

    def ready(self):
        from catalog.pages.listing import search_answered
        from operations.searches import receivers

        search_answered.connect(receivers.look_at_search, dispatch_uid="operations")
        request_finished.connect(receivers.write_counts, dispatch_uid="operations")
