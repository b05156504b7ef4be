"""Documents brought in by the browser: uploaded, read in the background, looked at, accepted.

models     a batch, its files with their bytes, and what would become of each case
uploads    what is taken of an upload
beat       how far a job is, and whether it is to stop
reading    the preview: the import itself, taken back
importing  the import of what was accepted, in one transaction with the batch's own record
tasks      the two as jobs of the queue
differences  old and new side by side, by character
admin, pages  what editors see
"""
