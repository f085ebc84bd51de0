"""Let `python -m socialops` do what `socialops` does."""

from socialops.cli import main

if __name__ == "__main__":
    main()
