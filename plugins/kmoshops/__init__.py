"""KMO Shops: the orders of a webshop, by webhook and polling."""
