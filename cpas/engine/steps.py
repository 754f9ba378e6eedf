"""What a value on a scale is called, and how many places stand at which step or at none; an order is counted and never averaged."""

from __future__ import annotations

import polars as pl

from cpas.definitions.loaded import Definitions
from cpas.engine.passes import SERIES

KEYS = [*SERIES, "period", "area"]
STEPS = {"indicator_id": pl.String, "rank": pl.Int64, "step": pl.String}
NOTHINGS = ("missing", "withheld", "not_applicable")
NO_STEP = ("not_reported", "not_applicable", "withheld")


def with_steps(values: pl.DataFrame, places: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Values with the steps that they are.

    Args:
        values: With `value`, which on a scale is the place of a step, the worst being 1.
        places: As `rollup.each_place` gives them: what each place of a period and area came to.
        definitions: The indicators and their scales.

    Returns:
        The values with `step`, its code, and `distribution`: how many places stand at which step, the worst first, as
        `low:2;moderate:4`. Places of which nothing is known are not in it, but in `no_step` by why they are at none, as
        `not_reported:2;withheld:1`. All three are null for what is on no scale.
        `is_open` tells whether the step of a place may be another: it is silent and nothing is carried over for it, or a step
        of it is missing or withheld. `least` and `most` are the lower median with such places at the worst and at the best step.
    """
    steps = pl.DataFrame(
        [
            (id_, rank, code)
            for id_, one in definitions.indicators.items()
            if one.definition.scale
            for rank, code in enumerate(definitions.scales[one.definition.scale].codes, start=1)
        ],
        schema=STEPS,
        orient="row",
    )
    told = places.join(
        steps.group_by("indicator_id").agg(pl.col("rank").max().alias("best")), on="indicator_id"
    ).with_columns(
        pl.col("numerator").cast(pl.Int64).alias("rank"),
        is_open=pl.sum_horizontal("lapsed", "missing", "withheld") > 0,
    )
    ends = told.group_by(KEYS).agg(pl.col("is_open").any(), least=_middle(pl.lit(1)), most=_middle("best"))
    at_steps = _counted(told.join(steps, on=["indicator_id", "rank"]), "distribution")
    is_known_of = pl.sum_horizontal("records", *NOTHINGS, "lapsed") > 0
    at_none = _counted(told.filter(pl.col("rank").is_null() & is_known_of).with_columns(_why()), "no_step")
    return (
        values.with_columns(pl.col("value").cast(pl.Int64, strict=False).alias("rank"))
        .join(steps, on=["indicator_id", "rank"], how="left", maintain_order="left")
        .join(at_steps, on=KEYS, how="left", maintain_order="left")
        .join(at_none, on=KEYS, how="left", maintain_order="left")
        .join(ends, on=KEYS, how="left", maintain_order="left")
        .drop("rank")
    )


def _counted(places: pl.DataFrame, name: str) -> pl.DataFrame:
    """How many places there are at each `step`, in the order of `rank`, as one text by the name."""
    return (
        places.group_by(*KEYS, "rank", "step")
        .len()
        .sort(*KEYS, "rank")
        .group_by(KEYS, maintain_order=True)
        .agg(pl.format("{}:{}", "step", "len").str.join(";").alias(name))
    )


def _why() -> list[pl.Expr]:
    """Why a place is at no step, as the status of its own value tells it: a figure that is missing outweighs all else."""
    is_told = pl.col("missing") == 0
    rank = (
        pl.when(is_told & (pl.col("withheld") > 0))
        .then(2)
        .when(is_told & (pl.col("not_applicable") > 0))
        .then(1)
        .otherwise(0)
    )
    return [rank.alias("rank"), rank.replace_strict(range(len(NO_STEP)), NO_STEP).alias("step")]


def _middle(otherwise: pl.Expr | str) -> pl.Expr:
    """The lower median of places, with those that are open at some step."""
    steps = pl.when("is_open").then(otherwise).otherwise("rank")
    return steps.drop_nulls().sort().get((steps.count() - 1) // 2, null_on_oob=True).cast(pl.Float64)
