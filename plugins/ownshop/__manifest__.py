{
    "name": "ownshop",
    "title": "Eigen webwinkel",
    "summary": "Bestellingen die uw eigen webwinkel aanlevert via onze API.",
    "version": "0.1.0",
    "depends": [],
    "category": "shop",
    "auth": "form",
    "interval": None,
}
