{
    "name": "eboekhouden",
    "title": "e-Boekhouden.nl",
    "summary": (
        "Boekt uw bestellingen en facturen in e-Boekhouden.nl en houdt uw "
        "relaties daar gelijk."
    ),
    "version": "0.1.0",
    "depends": ["vies"],
    "category": "accounting",
    "auth": "form",
    "interval": 240,
    "settings": ["eboekhouden_"],
}
