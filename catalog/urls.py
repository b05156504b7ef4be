from django.urls import path

from catalog import views

urlpatterns = [
    path("", views.home, name="home"),
    path("cases/", views.case_list, name="cases"),
    path("cases/<str:slug>/", views.case, name="case"),
    path("banks/", views.banks, name="banks"),
    path("banks/<slug:code>/", views.bank, name="bank"),
    path("chapters/", views.categories, name="categories"),
    path("chapters/<slug:code>/", views.category, name="category"),
    path("products/", views.products, name="products"),
    path("products/<str:slug>/", views.product, name="product"),
    path("sources/", views.sources, name="sources"),
    path("sources/<int:pk>/", views.source, name="source"),
    path("script/", views.choose_script, name="script"),
]
