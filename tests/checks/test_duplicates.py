from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cpas.checks.duplicates import (
    SHOWN,
    check_duplicates,
    join_same,
    keys_of,
    likely_duplicates,
    shortened,
    still_open,
)
from cpas.checks.likeness import LARGEST
from cpas.definitions.dataset import Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.errors import Issue, Location, SourceError
from cpas.intake.decisions import Decision, read_decisions, write_decision

BOTH = {"en": "x", "fr": "x"}
COLUMNS: list[dict[str, Any]] = [
    {"name": "id", "type": "text", "required": True, "label": BOTH},
    {"name": "on", "type": "date", "label": BOTH},
    {"name": "section", "type": "reference", "to": "sections", "label": BOTH},
    {"name": "visit_type", "type": "code", "codes": "visit_type", "label": BOTH},
    {"name": "area", "type": "reference", "to": "areas", "label": BOTH},
    {"name": "place", "type": "text", "label": BOTH},
    {"name": "latitude", "type": "number", "label": BOTH},
    {"name": "longitude", "type": "number", "label": BOTH},
    {"name": "joint", "type": "text", "label": BOTH},
    {"name": "hours", "type": "quantity", "label": BOTH},
]
DECLARED = {
    "dataset": "visits", "title": BOTH, "grain": BOTH, "kind": "events", "key": ["id"], "period": "on", "area": "area",
    "reported_by": "section", "joint_key": "joint", "columns": COLUMNS,
}  # fmt: skip
LOADED = LoadedDataset(Dataset.model_validate(DECLARED), {}, (), Location("visits.yml"), {})
TYPES = {
    "id": pl.String, "on": pl.Date, "section": pl.String, "visit_type": pl.String, "area": pl.String, "place": pl.String,
    "latitude": pl.Float64, "longitude": pl.Float64, "joint": pl.String, "hours": pl.Decimal(18, 6),
    "_file": pl.String, "_sheet": pl.String, "_row": pl.Int64,
}  # fmt: skip
USUAL = {
    "on": date(2019, 6, 2), "section": "force", "visit_type": "patrol", "area": "ML07", "place": "Gao, zone 6",
    "latitude": 16.1, "longitude": 0.1, "joint": None, "hours": 2, "_file": "a.xlsx", "_sheet": "Visits",
}  # fmt: skip


def rows(*changes: dict[str, Any]) -> pl.DataFrame:
    made = [USUAL | {"id": f"V{i}", "_row": i + 1} | change for i, change in enumerate(changes, start=1)]
    return pl.DataFrame(made, TYPES, orient="row")


def pairs(*changes: dict[str, Any]) -> list[tuple[str, str]]:
    return likely_duplicates(rows(*changes), LOADED).select("first", "second").rows()


POLICE = {"section": "police"}


def test_one_thing_told_by_two_sections_is_listed_with_both_places() -> None:
    [pair] = likely_duplicates(rows({}, POLICE | {"hours": 1}), LOADED).to_dicts()
    assert (pair["first"], pair["second"], pair["sections"]) == ("V1", "V2", "force / police")
    assert pair["likeness"] == pytest.approx(0.5 + 0.5 * (1 + 1 + 0.5) / 3, abs=1e-3)
    assert pair["places"] == "a.xlsx [Visits!2]; a.xlsx [Visits!3]"


@pytest.mark.parametrize(
    "change", [{"on": date(2019, 6, 3)}, {"visit_type": "meeting"}, {"area": "ML04"}, {"area": None}, {"section": "force", "hours": 3}]
)  # fmt: skip
def test_another_day_type_area_or_the_same_section_is_no_pair(change: dict[str, Any]) -> None:
    assert pairs({}, POLICE | change) == []


def test_far_apart_in_one_area_is_no_pair() -> None:
    assert pairs({}, POLICE | {"latitude": 16.9, "place": "Bourem"}) == []


