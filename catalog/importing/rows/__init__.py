"""Structured rows (JSON Lines, CSV) to drafts, a stream from end to end, without a database. How the parts fit:

workbook   the rows of a spreadsheet's own file
tables     what the cells of a table mean that a list of texts cannot say; a case as such a row
files      a file's form, encoding and checksum; its records one by one, with their lines
columns    which column is meant, by its English or Chinese name
values     what a cell says: lists, numbers, plain text as Markdown
dates      which day it means
cells      the cells of a record, with what is wrong with them
drafts     a record as a `RowDraft`, or what keeps it from being one
writing    cases as files that are read back as they were
"""
