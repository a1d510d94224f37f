{
    "name": "vies",
    "title": "VIES",
    "summary": "Controleert Europese btw-nummers bij de Europese Commissie.",
    "version": "0.1.0",
    "depends": [],
    "category": "service",
    "auth": "none",
    "interval": None,
    "settings": ["vies_"],
}
