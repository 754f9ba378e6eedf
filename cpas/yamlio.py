"""The one YAML reader: plain values and the line of every key; knows nothing of what they mean.

Text stays text: `NO`, `yes`, `1:30`, `010` and `2019-06-01` are not turned into booleans, base-60
numbers, octals or dates. Only `true`, `false`, `null` and plain decimal numbers have another type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from cpas.errors import DefinitionError, Issue, Location

Key = str | int
Trail = tuple[Key, ...]

MAX_DEPTH = 40
MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Yaml:
    """A file's content and the place of each part of it.

    `data` is dicts, lists, text, whole numbers, Decimals, booleans and None; `places` maps the trail of keys
    that leads to a value, such as `("columns", 3, "type")`, to its line and column.
    """

    file: str
    data: Any
    places: dict[Trail, tuple[int, int]]

    def where(self, *trail: Key) -> Location:
        """The place of the deepest part of the trail that is written in the file."""
        for length in range(len(trail), -1, -1):
            if place := self.places.get(trail[:length]):
                return Location(self.file, row=place[0])
        return Location(self.file, row=1)


class _Loader(Composer, yaml.CSafeLoader):
    """Safe, with a resolver table of its own.

    libyaml scans and parses, which takes a fifth of the time; nodes are composed in Python, where a file
    that is nested too deeply ends in an error and not in a crash.
    """

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-0123456789")
)

_Loader.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value))
_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "bool", "null", "int", "float", "map", "seq")}


def read_yaml(path: Path, name: str | None = None) -> Yaml:
    """The content of a YAML file; `name` is how messages call the file.

    Raises:
        DefinitionError: The file is missing, is not UTF-8 or not YAML, uses anchors, sets a key
            twice or has a key that is not text (all such places at once).
    """
    name = name or str(path)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise _refused(
            name, 0, f"cannot be read: {error.strerror}", "check the path and its permissions"
        ) from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refused(name, line, "is not UTF-8 text", "save the file as UTF-8") from error
    if len(raw) > MAX_BYTES:
        raise _refused(name, 0, f"has {len(raw)} bytes; at most {MAX_BYTES} are read", "split the file")
    return parse_yaml(text, name)


def parse_yaml(text: str, name: str) -> Yaml:
    """The content of a YAML text; see `read_yaml`."""
    try:
        node = yaml.compose(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        if mark and _is_indented_by_tab(text, mark.line):
            told = "has a tab before the words of this line"
            raise _refused(name, mark.line + 1, told, "indent with spaces") from error
        problem = getattr(error, "problem", None) or str(error)
        raise _refused(
            name,
            mark.line + 1 if mark else 0,
            f"is not YAML: {problem}",
            "look at the indentation, the colons and the quotes of this line and of the one before",
        ) from error
    except RecursionError as error:
        raise _refused(name, 0, "is nested too deeply", f"use at most {MAX_DEPTH} levels") from error
    if node is None:
        raise _refused(name, 1, "is empty", "write the definition, or delete the file")
    issues = list(_faults(node, name, 0, set()))
    if issues:
        raise DefinitionError(f"{name} cannot be used.", issues)
    places: dict[Trail, tuple[int, int]] = {}
    return Yaml(name, _build(_Loader(""), node, (), places), places)


def _is_indented_by_tab(text: str, number: int) -> bool:
    line = dict(enumerate(text.splitlines())).get(number, "")
    return "\t" in line[: len(line) - len(line.lstrip())]


def _faults(node: Node, name: str, depth: int, seen: set[int]) -> Iterator[Issue]:
    line = node.start_mark.line + 1
    if depth > MAX_DEPTH:
        yield _issue(name, line, "is nested too deeply", f"use at most {MAX_DEPTH} levels")
        return
    if id(node) in seen:
        yield _issue(name, line, "uses an alias (`*name`)", "write the value out; definitions use no anchors")
        return
    seen.add(id(node))
    if node.tag not in _TAGS:
        yield _issue(
            name, line, f"has a tag (`{node.tag}`)", "write the plain value; definitions use no tags"
        )
    if isinstance(node, SequenceNode):
        for child in node.value:
            yield from _faults(child, name, depth + 1, seen)
    elif isinstance(node, MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            at = key.start_mark.line + 1
            if not isinstance(key, ScalarNode):
                yield _issue(name, at, "has a key that is not text", "write a plain word before the colon")
            elif key.value in lines:
                yield Issue(
                    "CPAS-Y002",
                    Location(name, row=at),
                    f"`{key.value}` is set twice; it was first set on line {lines[key.value]}",
                    "keep one of the two",
                )
            else:
                lines[key.value] = at
            yield from _faults(value, name, depth + 1, seen)


def _build(loader: _Loader, node: Node, trail: Trail, places: dict[Trail, tuple[int, int]]) -> Any:
    places.setdefault(trail, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, MappingNode):
        built = {}
        for key, value in node.value:
            places[(*trail, key.value)] = (key.start_mark.line + 1, key.start_mark.column + 1)
            built[key.value] = _build(loader, value, (*trail, key.value), places)
        return built
    if isinstance(node, SequenceNode):
        return [_build(loader, child, (*trail, index), places) for index, child in enumerate(node.value)]
    return loader.construct_object(node)


def _refused(name: str, line: int, problem: str, fix: str) -> DefinitionError:
    return DefinitionError(f"{name} cannot be used.", [_issue(name, line, problem, fix)])


def _issue(name: str, line: int, problem: str, fix: str) -> Issue:
    return Issue("CPAS-Y001", Location(name, row=line), f"the file {problem}", fix)
