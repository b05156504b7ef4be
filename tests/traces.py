"""Where a visitor meets a case: for tests of what happens when it is published or withdrawn."""

from dataclasses import dataclass

from django.test import Client
from django.utils.html import strip_tags

from catalog.models import Case
from tests.factories import make_bank, make_case, make_category, make_source

TITLE = "拖网渔船更新改造"
# Numbers, and names of what has public cases; the others show the title itself.
COUNTED = {"home: number of cases", "home: its bank", "facet: its bank", "products", "sources: number"}


@dataclass
class Scene:
    """`case`: the only one of its bank, of its product and of its source, and like its `sibling`."""

    case: Case
    sibling: Case

    @property
    def addresses(self) -> dict[str, str]:
        """Pages on which the title of the case stands while it is public."""
        case = self.case
        orders = ("chapter", "newest", "bank", "updated")
        return {
            "case": case.get_absolute_url(),
            **{f"list by {order}": f"/cases/?sort={order}" for order in orders},
            "filtered list": f"/cases/?bank={case.bank.code}&category={case.category.code}&year=2021",
            "list of a source": f"/cases/?source={case.source_id}",
            "search": "/cases/?q=休渔期",
            "search by title": "/cases/?q=拖网渔船",
            "search by bank": f"/cases/?q=银行:{case.bank.name}",
            "search with any of the words": "/cases/?q=拖网渔船 火箭发射",
            "bank": case.bank.get_absolute_url(),
            "chapter": case.category.get_absolute_url(),
            "product": case.products.get().get_absolute_url(),
            "neighbour": self.sibling.get_absolute_url(),
            "suggestions": "/suggestions/?q=拖网渔",
            "suggestions in pinyin": "/suggestions/?q=tuowangyu",
            "API: list": "/api/cases/",
            "API: search": "/api/cases/?q=休渔期",
            "API: case": f"/api/cases/{case.pk}/",
        }

    def places_showing(self, client: Client) -> set[str]:
        """The names of all the places where a visitor meets the case."""
        return {place for place, address in self.addresses.items() if self._shows(client, address)} | {
            place for place, is_shown in self._others(client).items() if is_shown
        }

    def _shows(self, client: Client, address: str) -> bool:
        return TITLE in text_of_page(client, address)

    def _others(self, client: Client) -> dict[str, bool]:
        case = self.case
        home, listing = client.get("/").context, client.get("/cases/").context["listing"]
        banks = {option.value for panel in listing.facets if panel.name == "bank" for option in panel.options}
        sources = {source.pk: source.public_cases for source in client.get("/sources/").context["sources"]}
        return {
            "similar cases": case in client.get(self.sibling.get_absolute_url()).context["similar"],
            "home: number of cases": home["case_count"] == Case.objects.count(),
            "home: its bank": case.bank in home["banks"],
            "facet: its bank": case.bank.code in banks,
            "products": case.products.get().name in client.get("/products/").content.decode(),
            "sources: number": sources.get(case.source_id) == 1,
        }


def text_of_page(client: Client, address: str) -> str:
    """Without its tags, which also mark hits; of whatever status."""
    return strip_tags(client.get(address).content.decode())


def make_scene() -> Scene:
    """The case, its sibling and six others in their chapter, all of them public."""
    bank, chapter = make_bank("海洋银行", code="ocean"), make_category("蓝色金融", code="blue")
    case = make_case(
        TITLE,
        "渔民出海捕鱼，渔船贷款，休渔期补贴。",
        bank=bank,
        category=chapter,
        source=make_source(["一"], name="海洋.txt"),
        number=1,
        published_on="2021-05-01",
        products=("渔船贷",),
    )
    others = make_bank("其他银行", code="others")
    sibling = make_case("另一个渔业案例", "渔民贷款，休渔期展期，渔船保险。", bank=others, category=chapter, number=2)
    for number in range(6):
        make_case(f"企业案例{number}", "企业融资。", bank=others, category=chapter)
    return Scene(case, sibling)
