{
    "name": "digitalefactuur",
    "title": "DigitaleFactuur",
    "summary": (
        "Houdt uw klanten en leveranciers gelijk met DigitaleFactuur en maakt "
        "er uw facturen."
    ),
    "version": "1.0.0",
    "depends": [],
    "category": "accounting",
    "auth": "form",
    "interval": 60,
    "settings": ["digitalefactuur_"],
}
