"""What an attacker would put into a field, in every field of every page: nothing of it runs or is even tried."""

import os
from urllib.parse import quote

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from catalog.models import Bank, BankKind, Case, Category, Doubt, Product, Source, SynonymGroup
from tests.factories import make_bank, make_case, make_category, make_source, place

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt >alert(1)</sCrIpT >",
    "</script><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror='alert(1)'//",
    '"><img src=x onerror=alert(1)>',
    "'><img src=x onerror=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' autofocus onfocus=alert(1) x='",
    "` onmouseover=alert(1) x=`",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><img src onerror=alert(1)></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<base href=//evil.invalid/>",
    "<link rel=stylesheet href=//evil.invalid/x.css>",
    "<style>*{background:url(//evil.invalid)}</style>",
    "<p style=background:url(//evil.invalid)>x</p>",
    "<meta http-equiv=refresh content='0;url=//evil.invalid'>",
    "<form action=//evil.invalid><button>x</button></form>",
    "<details open ontoggle=alert(1)>x</details>",
    "<body onload=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](x onerror=alert(1))",
    "{{constructor.constructor('alert(1)')()}}",
    "<div hx-get=/cases/ hx-trigger=load hx-on::load=alert(1)>",
]

MODELS = (Case, Bank, Category, Product, Source, Doubt, SynonymGroup)

# The lists show all of the payloads; of the pages of single rows every eleventh is opened, unless all are asked for:
# ALL_PAYLOADS=1 (some 500 pages, minutes).
STEP = 1 if os.environ.get("ALL_PAYLOADS") else 11

# Kept by the page itself, from before its first script runs.
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""


def fitting(model, payload: str, *names: str) -> dict[str, str]:
    """The payload in these fields, cut to what each holds."""
    return {name: payload[: model._meta.get_field(name).max_length] for name in names}


def make_everything(number: int, payload: str) -> None:
    """One of every kind of row, with the payload in all of its fields."""
    bank = make_bank(
        kind=BankKind.STATE,
        position=number,
        **fitting(Bank, payload, "name", "short_name", "full_name", "english_name", "abbreviation"),
    )
    bank.aliases.create(name=payload)
    # The number keeps names apart that are cut short alike.
    chapter = make_category(f"{number:02}{payload}"[:30], position=number, slogans=payload)
    lines = ["x", payload, f"## {payload}", "x"]
    source = make_source(lines, **fitting(Source, payload, "title", "publisher"))
    Source.objects.filter(pk=source.pk).update(name=f"{payload} {number}")
    body = f"## {payload}\n\n{payload}\n\n| {payload} | x |\n| :-: | --: |\n| {payload} | {payload} |"
    case = make_case(
        body=body,
        summary=payload,
        captions=[payload],
        authors=[payload],
        bank=bank,
        category=chapter,
        source=source,
        number=number + 1,
        first_line=1,
        last_line=4,
        provenance=[place(payload, 2, 2)],
        products=(payload,),
        **fitting(Case, payload, "title", "subtitle", "branch"),
    )
    Doubt.objects.create(source=source, case=case, field="title", reason=payload, confidence=0.5, spans=[[2, 2]])
    SynonymGroup.objects.create(words=f"{payload} 词{number}", targets=f"{payload} 义{number}", note=payload)


def public_addresses() -> tuple[list[str], list[str]]:
    """Of the lists, and of each row's own page."""
    rows = [*Case.objects.all(), *Bank.objects.all(), *Category.objects.all(), *Product.objects.all()]
    rows += Source.objects.all()
    lists = ["/", "/banks/", "/chapters/", "/products/", "/sources/", "/cases/", "/cases/?page=2"]
    return lists, [row.get_absolute_url() for row in rows]


def admin_addresses() -> tuple[list[str], list[str]]:
    lists = {model: f"/admin/catalog/{model._meta.model_name}/" for model in MODELS}
    rows = [f"{lists[model]}{key}/change/" for model in MODELS for key in model.objects.values_list("pk", flat=True)]
    return list(lists.values()), rows


def searches() -> list[str]:
    names = ("q", "bank", "category", "product", "year", "sort", "page")
    case = Case.objects.earliest("pk").get_absolute_url()
    typed = [quote(payload) for payload in PAYLOADS]
    addresses = [f"/cases/?{'&'.join(f'{name}={text}' for name in names)}" for text in typed]
    return addresses + [f"{start}?q={text}" for text in typed for start in (case, "/admin/catalog/case/")]


@pytest.fixture
def visit(transactional_db, open_page, live_server):
    """visit(addresses) opens each in a browser where a superuser is logged in, and returns what went wrong."""
    page = open_page("/banks/")
    reader = Client()
    reader.force_login(get_user_model().objects.create_superuser("editor"))
    session = {"name": "sessionid", "value": reader.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    page.context.add_init_script(WATCH)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(f"{page.url}: a dialog"), dialog.dismiss()))

    def opened(addresses):
        wrong = []
        for address in addresses:
            answer = page.goto(address)
            assert answer.status == 200, address
            wrong += [f"{address}: {violation}" for violation in page.evaluate("violations")]
        return wrong + dialogs

    opened.page = page
    return opened


def test_none_of_them_runs_or_has_to_be_stopped_on_any_page(visit, troubles):
    assert len(PAYLOADS) == 34
    for number, payload in enumerate(PAYLOADS):
        make_everything(number, payload)
    lists, rows = public_addresses()
    admin_lists, admin_rows = admin_addresses()
    assert visit(lists + admin_lists) == []
    assert visit((rows + admin_rows + searches())[::STEP]) == []
    assert troubles.messages == []

    # And had one of them run, the browser would have told.
    # (This one loads nothing, whose failure might come after all is forgiven.)
    visit.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p onclick=alert(1)>x</p>')")
    visit.page.wait_for_function("violations.length > 0")
    visit.page.goto("about:blank")
    troubles.messages.clear()