def test_where_nothing_more_is_told_day_type_and_area_are_enough_to_ask() -> None:
    silent = dict.fromkeys(("place", "latitude", "longitude", "hours"))
    [pair] = likely_duplicates(rows(silent, POLICE | silent), LOADED).to_dicts()
    assert pair["likeness"] == 0.75


def test_rows_equal_in_all_but_their_key_have_a_likeness_of_one_also_within_a_section() -> None:
    [pair] = likely_duplicates(rows({}, {}), LOADED).to_dicts()
    assert (pair["first"], pair["second"], pair["likeness"]) == ("V1", "V2", 1.0)


def test_one_joint_key_needs_no_decision_and_two_say_that_they_differ() -> None:
    assert pairs({"joint": "J"}, POLICE | {"joint": "J"}) == []
    assert pairs({"joint": "J"}, POLICE | {"joint": "K"}) == []
    assert pairs({"joint": "J"}, POLICE) == [("V1", "V2")]


def test_a_row_whose_partner_is_known_is_no_partner_of_another() -> None:
    assert pairs({"joint": "J"}, POLICE | {"joint": "J"}, POLICE | {"hours": 1}) == []


def test_a_crowded_day_is_compared_by_place() -> None:
    many = [{"place": f"zone {i}", "section": "police" if i % 2 else "force"} for i in range(LARGEST + 20)]
    assert pairs(*many, {"place": "here"}, POLICE | {"place": "here"}) == [("V321", "V322")]


def test_decided_rows_get_one_joint_key_and_bring_along_those_that_share_theirs() -> None:
    frame = rows({}, POLICE, {"joint": "J"}, {"joint": "J"}, POLICE, {})
    joined = join_same(frame, LOADED, [("V1", "V2"), ("V5", "V4")])
    assert joined["joint"].to_list() == ["V1", "V1", "J", "J", "J", None]
    assert pl.Series(keys_of(frame, LOADED)).to_list() == ["V1", "V2", "V3", "V4", "V5", "V6"]


def test_chains_of_decisions_are_one_thing_and_keys_that_are_gone_do_no_harm() -> None:
    joined = join_same(
        rows({}, {"joint": "K"}, {"joint": "B"}), LOADED, [("V1", "V2"), ("V3", "V2"), ("X", "Y")]
    )
    assert joined["joint"].to_list() == ["B", "B", "B"]
    assert join_same(rows({}), LOADED, []).equals(rows({}))


def warned(new: pl.DataFrame, standing: pl.DataFrame, **decided: bool) -> list[tuple[str, str]]:
    """The cell of each warning, and the key of the row that it names."""
    pairs = {
        (first, second): is_same
        for (first, _, second), is_same in ((k.partition("_"), v) for k, v in decided.items())
    }
    found = check_duplicates(new, standing, LOADED, {("a.xlsx", "Visits", "id"): "B"}, pairs)
    assert {(one.code, one.severity) for one in found} <= {("CPAS-D222", "warning")}
    return [(f"{one.where.column}{one.where.row}", one.message.split("`")[3]) for one in found]


def accepted(*changes: dict[str, Any]) -> pl.DataFrame:
    return rows(*changes).with_columns(pl.lit("b.xlsx").alias("_file"), pl.col("id").str.replace("V", "W"))


def test_a_new_row_like_one_that_another_section_had_accepted_is_warned_of_and_the_old_one_is_not() -> None:
    assert warned(rows({}, {"on": date(2019, 6, 3)}), accepted(POLICE)) == [("B2", "W1")]
    assert warned(rows({}), accepted(POLICE, {"hours": 1} | POLICE)) == [("B2", "W1")]
    assert warned(rows({}).clear(), accepted({}, POLICE)) == []


