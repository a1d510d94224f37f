{
    "name": "eaccounting",
    "title": "Visma eAccounting",
    "summary": (
        "Boekt uw bestellingen en facturen in Visma eAccounting en houdt uw "
        "relaties daar gelijk."
    ),
    "version": "0.1.0",
    "depends": ["vies"],
    "category": "accounting",
    "auth": "oauth",
    "interval": 240,
    "settings": ["eaccounting_"],
}
