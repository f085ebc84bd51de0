"""Publishing: sending it once."""
