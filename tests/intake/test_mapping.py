import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cpas.content import shipped
from cpas.definitions.dataset import CodeLists, Dataset
from cpas.definitions.loaded import LoadedDataset
from cpas.definitions.mapping import Mapping
from cpas.definitions.read import read_model
from cpas.errors import Location, SourceError
from cpas.intake.cells import Vocabulary
from cpas.intake.geography import Outlines, read_outlines
from cpas.intake.mapping import ELSEWHERE, NOWHERE, Foreign, read_mapped
from cpas.intake.places import Places
from cpas.intake.words import lookup_of

BOTH = {"en": "x", "fr": "x"}
MAPPING: dict[str, Any] = {
    "id": "other",
    "title": BOTH,
    "dataset": "incidents",
    "source_note": BOTH,
    "recognised_by": ["event_key", "where_prec"],
    "columns": {
        "incident_id": {"from": ["event_key"], "prefix": "X-"},
        "incident_on": {"from": ["date_start", "day"], "split": " "},
        "section": {"constant": "jmac"},
        "incident_type": {
            "from": ["kind"],
            "values": {"1": "armed_clash"},
            "match": [["^(kid|ab)", "abduction"]],
        },
        "perpetrator_type": {"from": ["side"], "values": {"A": "bandits"}, "otherwise": "unknown"},
        "latitude": {"from": ["lat"]},
        "longitude": {"from": ["lon"]},
        "deaths_civilians": {"from": ["deaths"], "where": {"side": ["A"]}, "fallback": {"constant": 0}},
        "deaths_other": {"sum_of": ["dead_a", "dead_b"]},
    },
    "precision": [{"column": "time_prec", "keep": ["1", "2"], "reason": {"en": "when", "fr": "quand"}}],
    "geography": {
        "latitude": "lat",
        "longitude": "lon",
        "precision": "where_prec",
        "levels": {"1": "cercle", "4": "region", "6": "mission"},
    },
    "country": {"country": ["Mali"]},
    "ignored": ["relid"],
}
ROW = {
    "event_key": "7", "day": "2018-12-05 00:00", "kind": "1", "side": "A", "lat": "0.5", "lon": "0.5", "deaths": "3", "dead_a": "1",
    "dead_b": "2.0", "time_prec": "1", "where_prec": "1", "country": "Mali", "relid": "r",
}  # fmt: skip
AREAS = [
    ("ML", "mission", None, None, None),
    ("R1", "region", "ML", None, None),
    ("R2", "region", "ML", None, None),
    ("C1", "cercle", "R1", None, date(2018, 12, 31)),
    ("C1", "cercle", "R2", date(2019, 1, 1), None),
]


def shipped_dataset(name: str) -> LoadedDataset:
    path = shipped("indicators") / "datasets" / f"{name}.yml"
    return LoadedDataset(read_model(path, path.name, Dataset)[0], {}, (), Location(path.name), {})


@pytest.fixture(scope="module")
def incidents() -> LoadedDataset:
    """The incidents data set as shipped."""
    return shipped_dataset("incidents")


@pytest.fixture(scope="module")
def known() -> Vocabulary:
    """The shipped code lists, and some sections and areas."""
    path = shipped("indicators") / "codes.yml"
    references = {"sections": lookup_of({"jmac": []}), "areas": {}}
    return Vocabulary.of(read_model(path, path.name, CodeLists)[0].root, references)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """One cercle, which moves from one region to another on 1 January 2019."""
    square = '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}'
    path = tmp_path / "areas.geojson"
    path.write_text(
        f'{{"features": [{{"properties": {{"code": "C1"}}, "geometry": {square}}}]}}', encoding="utf-8"
    )
    schema = {
        "area_code": pl.String,
        "level": pl.String,
        "parent": pl.String,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
    }
    return Places(read_outlines(path, path.name), pl.DataFrame(AREAS, schema, orient="row"))


@pytest.fixture
def mapped(
    tmp_path: Path, incidents: LoadedDataset, known: Vocabulary, places: Places
) -> Callable[..., Foreign]:
    """Read foreign rows; each is the harmless row with changes."""

    def read(*changes: dict[str, str], mapping: dict[str, Any] = MAPPING) -> Foreign:
        rows = [ROW | change for change in changes]
        path = tmp_path / "events.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        mappings = {"other": Mapping.model_validate(mapping)}
        return read_mapped(path, mappings, {"incidents": incidents}, known, places)

    return read


