"""What `mission.yml` may say: who the mission is, who reports to it, and what each is expected to report."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field, model_validator

from cpas.definitions.base import Day, Id, Model, Name, Text, Validity

Component = Literal["military", "police", "civilian", "support"]
Marking = Literal["UNCLASSIFIED", "CONFIDENTIAL", "STRICTLY CONFIDENTIAL"]
MARKINGS: tuple[Marking, ...] = ("UNCLASSIFIED", "CONFIDENTIAL", "STRICTLY CONFIDENTIAL")


class Section(Model):
    """A section of the mission: it owns indicators and reports."""

    title: Text
    component: Component


class FieldOffice(Model):
    """A field office and the areas (regions or below) it reports on."""

    title: Text
    areas: tuple[str, ...]
    open: Validity = Validity()


class Expected(Model):
    """One expectation: these reporters send this data set once a month.

    `reporters` are field offices or sections, as the data set's `reported_by` column has it;
    every field office where none is named. A report is on time when it came at most
    `due_days` days after the end of its month.
    """

    dataset: Name
    reporters: tuple[Id, ...] = ()
    due_days: int = Field(10, ge=0, le=366)


class RatingRule(Model):
    """How far from its target a value may be: relative distances on the wrong side of the target."""

    on_track_within: Decimal = Field(Decimal("0.10"), ge=0)
    off_track_beyond: Decimal = Field(Decimal("0.25"), ge=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.off_track_beyond < self.on_track_within:
            raise ValueError("`off_track_beyond` is at least `on_track_within`")
        return self


class VarianceThreshold(Model):
    """From where on a variance must be explained: by its percentage or its amount, whichever is reached."""

    percentage: Decimal = Field(Decimal(5), ge=0)
    amount_usd: Decimal = Field(Decimal(100_000), ge=0)


class Mission(Model):
    """The whole of `mission.yml`."""

    code: Id
    name: Text
    illustrative: bool = False
    languages: tuple[Literal["en", "fr"], ...] = ("en", "fr")
    marking: Marking = "UNCLASSIFIED"
    mandate_from: Day
    reporting_from: Day
    root_area: str
    sections: dict[Id, Section]
    field_offices: dict[Id, FieldOffice]
    expected: tuple[Expected, ...]
    rating: RatingRule = RatingRule()
    minimum_coverage: Decimal = Field(Decimal("0.75"), ge=0, le=1)
    small_count_confidence: Decimal = Field(Decimal("0.95"), gt=0, lt=1)
    variance_threshold: VarianceThreshold = VarianceThreshold()
