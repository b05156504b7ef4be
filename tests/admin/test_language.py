"""No English stands in any page of the admin: a crawl of all that an account can reach, errors included."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import resolve, reverse

from catalog.models import Case, Doubt, SynonymGroup
from tests.factories import make_bank, make_case, make_category, make_source

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Names of formats, and of what has no Chinese name.
KNOWN = {"CSV", "XLSX", "JSON", "Lines", "Excel", "WPS", "Markdown", "SHA", "UTF", "PDF", "URL", "TOTP", "Ctrl"}
# Keys, and the browsers and systems that want others with them.
KNOWN |= {"Alt", "Shift", "Control", "Option", "Firefox", "macOS"}
# What files end in, and the database's own account.
KNOWN |= {"txt", "csv", "tsv", "xlsx", "jsonl", "anliku"}
_WORD = re.compile(r"[A-Za-z]{3,}")
_SEEN_ATTRIBUTES = ("title", "placeholder", "alt", "aria-label", "label", "data-confirm")
_UNSEEN = ("script", "style", "template", "code", "bdi")  # secrets to type in and hashes of passwords are no words


class Page(HTMLParser):
    """`texts`: all that is seen or read out; `links`: where it leads; `actions`: what is offered for chosen rows."""

    def __init__(self, html: str):
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.actions: list[str] = []
        self._select, self._unseen = "", 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._unseen += tag in _UNSEEN
        self.texts += [given[name] for name in _SEEN_ATTRIBUTES if given.get(name)]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.texts.append(given.get("value", ""))
        elif tag == "a":
            self.links.append(given.get("href", ""))
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select == "action" and given.get("value"):
            self.actions.append(given["value"])

    def handle_endtag(self, tag):
        self._unseen -= tag in _UNSEEN

    def handle_data(self, data):
        if not self._unseen and data.strip():
            self.texts.append(data.strip())

    def english(self) -> list[str]:
        return [text for text in self.texts if any(word not in KNOWN for word in _WORD.findall(text))]


def kind_of(address: str) -> tuple:
    """Pages of one kind are looked at once: the same view with the same parameters."""
    parts = urlsplit(address)
    match = resolve(parts.path)
    return match.url_name, match.kwargs.get("app_label"), frozenset(name for name, _ in parse_qsl(parts.query))


def is_combined(address: str) -> bool:
    """Whether it only puts together what is looked at singly: two filters, or a page that knows where to go back to."""
    names = {name for name, _ in parse_qsl(urlsplit(address).query)} - {"_to_field", "_popup"}
    return len(names) > 1 or "_changelist_filters" in names


def pages(client: Client) -> Iterator[tuple[str, Page]]:
    """Every page of the admin that links lead to, and what becomes of actions and of forms that are sent empty."""
    waiting, seen = [reverse("admin:index")], set()
    while waiting:
        address = waiting.pop(0)
        if not address.startswith("/admin/") or kind_of(address) in seen or is_combined(address):
            continue
        seen.add(kind_of(address))
        response = client.get(address, follow=True)
        if response.streaming or "html" not in response["Content-Type"]:
            continue
        page = Page(response.content.decode())
        yield f"{response.status_code} {address}", page
        waiting += [urljoin(address, link).partition("#")[0] for link in page.links]
        yield from posted(client, address, page, response.context)


def posted(client: Client, address: str, page: Page, context) -> Iterator[tuple[str, Page]]:
    name = resolve(urlsplit(address).path).url_name
    if name.endswith("_changelist") and "cl" in context:
        if "?" not in address:
            for query in ("?q=查无此人", "?q=甲", "?e=1", "?p=99", "?o=1"):
                yield f"{query} {address}", Page(client.get(address + query, follow=True).content.decode())
            nothing = client.post(address, {"action": "", "index": "0"}, follow=True)
            yield f"no rows {address}", Page(nothing.content.decode())
        rows = list(context["cl"].queryset[:1])
        for action in page.actions if rows and "?" not in address else ():
            chosen = {"action": action, "index": "0", "_selected_action": [row.pk for row in rows]}
            response = client.post(address, chosen, follow=True)
            if not response.streaming:  # a file
                yield f"{action} {address}", Page(response.content.decode())
    elif name.endswith(("_add", "_password_change")) or name in ("password_change", "two_step"):
        none = {f"{prefix}-{part}_FORMS": "0" for prefix in ("aliases", "doubts") for part in ("TOTAL", "INITIAL")}
        yield f"empty {address}", Page(client.post(address, none, follow=True).content.decode())
        wrong = dict.fromkeys(("position", "published_on", "category_confidence", "kind", "code", "username"), "甲")
        wrong |= {
            "bank": "99999",
            "products": ["99999"],
            "user_permissions": ["99999"],
            "permissions": ["99999"],
            "password1": "12",
            "password2": "13",
            "new_password1": "1",
            "new_password2": "2",
            "name": "甲" * 500,
        }
        yield f"wrong {address}", Page(client.post(address, none | wrong, follow=True).content.decode())


@pytest.fixture
def rows(django_user_model):
    """A row of each kind, whose texts are Chinese."""
    bank, other = make_bank("农业银行", code="a1"), make_bank("工商银行", code="g1")
    bank.aliases.create(name="农行")
    chapter = make_category("助农", code="z1")
    source = make_source(["一", "二"], name="案例集", title="案例集", sha256="1" * 64)
    case = make_case("田间的贷款", "一", bank=bank, category=chapter, source=source, number=1, products=("惠农贷",))
    make_case("厂里的贷款", "二", bank=other, status=Case.Status.DRAFT)
    for field in (
        "number",
        "source",
        "category",
        "title",
        "published_on",
        "year",
        "row",
        "bank",
        "products",
        "unknown",
    ):
        source.doubts.create(field=field, case=case, reason="存疑", confidence=0.3, spans=[[1, 2]])
    Doubt.objects.filter(field="title").settle(None)
    SynonymGroup.objects.create(words="助农 支农")
    group = Group.objects.create(name="编辑组")
    group.permissions.set(Permission.objects.filter(content_type__app_label="catalog"))
    django_user_model.objects.create_user("王芳", password="x", is_staff=True).groups.add(group)
    readers = Group.objects.create(name="读者组")
    readers.permissions.set(Permission.objects.filter(content_type__app_label="catalog", codename__startswith="view_"))
    django_user_model.objects.create_user("张伟", password="x", is_staff=True).groups.add(readers)
    return case


@pytest.mark.parametrize("account", ["李明", "王芳", "张伟"], ids=["superuser", "editor", "looks only"])
def test_no_page_and_no_error_has_a_word_of_english(rows, account, django_user_model):
    django_user_model.objects.create_superuser("李明", password="x")
    user = django_user_model.objects.get(username=account)
    client = Client()
    client.force_login(user)
    found = {text: where for where, page in pages(client) for text in page.english()}
    print(*(f"{where}: {text}" for text, where in found.items()), sep="\n")
    assert "\n".join(f"{where}: {text}" for text, where in found.items()) == ""
