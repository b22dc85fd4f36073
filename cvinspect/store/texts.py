"""What a text must be to be kept: UTF-8, and without the letter 0, which PostgreSQL cannot keep."""


def can_be_kept(text: str) -> bool:
    """Whether every database that this program knows can hold it.

    >>> [can_be_kept(text) for text in ("路", "a\\0b", "\\ud800")]
    [True, False, False]
    """
    return text == kept(text)


def kept(text: str) -> str:
    """The text with what no database can hold replaced by question marks.

    >>> kept("a\\0b\\ud800")
    'a?b?'
    """
    return text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")
