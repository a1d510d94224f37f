{
    "name": "moneybird",
    "title": "Moneybird",
    "summary": "Boekt bestellingen als externe verkoopfactuur in Moneybird.",
    "version": "0.1.0",
    "depends": [],
    "category": "accounting",
    "auth": "oauth",
    "interval": 240,
    "settings": ["moneybird_"],
}
