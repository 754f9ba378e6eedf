"""Files that are made from others and kept beside them: JSON Schemas and Great Expectations suites; run as a module to write them."""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path

from cpas import content
from cpas.checks.suite import build_suite
from cpas.definitions.load import load_definitions
from cpas.definitions.schema import SCHEMAS, schema_text


def generated_files() -> dict[str, str]:
    """The text of every generated file, by its path in the folder `indicators`."""
    with as_file(files("cpas") / "illustration" / "seed") as mission:
        definitions = load_definitions(mission)
    suites = {
        name: build_suite(loaded, definitions.codes)
        for name, loaded in definitions.datasets.items()
        if loaded.dataset.found_in != "made"
    }
    made = {f"schema/{name}.json": schema_text(name) for name in SCHEMAS}
    return made | {
        f"suites/{name}.json": json.dumps(suite, indent=2, ensure_ascii=False) + "\n"
        for name, suite in suites.items()
    }


def write_generated(folder: Path) -> None:
    """Write every generated file into the folder `indicators`."""
    for name, text in generated_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_generated(content.shipped("indicators"))
