"""A plain Django page under the same front and workers, to compare with: python -m bench.load.plain BYTES

It has Django's usual middleware, a view, a template; no database. Prints its address; ends on SIGTERM.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from serving.front import Front
from serving.ports import open_port, raise_file_limit
from serving.site import Site

SIZE = "BENCH_PLAIN_BYTES"


def load() -> Callable:
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.urls import re_path

    settings.configure(
        SECRET_KEY="for the bench alone, on this machine alone",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench.load.plain",
        MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    )
    django.setup()
    lines = int(os.environ[SIZE]) // len("<p>0000 一二三四五六七八九十</p>\n".encode())
    template = engines["django"].from_string(
        "{% for line in lines %}<p>{{ line }} 一二三四五六七八九十</p>\n{% endfor %}"
    )

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render({"lines": range(1000, 1000 + lines)}, request))

    global urlpatterns
    urlpatterns = [re_path("", page)]
    return get_wsgi_application()


urlpatterns: list = []


def main() -> None:
    os.environ[SIZE] = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="bench-plain-") as folder:
        Site(
            listener=open_port("127.0.0.1", 0),
            front=Front(),
            var=Path(folder),
            static=Path(folder),
            prepare=[sys.executable, "-c", ""],
            application="bench.load.plain:load",
            files=raise_file_limit(),
            workers=int(os.environ.get("WEB_CONCURRENCY") or max(2, os.cpu_count() or 2)),
        ).run(hold=lambda: None, announce=lambda address: print(address, flush=True))


if __name__ == "__main__":
    main()
