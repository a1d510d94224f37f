{
    "name": "kmoshops",
    "title": "KMO Shops",
    "summary": "Bestellingen uit uw KMO Shops-webwinkel, via webhooks en polling.",
    "version": "0.1.0",
    "depends": [],
    "category": "shop",
    "auth": "oauth",
    "interval": 60,
    "settings": ["kmoshops_"],
}
