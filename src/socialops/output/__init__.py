"""Output: saying it."""
