"""What `scales.yml` may say: ordered steps, each with its criterion, on which a qualitative indicator is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, ConfigDict, RootModel, ValidationInfo, WithJsonSchema, model_validator

from cpas.definitions.base import Model, Name, Text
from cpas.definitions.dataset import Code, CodeList
from cpas.errors import Issue, suggest
from cpas.yamlio import Yaml

STEP = "step"
"""The unit of every qualitative indicator: its value is the place of a step on its scale, the worst being 1."""
STEPS = "steps"
"""The code list of the steps of all scales, for a column in which several indicators are judged."""


class Step(Code):
    """One step: beside its label and other spellings the criterion by which it is told from its neighbours."""

    criterion: Text


class Scale(Model):
    """Steps in order, from the worst to the best."""

    title: Text
    steps: dict[Name, Step]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        if len(self.steps) < 2:
            raise ValueError("a scale has at least two steps, from the worst to the best")
        labels = [label.casefold() for step in self.steps.values() for label in set(step.label.everywhere())]
        if twice := next((label for label in labels if labels.count(label) > 1), None):
            raise ValueError(f"two steps are called `{twice}`")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its steps, the worst first."""
        return tuple(self.steps)

    def code_at(self, place: float | Decimal | None) -> str | None:
        """The step at a place, counted from 1; None where there is no place.

        Raises:
            IndexError: The scale has no such place.
        """
        return None if place is None else self.codes[int(place) - 1]


class Scales(RootModel[dict[Name, Scale]]):
    """The whole of `scales.yml`: scales by name."""

    model_config = ConfigDict(frozen=True)


def counted_steps(distribution: str | None) -> dict[str, int]:
    """How many places stand at each step, as `distribution` has it.

    >>> counted_steps("low:2;moderate:4")
    {'low': 2, 'moderate': 4}
    """
    parts = (one.rpartition(":") for one in (distribution or "").split(";") if one)
    return {code: int(number) for code, _, number in parts}


def code_lists(scales: Mapping[str, Scale]) -> dict[str, CodeList]:
    """Each scale as a code list, and `steps`, the list of all steps of all scales."""
    if not scales:
        return {}
    title = Text({"en": "Step on the scale", "fr": "Échelon"})
    every = {code: step for scale in scales.values() for code, step in scale.steps.items()}
    own = {name: CodeList(title=scale.title, codes=dict(scale.steps)) for name, scale in scales.items()}
    return own | {STEPS: CodeList(title=title, codes=dict(every))}


def scale_conflicts(
    scales: Mapping[str, Scale], lists: Mapping[str, CodeList] | None, yaml: Yaml
) -> Iterator[Issue]:
    """Names that are a scale and a code list, and codes that mean different steps on different scales."""
    for name in scales:
        if name in (lists or {}) or name == STEPS:
            problem = f"`{name}` is a code list too"
            yield Issue("CPAS-I032", yaml.where(name), problem, "give the scale a name of its own")
    if STEPS in (lists or {}):
        problem = f"the code list `{STEPS}` is made of the scales"
        yield Issue("CPAS-I032", yaml.where(), problem, "give the list in codes.yml another name")
    labels: dict[str, Text] = {}
    codes: dict[str, str] = {}
    for name, scale in scales.items():
        for code, step in scale.steps.items():
            where = yaml.where(name, "steps", code)
            if labels.setdefault(code, step.label) != step.label:
                problem = f"the step `{code}` of `{name}` is called otherwise on another scale"
                yield Issue("CPAS-I032", where, problem, "give it the same labels, or a code of its own")
            for label in step.label.everywhere():
                if codes.setdefault(label.casefold(), code) != code:
                    problem = f"`{label}` is the label of `{code}` and of `{codes[label.casefold()]}`"
                    yield Issue("CPAS-I032", where, problem, "give each step a label of its own")


def choose_scale(name: str | None, info: ValidationInfo) -> str | None:
    """Keep the steps of an indicator's scale for the figures of its file, which are read after it.

    `info.context` has the known `scales` (None where they cannot be read), and gets the `steps` of this one.
    """
    if info.context is None:
        return name
    scales: Mapping[str, Scale] | None = info.context["scales"]
    found = (scales or {}).get(name or "")
    info.context["steps"] = None if name is None else found.codes if found else ()
    if name is not None and scales is not None and found is None:
        raise ValueError(f"there is no scale `{name}`{suggest(name, scales)}")
    return name


def _figure(value: Any, info: ValidationInfo) -> Any:
    """A figure as it is written, or on a scale the place of the step that is named."""
    steps: tuple[str, ...] | None = (info.context or {}).get("steps")
    if steps is None or value is None:
        return value
    if not steps:  # the scale does not exist, which is told once
        return Decimal(0)
    if value not in steps:
        raise ValueError(f"`{value}` is not a step of the scale{suggest(str(value), steps)}")
    return Decimal(steps.index(value) + 1)


Figure = Annotated[
    Decimal,
    BeforeValidator(_figure),
    WithJsonSchema(
        {"type": ["number", "string"], "description": "a number, or on a scale the code of a step"}
    ),
]
