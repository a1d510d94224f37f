{
    "name": "eaccounting",
    "title": "Visma eAccounting",
    "summary": "Boekt bestellingen en facturen en houdt relaties gelijk.",
    "version": "0.1.0",
    "depends": ["vies"],
    "category": "accounting",
    "auth": "oauth",
    "interval": 240,
    "settings": ["eaccounting_"],
}
