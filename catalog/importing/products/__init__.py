"""The named products, services, platforms and schemes of a case's institution.

Quotation marks alone do not decide: what they enclose is as often a slogan, a policy, a nickname or a figure of speech
as a product, and four products in ten have no quotation marks. So every candidate (`spans`) gets a score from what is
observed of it (`weighing`): its ending (贷, 通, 平台 …), the words that introduce it (推出, 上线 …), the noun that
follows (… 产品), its neighbours in an enumeration, and patterns of phrases that are no names (`words`).
"""

from catalog.importing.products.finding import find_products, shared_phrases

__all__ = ["find_products", "shared_phrases"]
