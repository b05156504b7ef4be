import os
import subprocess
import sys

from django.conf import settings


def test_the_production_settings_pass_the_deployment_check_without_a_warning():
    environment = os.environ | {"HTTPS": "1", "ALLOWED_HOSTS": "example.org"}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests' own, in this very process
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    result = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
