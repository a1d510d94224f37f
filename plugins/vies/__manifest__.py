{
    "name": "vies",
    "title": "VIES",
    "summary": (
        "Vraagt bij de Europese Commissie na of het BTW-nummer van een klant geldig is."
    ),
    "version": "0.1.0",
    "depends": [],
    "category": "service",
    "auth": "none",
    "interval": None,
    "settings": ["vies_"],
}
