"""Texts that have to fit in a field of an outside system. Pure."""


def cut(text: str, limit: int) -> str:
    """Cut a text to a limit without breaking a word, unless one word is longer."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit + 1].rsplit(" ", 1)[0]
    return head if len(head) <= limit and " " in text[: limit + 1] else text[:limit]
