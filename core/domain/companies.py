"""Company names as buyers fill them in, and what is none. Pure."""

import re
import unicodedata

_WORDS = """
0 aucun aucune consument consumer geen geenbedrijf geenbedrijfsnaam
individual keine keiner leeg mij myself na nee nein nihil nil no nocompany
non none notapplicable niets nietvantoepassing null nvt onbekend ons particulier
particuliere particulieren person personal persoonlijk prive priveadres priveklant
privepersoon privat private privatperson privateperson privaat sans self thuis
unknown x
"""
_FILLERS = frozenset(_WORDS.split())
"""What people write in a box for a company that they think must be filled in: Dutch,
English, German and French, without signs and accents. From public reports and general
knowledge; a company may bear such a name, which no list can tell."""


def company_name(text: str) -> str:
    """Return the company's name, empty when the box holds a filler ("-", "n.v.t.")."""
    name = text.strip()
    return "" if _bare(name) in _FILLERS or not _bare(name) else name


def _bare(text: str) -> str:
    """Return the letters and digits without accents; one sign repeated counts once."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(character for character in plain if character.isalnum())
    return re.sub(r"^([0x])\1*$", r"\1", kept)
