{
    "name": "accountview",
    "title": "AccountView",
    "summary": "Btw-aangifte en ICP-opgaaf; in opbouw, nog niet te gebruiken.",
    "version": "0.1.0",
    "depends": [],
    "category": "declaration",
    "auth": "oauth",
    "interval": None,
}
