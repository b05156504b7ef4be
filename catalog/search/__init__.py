"""Search over the cases. Nothing here knows of HTTP. In words, with a picture: docs/search.md. Others call:

`Case.objects.search(query)`            (`query.search_cases`) the matching cases, best first, with `.plan`
`plan.plan_query(query)`       what a query was taken for, and how its cases are matched
`ranking.rank(plan, selection)`  places of the ranking, for a page
`similar.similar_cases(case)`           cases like a case
`highlight.mark / mark_html / snippet`  hits marked in a text, in rendered HTML, in the best passage of several texts
`highlight.Marker`                      the same over the texts of a page, with the hits numbered
`limits.deadline`                        one limit of time for all that is asked in a block
`warm.read_ahead`                       for a server that is about to fork
`upkeep.deferred_indexing`, `touch`     for bulk writes; every other write is indexed by itself, in its transaction

How the parts fit, each using only those above it:

    normalise   one spelling for texts and queries, with the way back to the original
    segment     queries cut into words; the words and the pairs of characters in a text
    weights     what a lexeme says about a case (BM25, the case's part)
    lexemes     what the index holds of a document
    impacts     that as a byte a lexeme, and scores
    changes     which names and which thesaurus a transaction sees
    lexicon     the names of banks and products as the database has them, as words and as synonyms
    document    what of a case is searched, and in which field
    ledger      in how many cases a lexeme stands
    stamp       what an index was made with
    index       the only writer of the entries
    rebuild     a whole new index beside the old one
    upkeep      which entries a write concerns

    bits        sets of places
    snapshot    the entries at one moment, in memory: posting lists and columns
    frequent_ngrams which runs of characters have posting lists, beside the lexemes
    inverting   what the index holds of cases turned into posting lists
    columns     what cases are counted and sorted by
    sealing     the maker of snapshots

    language    a query as it was typed: clauses, quotes, exclusions, fields
    terms       what these ask for: runs, words, names
    fields      银行: 章节: 产品: 年份:
    expressions what is asked of the lexemes of a case, as a tree
    matching    conditions in SQL
    tally       all counts of all facets, in SQL
    reader      expressions and scores, answered by a snapshot
    selection   the cases that match: their number, counts, pages, and the best of them
    view        whether a search asks a snapshot or the tables
    runs        which cases have a run of characters
    scoring     what a lexeme is worth to a query (BM25, the query's part)
    plan   all of this for one query, and what is done when it finds nothing
    nearness    how near to each other the words stand
    ranking     the order
    query       a search as a queryset
    highlight   marks and snippets
    warm        what a server reads before its first search
"""
