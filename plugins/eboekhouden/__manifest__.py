{
    "name": "eboekhouden",
    "title": "e-Boekhouden.nl",
    "summary": "Boekt bestellingen en facturen en houdt relaties gelijk.",
    "version": "0.1.0",
    "depends": ["vies"],
    "category": "accounting",
    "auth": "form",
    "interval": 240,
    "settings": ["eboekhouden_"],
}
