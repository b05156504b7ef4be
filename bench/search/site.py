"""The site's own production server on the bench's database: python -m bench.search.site

Prints its port when it takes requests; ends on SIGTERM. `prepare` is left out, which would import the seeds.
"""

import django

from config.webserver import Site, open_port


def main() -> None:
    django.setup()
    listener = open_port("127.0.0.1", 0)
    port = listener.getsockname()[1]
    Site(listener, lambda: print(port, flush=True)).run()


if __name__ == "__main__":
    main()
