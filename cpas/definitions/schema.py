"""JSON Schemas of everything that YAML may say, generated from the models."""

from __future__ import annotations

import json

from pydantic import BaseModel

from cpas.definitions.dataset import CodeLists, Dataset
from cpas.definitions.framework import BudgetStructure, Framework
from cpas.definitions.indicator import Indicator
from cpas.definitions.mapping import Mapping
from cpas.definitions.mission import Mission
from cpas.definitions.scale import Scales

SCHEMAS: dict[str, type[BaseModel]] = {
    "mission": Mission,
    "dataset": Dataset,
    "codes": CodeLists,
    "scales": Scales,
    "framework": Framework,
    "budget": BudgetStructure,
    "indicator": Indicator,
    "mapping": Mapping,
}


def schema_text(name: str) -> str:
    """The JSON Schema of one kind of definition, as the text of its file."""
    schema = SCHEMAS[name].model_json_schema(by_alias=True)
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
