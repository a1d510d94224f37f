"""The user's words: what a plugin's `texts.py` is made of, and how words are found."""

from core.texts import Explained, explain
from core.texts.periods import period_words
from core.texts.relations import KINDS
from core.texts.text import ErrorText

__all__ = ["KINDS", "ErrorText", "Explained", "explain", "period_words"]
