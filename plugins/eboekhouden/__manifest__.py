{
    "name": "eboekhouden",
    "title": "e-Boekhouden.nl",
    "summary": "Boekt bestellingen als verkoopboeking.",
    "version": "0.1.0",
    "depends": ["vies"],
    "category": "accounting",
    "auth": "form",
    "interval": 240,
}
