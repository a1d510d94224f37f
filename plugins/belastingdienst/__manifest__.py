{
    "name": "belastingdienst",
    "title": "Belastingdienst",
    "summary": (
        "Doet uw btw-aangifte en ICP-opgaaf: met de cijfers van uw boekhouding of "
        "van uw facturen, en pas na uw akkoord."
    ),
    "version": "0.1.0",
    "depends": [],
    "category": "declaration",
    "auth": "none",
    "interval": None,
    "settings": [
        "digipoort_",
        "tax_",
    ],
}