def test_new_rows_that_are_nearly_the_same_warn_of_each_other() -> None:
    # hours 2 and 1.9: 0.5 + 0.5 * (1 + 1 + 0.95) / 3 = 0.992; 2 and 0.5: 0.875, less than 0.9
    assert warned(rows({}, {"hours": 1.9}), rows().clear()) == [("B2", "V2"), ("B3", "V1")]
    assert warned(rows({}, {"hours": 0.5}), rows().clear()) == []
    assert warned(rows({}, {"place": "Gao, zone 7"}, {"place": None}), rows().clear()) == []


def test_a_pair_that_somebody_decided_on_is_not_warned_of_again() -> None:
    assert warned(rows({}), accepted(POLICE), V1_W1=False) == []
    assert warned(rows({}), accepted(POLICE), V1_W1=True) == []


def test_a_warning_told_before_somebody_decided_is_no_longer_open_and_every_other_issue_is() -> None:
    told = check_duplicates(rows({}, {"hours": 1.9}), accepted(POLICE).head(0), LOADED, {}, {})
    assert [one.pair for one in told] == [("V1", "V2"), ("V2", "V1")]
    other = Issue(
        "CPAS-D222", told[0].where, "`V1` may be the same as `V2` of it", "words are not read", "warning"
    )
    for decided in ({("V2", "V1"): False}, {("V1", "V9"): True, ("V9", "V2"): True}):
        assert list(still_open([*told, other], decided)) == [other]
    for decided in ({}, {("V1", "V9"): False, ("V9", "V2"): False}, {("V1", "V9"): True}):
        assert list(still_open([*told, other], decided)) == [*told, other]


def test_warnings_of_a_file_are_bounded_and_the_rest_counted() -> None:
    found = check_duplicates(rows(*[{}] * 1_200), rows().clear(), LOADED, {}, {})
    assert (len(found), sum(one.count for one in found)) == (1_001, 1_200)


def test_the_sender_reads_the_likeliest_and_how_many_more_there_are() -> None:
    on = [{"on": date(2019, 6, day)} for day in range(1, 26)]
    nearly, quite = ([one, one | {"hours": 1.9}] for one in on[:20]), ([one, one] for one in on[20:])
    new = rows(*(row for pair in (*nearly, *quite) for row in pair))
    found = check_duplicates(new, rows().clear(), LOADED, {}, {})
    assert [one.where.row for one in found] == [*range(42, 52), *range(2, 42)]
    other = Issue("CPAS-L008", found[0].where, "rows no longer count", "send them", "warning")
    told = shortened([*found, other])
    assert told[0] == other
    assert told[1 : SHOWN + 1] == tuple(found[:SHOWN])
    assert [(one.message, one.count, one.where.row) for one in told[SHOWN + 1 :]] == [
        ("30 more rows may be the same as others", 30, 0)
    ]
    assert shortened(found[:SHOWN]) == tuple(found[:SHOWN])


def test_decisions_are_read_as_written_and_the_last_on_a_pair_counts(tmp_path: Path) -> None:
    first = Decision("visits", "V1", "V2", "same", "A. Diallo, SPU", date(2019, 7, 1))
    last = Decision("visits", "V2", "V1", "different", "B", date(2019, 7, 2))
    other = Decision("visits", "V3", "V4", "same", "B", date(2019, 7, 2))
    for decision in (first, other, last):
        write_decision(tmp_path, decision)
    assert read_decisions(tmp_path) == (other, last)
    assert [path.name for path in (tmp_path / "reference").iterdir()] == ["duplicates.csv"]


def test_every_fault_of_a_file_of_decisions_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    lines = (
        "dataset,first,second,decision,by,on\nvisits,V1,V1,same,A,2019-07-01\nvisits,V1,V2,perhaps,,July\n"
    )
    (tmp_path / "reference" / "duplicates.csv").write_text(lines, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_decisions(tmp_path)
    assert [issue.where.row for issue in caught.value.issues] == [2, 3, 3, 3]
    assert read_decisions(tmp_path / "elsewhere") == ()
