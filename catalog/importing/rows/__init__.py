"""Structured rows (JSON Lines, CSV) to drafts, a stream from end to end, without a database. How the parts fit:

workbook   the rows of a spreadsheet's own file
tables     what the cells of a table mean that a list of texts cannot say; a case as such a row
files      a file's form, encoding and checksum; its records one by one, with their lines
columns    which column is meant, by its English or Chinese name
values     what a cell says: dates, lists, plain text as Markdown
drafts     a record as a `RowDraft`, or what is wrong with it
writing    cases as files that are read back as they were
"""
