{
    "name": "kmoshops",
    "title": "KMO Shops",
    "summary": (
        "Haalt de bestellingen op uit uw webwinkel bij KMO Shops: meteen als er"
        " een komt, en minstens ieder uur."
    ),
    "version": "0.1.0",
    "depends": [],
    "category": "shop",
    "auth": "oauth",
    "interval": 60,
    "settings": ["kmoshops_"],
}
