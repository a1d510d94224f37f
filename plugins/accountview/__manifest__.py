{
    "name": "accountview",
    "title": "AccountView",
    "summary": "Doet btw-aangifte en ICP-opgaaf via Digipoort of Visma.net AutoReport.",
    "version": "0.1.0",
    "depends": [],
    "category": "declaration",
    "auth": "oauth",
    "interval": None,
}
