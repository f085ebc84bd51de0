"""Draw every picture of the season: run `python brand/artwork/draw.py` (all) or with names of pictures (some).

The results are committed beside the posts that use them. Look at what comes out before you commit it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import november
import october
import winter
from brush import PICTURES

POSTS = Path(__file__).resolve().parents[2] / "posts"
ARTWORK = Path(__file__).resolve().parent
MONTHS = (october, november, winter)
"""Importing a month registers its pictures."""


def main(names: list[str]) -> int:
    """Draw the pictures named, or all of them."""
    for name in names or PICTURES:
        file, draw = PICTURES[name]
        target = ARTWORK / file[2:] if file.startswith("./") else POSTS / file
        draw().save(target)
        print(f"{target.stat().st_size / 1000:6.0f} kB  {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
