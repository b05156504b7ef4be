"""What a file and its statements are, of what the catalogue has:

editions    which source a file is an edition of, and which case each statement is
returning   cases that come back in an export of the catalogue's own
duplicates  new cases that stand in another source already
"""
