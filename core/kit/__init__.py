"""What stands beside the product: sandbox kit, mail catcher, scaffold."""
