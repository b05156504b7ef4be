from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Record


class Command(BaseCommand):
    help = "删去太旧的登录与权限记录（环境变量 RECORD_DAYS）；不到三十天的，数据库不许删。"

    def handle(self, **options):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('accounts.forgetting', 'on', true)")
            old = Record.objects.filter(at__lt=timezone.now() - timedelta(days=settings.RECORD_DAYS))
            removed, _ = old.delete()
        if removed:
            self.stdout.write(f"删去 {settings.RECORD_DAYS} 天以前的登录与权限记录 {removed} 条")
