from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = "导入"

    def ready(self):
        from catalog.history import erased
        from intake import erasing, tasks
        from jobs.worker import given_up

        given_up.connect(tasks.give_up, dispatch_uid="intake")
        erased.connect(erasing.forget, dispatch_uid="intake")
