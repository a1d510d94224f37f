{
    "name": "peppol",
    "title": "E-facturen (Peppol)",
    "summary": (
        "Maakt van een verstuurde factuur een e-factuur, verstuurt haar via Peppol en "
        "ontvangt die van uw leveranciers."
    ),
    "version": "0.2.0",
    "depends": [],
    "category": "service",
    "auth": "form",
    "interval": 60,
    "settings": ["peppol_"],
}
