{
    "name": "accountview",
    "title": "AccountView",
    "summary": (
        "Doet uw btw-aangifte en ICP-opgaaf: met de cijfers van AccountView of "
        "van uw facturen, en pas na uw akkoord."
    ),
    "version": "0.1.0",
    "depends": [],
    "category": "declaration",
    "auth": "oauth",
    "interval": None,
    "settings": [
        "accountview_",
        "visma_services_",
        "autoreport_",
        "digipoort_",
        "tax_",
    ],
}
