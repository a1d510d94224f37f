{
    "name": "ownshop",
    "title": "Eigen webwinkel",
    "summary": (
        "Voor een webwinkel die op maat is gemaakt: zij levert haar "
        "bestellingen zelf bij ons aan. Uw bouwer sluit haar aan."
    ),
    "version": "0.1.0",
    "depends": [],
    "category": "shop",
    "auth": "form",
    "interval": None,
}
