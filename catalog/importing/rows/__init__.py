"""Structured rows (JSON Lines, CSV) to cases, a stream from end to end. How the parts fit:

    files      a file's form, encoding and checksum; its records one by one, with their lines
    columns    which column is meant, by its English or Chinese name
    values     what a cell says: dates, lists, plain text as Markdown
    drafts     a record as a `RowDraft`, or what is wrong with it
    names      banks, chapters and products by any of their names
    slugs      addresses for a batch
    copying    many new rows by COPY
    wanted     what a row says of its case, its names found in the catalogue
    indexing   the search entries, computed by several processes
    writing    a batch of drafts to rows, merged with what editors made of them
    loading    a file to a source with its cases, and the report

Nothing up to `drafts` knows the database.
"""
