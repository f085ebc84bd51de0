"""Site: showing it."""
