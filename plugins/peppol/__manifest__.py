{
    "name": "peppol",
    "title": "E-facturen (Peppol)",
    "summary": (
        "Maakt van een verstuurde factuur een e-factuur (UBL, Peppol BIS Billing 3.0), "
        "gecontroleerd met de officiële regels."
    ),
    "version": "0.1.0",
    "depends": [],
    "category": "service",
    "auth": "none",
    "interval": None,
}
