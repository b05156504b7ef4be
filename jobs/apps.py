from django.apps import AppConfig
from django.core.checks import Tags, register


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "后台工作"

    def ready(self):
        from jobs.standing import check_worker

        register(check_worker, Tags.database)
