"""`make bench`: the search beside others, in one run, on the same documents, words and queries.

    corpus      cases made of the catalogue's own sentences
    words       the words that the others index
    queries     what is asked, by kind
    settings    the site's, with a database of the bench's own
    database    that database: made, filled by the site's own commands, weighed
    site        the site's own server, in a process of its own
    engines     the search and its peers, behind one interface
    measure     all engines in turn, query by query
    report      tables and a file of results
    plot        p95 over the number of cases, from the files of results

Everything is kept in var/bench, and built again only when the corpus or what builds it has changed.
"""
