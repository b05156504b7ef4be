from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "案例库"

    def ready(self):
        from catalog.search.maintenance import signals

        signals.connect()
