"""The sandbox: a practice server that speaks the networks' own APIs on this machine."""
