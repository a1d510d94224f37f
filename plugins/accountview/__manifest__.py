{
    "name": "accountview",
    "title": "AccountView",
    "summary": (
        "Levert de cijfers voor uw aangifte uit AccountView, en verstuurt haar als "
        "u wilt met Visma.net AutoReport."
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
    ],
}
