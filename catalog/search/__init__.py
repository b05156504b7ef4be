"""Search over the cases. Nothing here knows of HTTP; pages call three things:

`Case.objects.search(query)`            (`query.search_cases`) the matching cases with `rank`, best first
`highlight.mark / mark_html / snippet`  hits marked in a text, in rendered HTML, in the best passage of several texts
`upkeep.deferred_indexing`, `touch`     for bulk writes; every other write is indexed by itself, in its transaction

How the parts fit, each using only those above it:

    normalise   one spelling for texts and queries, with the way back to the original
    segment     a folded text as words and as bigrams
    lexicon     the names of banks and products as the database has them, as words and as synonyms
    vector      the tsvector of a document, within the type's limits
    document    what of a case is searched, and with what weight
    index       the only writer of `SearchEntry`
    upkeep      which entries a write concerns
    terms       what a query asks for
    query       matching and ranking in SQL
    highlight   marks and snippets

To rewrite every entry: `manage.py rebuild_index`.
"""
