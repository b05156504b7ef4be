"""From drafts to the catalogue: the only part of the importer that knows models. How the parts fit:

run        from paths to reports: find, read, correct, categorise, load
documents  a document's draft, and
rows       a file of rows, as `Content`: statements about cases, and what the file says of itself
sources    a file's content into its source: all or nothing, with a report
writer     statements to cases, merged with what editors made of them; doubts
resolved   a statement with its names found in the catalogue
names      banks, chapters and products by any of their names
batches    keys, addresses and COPY for many new rows
indexing   the search entries, computed by several processes
exporting  cases, and what an import would make of files, in the form that an import reads back
reference  banks and chapters between their files and their tables
thesaurus  groups of synonyms between their file and their table
locking    one import at a time
"""
