{
    "name": "digitalefactuur",
    "title": "DigitaleFactuur",
    "summary": "Houdt debiteuren en crediteuren gelijk en maakt facturen.",
    "version": "0.1.0",
    "depends": [],
    "category": "accounting",
    "auth": "form",
    "interval": 60,
}
