from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = "导入"

    def ready(self):
        from intake import tasks
        from jobs.worker import given_up

        given_up.connect(tasks.give_up, dispatch_uid="intake")
