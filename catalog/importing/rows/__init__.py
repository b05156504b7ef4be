"""Structured rows (JSON Lines, CSV) to drafts, a stream from end to end, without a database. How the parts fit:

files      a file's form, encoding and checksum; its records one by one, with their lines
columns    which column is meant, by its English or Chinese name
values     what a cell says: dates, lists, plain text as Markdown
drafts     a record as a `RowDraft`, or what is wrong with it
"""
