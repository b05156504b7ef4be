"""Kinds of institution in the order in which the trade lists them: the catalogue's code, and what a reader sees.

Free of Django, for the reading of documents.
"""

BANK_KINDS = {
    "state": "国有大型商业银行",
    "policy": "政策性银行",
    "joint-stock": "股份制商业银行",
    "city": "城市商业银行",
    "rural": "农村商业银行",
    "village": "村镇银行",
    "private": "民营银行",
    "foreign": "外资银行",
    "non-bank": "非银行金融机构",
}
