"""CODEOWNERS on disk: the file from which GitHub learns whom to ask for a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socialops.atomic import write_atomically
from socialops.content.team import CODEOWNERS, LARGEST, owners_text
from socialops.errors import WorkspaceError

if TYPE_CHECKING:
    from socialops.content.load import Content


def write_codeowners(content: Content, *, rehearse: bool = False) -> bool:
    """Write `.github/CODEOWNERS` from the team; return whether that changes it. Lines of others are kept.

    With *rehearse* nothing is written. Raises WorkspaceError when the file may not be replaced, and OSError.
    """
    file = content.workspace.root / CODEOWNERS
    if file.is_symlink() or file.parent.is_symlink() or (file.exists() and content.brand.owners is None):
        raise WorkspaceError(
            f"{CODEOWNERS} is a link, no ordinary file, or cannot be read.", hint="Put an ordinary text file there."
        )
    text = owners_text(content.brand.owners, content.brand)
    if text == content.brand.owners:
        return False
    data = text.encode()
    if len(data) > LARGEST:
        raise WorkspaceError(
            f"{CODEOWNERS} would be larger than 3 MB, and GitHub ignores one that is.",
            hint="Name folders rather than files in brand/team.yml.",
        )
    if not rehearse:
        write_atomically(file, data)
    return True
