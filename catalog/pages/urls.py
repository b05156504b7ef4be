from django.urls import path, register_converter
from django.urls.converters import StringConverter
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from catalog.pages import views


class UnicodeSlug(StringConverter):
    """The addresses of cases and products; what can be none of them (a NUL, say) never reaches the database."""

    regex = r"[-\w]+"


register_converter(UnicodeSlug, "uslug")

urlpatterns = [
    path("", views.home, name="home"),
    path("cases/", views.case_list, name="cases"),
    path("cases/<uslug:slug>/", views.case, name="case"),
    path("banks/", views.banks, name="banks"),
    path("banks/<slug:code>/", views.bank, name="bank"),
    path("chapters/", views.categories, name="categories"),
    path("chapters/<slug:code>/", views.category, name="category"),
    path("products/", views.products, name="products"),
    path("products/<uslug:slug>/", views.product, name="product"),
    path("sources/", views.sources, name="sources"),
    path("sources/<int:pk>/", views.source, name="source"),
    path("suggestions/", views.suggestions, name="suggestions"),
    path("script/", views.choose_script_preference, name="script-preference"),
]

# No page here takes a form: it refuses one by its method (405), and asks for no token first (403).
for pattern in urlpatterns:
    pattern.callback = csrf_exempt(require_safe(pattern.callback))
