"""socialops: a social-media team's whole operation as a git repository."""

__all__ = ["__version__"]

__version__ = "0.1.0"
