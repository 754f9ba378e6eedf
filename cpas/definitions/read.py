"""One YAML file to one model, with every fault as an issue that has its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, RootModel, ValidationError
from pydantic_core import ErrorDetails

from cpas.definitions.base import Model
from cpas.errors import DefinitionError, Issue, suggest
from cpas.yamlio import Trail, Yaml, read_yaml

M = TypeVar("M", bound=BaseModel)

_PLAIN = {
    "string_type": "a text is wanted",
    "int_type": "a whole number is wanted",
    "int_parsing": "a whole number is wanted",
    "decimal_parsing": "a number is wanted",
    "decimal_type": "a number is wanted",
    "bool_parsing": "`true` or `false` is wanted",
    "tuple_type": "a list is wanted",
    "list_type": "a list is wanted",
    "dict_type": "keys with values are wanted",
    "model_type": "keys with values are wanted",
    "date_from_datetime_parsing": "a day is wanted, like 2018-07-01",
}


def read_model(path: Path, name: str, kind: type[M], context: dict[str, Any] | None = None) -> tuple[M, Yaml]:
    """The model a file describes, and the file's content with its lines.

    Args:
        path: The file.
        name: How messages call it.
        kind: What the file must be.
        context: What else its fields are read by.

    Raises:
        DefinitionError: Every fault found in the file, each with its line and what to write.
    """
    content = read_yaml(path, name)
    try:
        return kind.model_validate(content.data, context=context), content
    except ValidationError as error:
        issues = [_issue(detail, content, kind) for detail in error.errors(include_url=False)]
        raise DefinitionError(f"{name} cannot be used.", issues) from error


def _issue(detail: ErrorDetails, content: Yaml, kind: type[BaseModel]) -> Issue:
    trail = detail["loc"]
    key = ".".join(str(part) for part in trail if part != "[key]")
    problem, fix = _words(detail, kind)
    return Issue(
        "CPAS-I001", content.where(*_in_file(trail, content)), f"`{key}`: {problem}" if key else problem, fix
    )


def _in_file(trail: Sequence[str | int], content: Yaml) -> Trail:
    kept: Trail = ()
    for part in trail:
        if (*kept, part) in content.places:
            kept = (*kept, part)
    return kept


def _words(detail: ErrorDetails, kind: type[BaseModel]) -> tuple[str, str]:
    what, context = detail["type"], detail.get("ctx", {})
    if what == "extra_forbidden":
        known = _keys_at(kind, detail["loc"][:-1])
        return (
            f"there is no such key{suggest(str(detail['loc'][-1]), known)}",
            f"use one of: {', '.join(known)}" if known else "remove it",
        )
    if what == "missing":
        return "this key is missing", "write it"
    if what == "literal_error":
        return (
            f"`{detail['input']}` is not allowed{suggest(str(detail['input']), _choices(context))}",
            f"write {context.get('expected')}",
        )
    if what == "string_pattern_mismatch":
        return (
            f"`{detail['input']}` has a form that is not allowed",
            f"write it in the form {context.get('pattern')}",
        )
    if what == "value_error":
        return str(context.get("error")), "see the definition's fields in docs/definitions.md"
    return (
        f"{_PLAIN.get(what, detail['msg'].lower())}, and `{detail['input']}` was written",
        "correct the value",
    )


def _choices(context: dict[str, Any]) -> list[str]:
    return [choice.strip(" '") for choice in str(context.get("expected", "")).replace(" or ", ",").split(",")]


def _keys_at(kind: type[BaseModel], trail: Sequence[str | int]) -> list[str]:
    """The keys a model allows at the place a trail leads to."""
    if issubclass(kind, RootModel):
        inside = _models_in(kind.model_fields["root"].annotation)
        return _keys_at(inside[0], trail[1:]) if inside else []
    if not trail:
        return sorted(field.alias or name for name, field in kind.model_fields.items())
    for name, field in kind.model_fields.items():
        if trail[0] in (name, field.alias):
            rest = trail[1:]
            models = _models_in(field.annotation)
            if not models:
                return []
            while rest and not _is_key(models[0], rest[0]):
                rest = rest[1:]
            return _keys_at(models[0], rest)
    return []


def _is_key(kind: type[BaseModel], part: str | int) -> bool:
    return any(part in (name, field.alias) for name, field in kind.model_fields.items())


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models_in(part)]
