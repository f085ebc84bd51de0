"""Forge: the git host."""
