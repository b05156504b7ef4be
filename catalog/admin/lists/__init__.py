"""What is done with a whole list of cases, however long. How the parts fit:

rights     who may change what readers see
changes    what setting fields of many cases would do to each, and the doing of it
setting    the page on which an editor says what to set, sees what that does, and confirms it
exporting  the list as a file that an import reads back
"""
