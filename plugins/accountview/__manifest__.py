{
    "name": "accountview",
    "title": "AccountView",
    "summary": "Btw-aangifte en ICP-opgaaf, via Visma.net AutoReport of Digipoort.",
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
