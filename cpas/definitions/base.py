"""What every definition shares: strict immutable models, texts in several languages, dates and periods."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, RootModel, WithJsonSchema

from cpas.errors import UsageError
from cpas.periods import Period

LANGUAGES = ("en", "fr")


class Model(BaseModel):
    """Immutable, and strict about keys: an unknown key is an error, since it is most often a typing error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, arbitrary_types_allowed=True
    )


class Text(RootModel[dict[str, str]]):
    """A text for people, by language code. English and French are required; others may be added."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"required": list(LANGUAGES)})

    def model_post_init(self, _: Any) -> None:
        """Refuse a text that lacks a working language or says nothing in it."""
        for language in LANGUAGES:
            if not self.root.get(language, "").strip():
                raise ValueError(f"the text in `{language}` is missing")

    def __getitem__(self, language: str) -> str:
        """The text in a language; English where that language was not written."""
        return self.root.get(language, self.root["en"])

    def everywhere(self) -> tuple[str, ...]:
        """The text in every language it is written in."""
        return tuple(self.root.values())


def _period(value: object) -> Period:
    if isinstance(value, Period):
        return value
    try:
        return Period.parse(str(value))
    except UsageError as error:
        raise ValueError(error.summary) from error


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"`{value}` is not a day; write it like 2018-07-01") from error
    return value


PeriodText = Annotated[
    Period,
    BeforeValidator(_period),
    PlainSerializer(str),
    WithJsonSchema(
        {"type": ["string", "integer"], "description": "2019-06, 2019-Q2, 2018/19, 2019 or 2018-07..2019-03"}
    ),
]
Day = Annotated[date, BeforeValidator(_day)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class Validity(Model):
    """From a first day to a last day, both included; open where not written."""

    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to")

    def covers(self, period: Period) -> bool:
        """Whether any day of the period lies inside."""
        return (self.first is None or self.first <= period.end) and (
            self.last is None or self.last >= period.start
        )
