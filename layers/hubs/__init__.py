"""Community hubs and the ground that they reach."""
