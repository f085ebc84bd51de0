"""Community: who answers."""
