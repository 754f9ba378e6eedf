"""What a mapping file may say: how a foreign incident file becomes rows of one of our data sets."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cpas.definitions.base import Id, Model, Name, Text


class Mapped(Model):
    """How one of our columns is filled: from a foreign column, through a table of values, or with a constant.

    `from` lists the foreign column's spellings; `split` keeps the part before it (`2019-06-01 00:00`).
    `values` translates; a foreign value that it lacks is an issue unless `otherwise` says what it becomes.
    `sum_of` adds several foreign columns. `match` gives the value of the first pattern that is found in the text.
    `where` keeps it to rows whose foreign columns hold one of the values listed; an empty text stands for an
    empty cell. A row that gets nothing from all this is filled by `fallback`, and at last by `otherwise`.
    """

    columns: tuple[str, ...] = Field((), alias="from")
    split: str | None = None
    values: dict[str, Any] = Field(default_factory=dict)
    match: tuple[tuple[str, str], ...] = ()
    otherwise: Any = None
    constant: Any = None
    sum_of: tuple[str, ...] = ()
    prefix: str = ""
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    fallback: Mapped | None = None

    @property
    def constants(self) -> frozenset[str]:
        """The values that it can give of itself; all that it can give where the column is coded."""
        given = {*self.values.values(), *(value for _, value in self.match), self.otherwise, self.constant}
        inner = self.fallback.constants if self.fallback else frozenset()
        return inner | {str(value) for value in given if value is not None}


class Precision(Model):
    """Rows are kept while a foreign code, most often of precision, is one of `keep`; the others are counted by reason."""

    column: str
    keep: tuple[str, ...]
    reason: Text


class Geography(Model):
    """Where the coordinates are, and which precision codes allow a level of the area tree.

    `levels` maps each precision code to the area level (`cercle`, `region` ...) the point may be placed at.
    """

    latitude: str
    longitude: str
    precision: str | None = None
    levels: dict[str, Name] = Field(default_factory=dict)


class Mapping(Model):
    """The whole of a mapping file.

    `recognised_by` are foreign columns that tell the format apart. `ignored` are the foreign
    columns known and not needed: a column that is neither used nor ignored is reported.
    """

    id: Id
    title: Text
    dataset: Name
    source_note: Text
    recognised_by: tuple[str, ...]
    columns: dict[Name, Mapped]
    precision: tuple[Precision, ...] = ()
    geography: Geography | None = None
    country: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    ignored: tuple[str, ...] = ()
