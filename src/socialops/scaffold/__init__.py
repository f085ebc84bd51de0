"""Scaffold: what `init` writes."""
