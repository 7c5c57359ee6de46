"""Hooks: what an app's own code has to say to an export and to a deletion."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from .. import models

#: Returns the files that an app adds to a user's data: names, and JSON, texts or bytes.
DataExporter = Callable[[t.Any], Mapping[str, object]]
#: Is told of a user who is about to be deleted; what it raises keeps them.
BeforeUserDeletion = Callable[[t.Any], object]


class Exporting(t.NamedTuple):
    """A hook of an export."""

    run: DataExporter
    #: Whether nobody should have to wait for it in a request.
    slow: bool = False


@dataclass(slots=True)
class Hooks:
    """The hooks of one ``UserKit``, in the order in which they were added."""

    data_exporters: list[Exporting] = field(default_factory=list[Exporting])
    before_user_deletion: list[BeforeUserDeletion] = field(default_factory=list[BeforeUserDeletion])

    def tell_of_deletion(self, user: models.User) -> None:
        """Run what an app wants to happen before a user is deleted, in that transaction."""
        for run in self.before_user_deletion:
            run(user)
