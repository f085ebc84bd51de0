"""Tests of the networks, and the contract that every adapter must keep."""