def test_a_foreign_row_becomes_one_of_ours_with_its_line(mapped: Callable[..., Foreign]) -> None:
    foreign = mapped({})
    row = foreign.table.frame.row(0, named=True)
    expected = {
        "incident_id": "X-7", "incident_on": date(2018, 12, 5), "section": "jmac", "incident_type": "armed_clash",
        "perpetrator_type": "bandits", "area_code": "C1", "latitude": 0.5, "deaths_civilians": 3, "deaths_other": 3,
        "deaths_women": None, "deaths_women_status": "not_reported", "_file": "events.csv", "_sheet": "", "_row": 2,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert (foreign.table.issues, foreign.left_out, foreign.rows) == ((), (), 1)


def test_the_first_pattern_that_is_found_gives_the_value(mapped: Callable[..., Foreign]) -> None:
    assert mapped({"kind": "kidnapping"}).table.frame["incident_type"].to_list() == ["abduction"]


def test_where_nothing_fits_fallback_and_otherwise_fill(mapped: Callable[..., Foreign]) -> None:
    row = mapped({"side": "B"}).table.frame.row(0, named=True)
    assert (row["perpetrator_type"], row["deaths_civilians"]) == ("unknown", 0)


def test_a_value_without_translation_is_one_issue_with_its_rows(mapped: Callable[..., Foreign]) -> None:
    table = mapped({}, {"kind": "riot"}, {"kind": "riot"}).table
    [issue] = table.issues
    assert (issue.code, issue.where.row, issue.where.column, issue.count) == ("CPAS-D007", 3, "C", 2)
    assert "`incident_type` for `riot` (2 rows)" in issue.message
    assert {cell[2:] for cell in table.faulted} == {(3, "incident_type"), (4, "incident_type")}


def test_a_part_of_a_sum_that_is_no_number_is_an_issue(mapped: Callable[..., Foreign]) -> None:
    [issue] = mapped({"dead_a": "some"}).table.issues
    assert (issue.code, "`some + 2.0`" in issue.message) == ("CPAS-D001", True)


def test_a_sum_of_nothing_is_nothing(mapped: Callable[..., Foreign]) -> None:
    frame = mapped({"dead_a": "", "dead_b": ""}, {"dead_a": ""}).table.frame
    assert frame["deaths_other"].to_list() == [None, 2]


def test_rows_left_out_are_counted_by_reason_and_none_is_lost(mapped: Callable[..., Foreign]) -> None:
    foreign = mapped(
        {},
        {"country": "Niger"},
        {"time_prec": "5"},
        {"time_prec": ""},
        {"lat": "9"},
        {"lat": ""},
        {"where_prec": "9"},
    )
    counted = {one.reason["en"]: one.rows for one in foreign.left_out}
    assert counted == {ELSEWHERE["en"]: 1, "when": 2, NOWHERE["en"]: 3}
    assert foreign.rows == foreign.table.frame.height + sum(counted.values())


@pytest.mark.parametrize(
    ("day", "precision", "area"),
    [
        ("2018-12-31", "4", "R1"),
        ("2019-01-01", "4", "R2"),
        ("2019-01-01", "1", "C1"),
        ("2019-01-01", "6", "ML"),
    ],
)
def test_a_point_is_given_to_the_level_its_precision_allows(
    mapped: Callable[..., Foreign], day: str, precision: str, area: str
) -> None:
    assert mapped({"day": day, "where_prec": precision}).table.frame["area_code"].to_list() == [area]


def test_a_column_that_the_mapping_does_not_know_is_said(mapped: Callable[..., Foreign]) -> None:
    [issue] = mapped({"novelty": "x"}).table.issues
    assert (issue.code, issue.severity, issue.where.row) == ("CPAS-S023", "warning", 1)


def test_each_month_of_the_time_spanned_is_a_report(mapped: Callable[..., Foreign]) -> None:
    reports = mapped({}, {"day": "2019-03-01"}).reports
    assert reports.select("reporter", "month").rows()[::3] == [
        ("jmac", date(2018, 12, 1)),
        ("jmac", date(2019, 3, 1)),
    ]


def test_a_file_no_mapping_recognises_is_said(mapped: Callable[..., Foreign]) -> None:
    with pytest.raises(SourceError) as caught:
        mapped({}, mapping=MAPPING | {"recognised_by": ["something else"]})
    assert caught.value.issues[0].code == "CPAS-S003"


def test_a_file_without_the_column_that_sifts_it_is_refused(mapped: Callable[..., Foreign]) -> None:
    with pytest.raises(SourceError) as caught:
        mapped({}, mapping=MAPPING | {"country": {"nation": ["Mali"]}})
    assert "`nation` is missing" in caught.value.issues[0].message


def test_a_file_without_a_column_that_we_need_is_an_error(mapped: Callable[..., Foreign]) -> None:
    columns = MAPPING["columns"] | {"incident_on": {"from": ["when"]}}
    issues = mapped({}, mapping=MAPPING | {"columns": columns, "ignored": ["relid", "day"]}).table.issues
    assert [(issue.code, issue.severity) for issue in issues] == [("CPAS-S012", "error")]


@pytest.fixture(scope="module")
def mappings() -> dict[str, Mapping]:
    """The mappings as shipped."""
    return {
        path.stem: read_model(path, path.name, Mapping)[0]
        for path in (shipped("indicators") / "mappings").glob("*.yml")
    }


@pytest.mark.real_data
def test_the_real_events_of_mali_agree_with_a_count_by_hand(
    real_data: Path, incidents: LoadedDataset, known: Vocabulary, mappings: dict[str, Mapping]
) -> None:
    path = real_data / "ucdp_ged" / "ged_24_1_mali.csv"
    with path.open(encoding="utf-8", newline="") as file:
        events = [event for event in csv.DictReader(file) if event["date_prec"] != "5"]
    outlines = read_outlines(real_data / "mali_admin" / "adm2.geojson", "adm2.geojson")
    foreign = read_mapped(path, mappings, {"incidents": incidents}, known, Places(outlines, mali(outlines)))
    frame = foreign.table.frame.with_columns(year=pl.col("incident_on").dt.year())
    for year in range(1990, 2024):
        rows = [event for event in events if event["date_start"].startswith(str(year))]
        ours = frame.filter(pl.col("year") == year)
        deaths = sum(int(event["deaths_civilians"]) for event in rows)
        others = sum(
            int(event[name]) for event in rows for name in ("deaths_a", "deaths_b", "deaths_unknown")
        )
        assert (ours.height, ours["deaths_civilians"].sum(), ours["deaths_other"].sum()) == (
            len(rows),
            deaths,
            others,
        )
    assert [one.rows for one in foreign.left_out] == [20]
    assert (foreign.rows, foreign.table.issues) == (2_120, ())
    june = frame.filter(pl.col("incident_on").is_between(date(2019, 6, 1), date(2019, 6, 30)))
    assert (june.height, june["deaths_civilians"].sum()) == (30, 101)


def mali(outlines: Outlines) -> pl.DataFrame:
    rows = [("ML", "mission", None)]
    rows += [(region, "region", "ML") for region in sorted({code[:4] for code in outlines.codes})]
    rows += [(code, "cercle", code[:4]) for code in outlines.codes]
    frame = pl.DataFrame(
        rows, {"area_code": pl.String, "level": pl.String, "parent": pl.String}, orient="row"
    )
    return frame.with_columns(valid_from=pl.lit(None, pl.Date), valid_to=pl.lit(None, pl.Date))


ACLED = {
    "event_id_cnty": "MLI1", "event_date": "2019-06-05", "time_precision": "1", "event_type": "Battles",
    "sub_event_type": "Armed clash", "actor1": "JNIM", "inter1": "2", "actor2": "Military Forces of Mali", "inter2": "1",
    "country": "Mali", "location": "Somewhere", "latitude": "14.5", "longitude": "-4.2", "geo_precision": "1", "source": "S",
    "notes": "n", "fatalities": "4",
}  # fmt: skip


@pytest.mark.real_data
def test_an_invented_acled_extract_is_recognised_and_divided(
    tmp_path: Path, real_data: Path, incidents: LoadedDataset, known: Vocabulary, mappings: dict[str, Mapping]
) -> None:
    civilians = ACLED | {
        "event_id_cnty": "MLI2",
        "sub_event_type": "Attack",
        "inter2": "Civilians",
        "geo_precision": "3",
    }
    rows = [ACLED, civilians, ACLED | {"sub_event_type": "Peaceful protest"}, ACLED | {"country": "Niger"}]
    path = tmp_path / "extract.csv"
    path.write_text(
        "\n".join(";".join(row) for row in [list(ACLED), *(list(row.values()) for row in rows)]),
        encoding="utf-8",
    )
    outlines = read_outlines(real_data / "mali_admin" / "adm2.geojson", "adm2.geojson")
    foreign = read_mapped(path, mappings, {"incidents": incidents}, known, Places(outlines, mali(outlines)))
    assert foreign.mapping.id == "acled"
    assert foreign.table.issues == ()
    columns = ("incident_type", "perpetrator_type", "area_code", "deaths_civilians", "deaths_other")
    assert foreign.table.frame.select(columns).rows() == [
        ("armed_clash", "violent_extremist_group", "ML0506", 0, 4),
        ("attack_on_civilians", "violent_extremist_group", "ML05", 4, 0),
    ]
