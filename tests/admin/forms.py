"""A page's form as a browser sends it."""

from html.parser import HTMLParser


class Form(HTMLParser):
    """`values`: name → texts of the form with the id `<model>_form`, as they stand on the page."""

    def __init__(self, html: str, form_id: str):
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._form_id, self._inside = form_id, False
        self._name = self._text = ""
        self._kind: str | None = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._inside = given.get("id") == self._form_id
        if not self._inside:
            return
        name = given.get("name")
        if tag == "input" and name and given.get("type") != "submit":
            ticked = given.get("type") in ("checkbox", "radio")
            if not ticked or "checked" in given:
                self._add(name, given.get("value", "on" if ticked else ""))
        elif tag == "option" and "selected" in given:
            self._add(self._name, given["value"])
        elif tag == "select":
            self._name = name
        elif tag == "textarea":
            self._kind, self._name, self._text = tag, name, ""

    def handle_data(self, data):
        if self._kind:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        if tag == self._kind:
            # HTML drops the first line end; a browser sends CR LF.
            self._add(self._name, self._text.removeprefix("\n").removeprefix("\r\n").replace("\n", "\r\n"))
            self._kind = None

    def _add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def form_of(client, address: str, form_id: str, **changes) -> dict[str, list[str]]:
    """The form of a page with some fields changed, ready to be posted."""
    response = client.get(address)
    assert response.status_code == 200, address
    values = Form(response.content.decode(), form_id).values
    return values | {name: value if isinstance(value, list) else [value] for name, value in changes.items()}
