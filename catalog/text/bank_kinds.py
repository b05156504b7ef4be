"""Kinds of institution: (code in the database -> Chinese label), in the order in which the trade lists them.

Here and not with the models, because the document readers use them and import no Django.
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
