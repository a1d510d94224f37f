{
    "name": "eaccounting",
    "title": "Visma eAccounting",
    "summary": "Boekt bestellingen als verkoopboeking, conceptfactuur of bestelling.",
    "version": "0.1.0",
    "depends": ["vies"],
    "category": "accounting",
    "auth": "oauth",
    "interval": 240,
}
