"""Tests on real servers and in a real browser; run by `make test-real`."""
