"""Running the product: the support desk, numbers, health, cleaning up."""
