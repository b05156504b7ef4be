"""The named products, services, platforms and schemes of a case's institution.

What stands in quotation marks in such texts is a product as often as it is a slogan, a policy, a nickname or a figure
of speech, and four products in ten stand in no quotation marks at all. So every candidate (`spans`) is weighed by what
can be seen of it (`weighing`): its ending (贷, 通, 平台 …), the words that introduce it (推出, 上线 …), the noun that
follows (… 产品), its neighbours in an enumeration, and the forms of what only looks like a name (`words`).
"""

from catalog.importing.products.finding import find_products, shared_phrases

__all__ = ["find_products", "shared_phrases"]
