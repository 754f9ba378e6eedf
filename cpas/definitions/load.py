"""All definitions of a mission: read, compiled, linked; every fault found before anything is raised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel

from cpas import content
from cpas.definitions.check_observed import figure_rules
from cpas.definitions.check_scale import step_rules
from cpas.definitions.compile import compile_dataset, compile_indicator
from cpas.definitions.dataset import CodeList, CodeLists, Dataset
from cpas.definitions.expressions.values import Field
from cpas.definitions.framework import BudgetStructure, Framework
from cpas.definitions.indicator import Indicator
from cpas.definitions.link import check_links, in_order
from cpas.definitions.loaded import Definitions, LoadedDataset, LoadedIndicator
from cpas.definitions.mapping import Mapping as SourceMapping
from cpas.definitions.mission import Mission
from cpas.definitions.read import read_model
from cpas.definitions.scale import Scale, Scales, code_lists, scale_conflicts
from cpas.errors import DefinitionError, Issue, Location, UsageError
from cpas.yamlio import Yaml

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class _Reader:
    """Reads file after file and keeps every issue, so that an author sees all mistakes in one run."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.files: list[tuple[str, Path]] = []

    def read(
        self, path: Path, name: str, kind: type[M], context: dict[str, Any] | None = None
    ) -> tuple[M, Yaml] | None:
        self.files.append((name, path))
        return self.keep(lambda: read_model(path, name, kind, context))

    def keep(self, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except DefinitionError as error:
            self.issues.extend(error.issues)
            return None

    def stop(self, folder: str) -> NoReturn:
        count = len(self.issues)
        raise DefinitionError(
            f"{count} problem{'s' * (count > 1)} in the definitions of {folder}.", self.issues
        )


def load_definitions(mission: Path) -> Definitions:
    """Everything a mission has defined, in its own folder or, where it has none, as shipped.

    Raises:
        UsageError: The folder is not a mission folder.
        DefinitionError: Every fault in every file, each with its line.
    """
    if not (mission / "mission.yml").is_file():
        raise UsageError(
            f"`{mission}` is not a mission folder: it has no mission.yml; `cpas init DIR` makes one"
        )
    reader = _Reader()
    folder = content.find("indicators", mission)
    about = reader.read(mission / "mission.yml", "mission.yml", Mission)
    codes = reader.read(folder / "codes.yml", "indicators/codes.yml", CodeLists)
    framework = reader.read(folder / "framework.yml", "indicators/framework.yml", Framework)
    budget = reader.read(folder / "budget.yml", "indicators/budget.yml", BudgetStructure)
    scales = _scales(reader, folder, codes[0].root if codes else {})
    lists = None if codes is None or scales is None else {**codes[0].root, **code_lists(scales)}
    datasets = _datasets(reader, folder, lists, scales or {})
    mappings = {
        one[0].id: one[0]
        for path in sorted((folder / "mappings").glob("*.yml"))
        if (one := reader.read(path, _name(path, folder), SourceMapping))
    }
    indicators = _indicators(reader, folder, datasets, scales)
    if reader.issues or not (about and lists is not None and framework and budget):
        reader.stop(str(mission))
    judged = {id_: one.definition for id_, one in indicators.items()}
    datasets = {
        name: replace(
            one, rules=(*one.rules, *step_rules(one, judged, scales or {}), *figure_rules(one, indicators))
        )
        for name, one in datasets.items()
    }
    found = Definitions(
        about[0],
        datasets,
        lists,
        framework[0],
        budget[0],
        indicators,
        mappings,
        tuple(sorted(reader.files)),
        scales or {},
    )
    places = {
        "mission.yml": about[1],
        "indicators/framework.yml": framework[1],
        "indicators/budget.yml": budget[1],
    }
    reader.issues.extend(check_links(found, places))
    if reader.issues:
        reader.stop(str(mission))
    return found


def _scales(reader: _Reader, folder: Path, lists: Mapping[str, CodeList]) -> Mapping[str, Scale] | None:
    """The scales of `scales.yml`, where there is one; None where they cannot be used."""
    path = folder / "scales.yml"
    if not path.is_file():
        return {}
    found = reader.read(path, "indicators/scales.yml", Scales)
    if found is None:
        return None
    scales, yaml = found
    reader.issues.extend(scale_conflicts(scales.root, lists, yaml))
    return scales.root


def _datasets(
    reader: _Reader, folder: Path, codes: Mapping[str, CodeList] | None, scales: Mapping[str, Scale]
) -> dict[str, LoadedDataset]:
    loaded = {}
    for path in sorted((folder / "datasets").glob("*.yml")):
        if found := reader.read(path, _name(path, folder), Dataset):
            dataset, yaml = found
            reader.issues.extend(_misnamed(path, dataset.dataset, yaml))
            if compiled := reader.keep(partial(compile_dataset, dataset, codes, yaml, scales)):
                loaded[dataset.dataset] = compiled
    return loaded


def _indicators(
    reader: _Reader,
    folder: Path,
    datasets: Mapping[str, LoadedDataset],
    scales: Mapping[str, Scale] | None,
) -> dict[str, LoadedIndicator]:
    read: dict[str, tuple[Indicator, Yaml]] = {}
    for path in sorted(folder.glob("*/*.yml")):
        if path.parent.name in ("datasets", "mappings"):
            continue
        if found := reader.read(path, _name(path, folder), Indicator, {"scales": scales}):
            indicator, yaml = found
            reader.issues.extend(_misnamed(path, indicator.id, yaml))
            if indicator.id in read:
                other = read[indicator.id][1].file
                reader.issues.append(
                    Issue(
                        "CPAS-I003",
                        yaml.where("id"),
                        f"`{indicator.id}` is defined in {other} too",
                        "give it an id of its own",
                    )
                )
            read[indicator.id] = found
    unread = {path.stem for path in (folder / "datasets").glob("*.yml")} - set(datasets)
    known = {
        id_: Field("step" if indicator.scale else "number", indicator.unit)
        for id_, (indicator, _) in read.items()
    }
    loaded = {}
    for id_, (indicator, yaml) in read.items():
        if indicator.source in unread or (indicator.scale and scales is None):
            continue
        if compiled := reader.keep(
            partial(compile_indicator, indicator, datasets, known, yaml, scales or {})
        ):
            loaded[id_] = compiled
    ordered, cycles = in_order(loaded)
    reader.issues.extend(cycles)
    return ordered


def _misnamed(path: Path, id_: str, yaml: Yaml) -> Iterator[Issue]:
    if path.stem != id_:
        yield Issue("CPAS-I002", Location(yaml.file), f"the file defines `{id_}`", f"name the file {id_}.yml")


def _name(path: Path, folder: Path) -> str:
    return f"indicators/{path.relative_to(folder).as_posix()}"
