"""Which source a file is an edition of, and which of its cases each statement is:

editions    a file and the sources of its name
"""
