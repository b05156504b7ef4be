"""Texts of the catalogue have one kind of line end, as the database demands of cases."""


def one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
