"""What the front alone knows of a request, put where WSGI has it: the reader's address and scheme.

Behind a Unix socket gunicorn knows no address. The front sets X-Real-IP and X-Forwarded-Proto on every request, in the
place of what a reader may have sent, and nobody else can reach the socket.
"""

from collections.abc import Callable, Iterable


class WordOfFront:
    def __init__(self, application: Callable):
        self.application = application

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        environ["REMOTE_ADDR"] = environ.pop("HTTP_X_REAL_IP", "")
        environ["wsgi.url_scheme"] = "https" if environ.get("HTTP_X_FORWARDED_PROTO") == "https" else "http"
        body = self.application(environ, start_response)
        if environ["REQUEST_METHOD"] == "HEAD":
            # Django makes the page all the same, to know its length; gunicorn would complain of every one.
            return _without_body(body)
        return body


def _without_body(body: Iterable[bytes]) -> Iterable[bytes]:
    getattr(body, "close", lambda: None)()
    return ()
