"""How each type of column is held in polars: exact numbers wherever they are added."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

from cpas.definitions.dataset import ColumnType

POLARS_TYPES: Mapping[ColumnType, pl.DataType] = MappingProxyType(
    {
        "text": pl.String(),
        "code": pl.String(),
        "reference": pl.String(),
        "date": pl.Date(),
        "month": pl.Date(),
        "count": pl.Int64(),
        "quantity": pl.Decimal(18, 6),
        "amount": pl.Decimal(18, 6),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
    }
)
