"""Tests of what `check` finds, and the examples of its rules."""
