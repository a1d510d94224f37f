{
    "name": "digitalefactuur",
    "title": "DigitaleFactuur",
    "summary": "Telt debiteuren en crediteuren; gelijk houden is nog in opbouw.",
    "version": "0.1.0",
    "depends": [],
    "category": "accounting",
    "auth": "form",
    "interval": 60,
}
