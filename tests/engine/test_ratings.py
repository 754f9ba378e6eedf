import polars as pl

from cpas.engine.rate import RATINGS
from cpas.engine.ratings import roll_up
from cpas.periods import Period

DEATHS = "{value: sum(deaths)}"
COUNT = {"measure": "{value: count(*)}", "unit": "incidents"}


def rolled(mini, rows=()):
    results = mini.results("2018/19", {"incidents": list(rows)})
    frame = roll_up(results, mini.load(), Period.parse("2018/19"))
    return {row["id"]: row for row in frame.iter_rows(named=True)}


def test_ratings_are_counted_by_outcome_and_objective_and_never_averaged(mini, incident):
    mini.indicator("MET", DEATHS, targets="{2018/19: 10}")
    mini.indicator("OFF", targets="{2018/19: 100}", direction="increase", **COUNT)
    mini.indicator("NONE", DEATHS)
    found = rolled(mini, [incident("2018-07-05", deaths=3)])
    for id_ in ("OB1", "OC1"):
        counts = {rating: found[id_][rating] for rating in RATINGS if found[id_][rating]}
        assert counts == {"met": 1, "off_track": 1, "not_rated": 1}
        assert (found[id_]["indicators"], found[id_]["evidence"]) == (3, "rated")


def test_an_objective_without_outcome_evidence_is_insufficient_whatever_its_activity(mini, incident):
    path = mini.folder / "indicators" / "own" / "ACT.yml"
    mini.indicator("ACT", targets="{2018/19: 1}", direction="increase", **COUNT)
    text = path.read_text(encoding="utf-8").replace(
        "level: outcome\noutcome: OC1", "level: activity\noutput: OP1"
    )
    path.write_text(text, encoding="utf-8")
    rows = [incident("2018-07-05"), incident("2018-08-05")]
    assert mini.row(mini.results("2018/19", {"incidents": rows}), "ACT")["rating"] == "met"
    found = rolled(mini, rows)
    assert (found["OB1"]["indicators"], found["OB1"]["evidence"]) == (0, "insufficient_evidence")


def test_insufficient_data_is_no_evidence(mini, incident):
    mini.indicator("A", DEATHS, targets="{2018/19: 1}")
    found = rolled(mini, [incident("2018-07-05", deaths=2)])
    assert (found["OB1"]["insufficient_data"], found["OB1"]["evidence"]) == (1, "insufficient_evidence")


def test_every_indicator_of_an_objective_counts_once(mini, incident):
    for name in "ABC":
        mini.indicator(name, DEATHS, targets="{2018/19: 10}")
    frame = pl.DataFrame(list(rolled(mini, [incident("2018-07-05", deaths=2)]).values()))
    assert frame.select(pl.sum_horizontal(RATINGS) == pl.col("indicators")).to_series().all()
