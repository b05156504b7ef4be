"""The catalogue as JSON, to read: the list with the page's own filters, order and counts, and single cases."""
