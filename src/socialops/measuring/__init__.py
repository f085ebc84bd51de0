"""Measuring: how it did."""
