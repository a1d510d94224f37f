"""Own shop: any webshop whose maker sends its orders to our API."""
