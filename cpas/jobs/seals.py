"""The templates among received files: whether they are the mission's own, and whether all that they had was read."""

from __future__ import annotations

from collections.abc import Iterator

from cpas.definitions.loaded import Definitions, LoadedDataset
from cpas.errors import Issue
from cpas.intake.files import Received
from cpas.intake.inbox import Inbox
from cpas.intake.template_seal import OLDER, check_columns, check_fingerprint


def check_seal(
    one: Received, loaded: LoadedDataset, inbox: Inbox, definitions: Definitions
) -> Iterator[Issue]:
    """What a workbook's seal says that its content does not; a note where it has none. Other files have no seal.

    Args:
        one: The file.
        loaded: The data set it holds.
        inbox: What was read of it.
        definitions: The mission's.
    """
    if not any(grid.sheet for grid in one.grids):
        return
    dataset = loaded.dataset
    column = dataset.column(dataset.reported_by) if dataset.reported_by else None
    reporters = inbox.vocabulary.of_column(column) if column else {}
    yield from check_fingerprint(one.grids, loaded, definitions, reporters)
    yield from check_columns(one.grids, loaded, inbox.tables[dataset.dataset].letters)


def check_inbox_seals(inbox: Inbox, definitions: Definitions) -> Iterator[Issue]:
    """The errors of `check_seal` in files of the inbox folder, where templates of older definitions stay after these have changed."""
    held = {file: name for name, table in inbox.tables.items() for file, _, _ in table.letters}
    for one in inbox.received:
        if one.file in held and one.folder == "inbox":
            issues = check_seal(one, definitions.datasets[held[one.file]], inbox, definitions)
            yield from (issue for issue in issues if issue.severity == "error" and issue.code != OLDER)
