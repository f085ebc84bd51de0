"""Compose: what each channel will get."""
