"""The mistakes that tools of this field make, each with the test that holds us from it."""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
HELD = {
    "a falling indicator shown as 0 per cent": (
        "engine/test_rate.py::test_a_falling_indicator_on_its_way_is_not_shown_as_0_per_cent"
    ),
    "a reported zero that becomes blank": "intake/test_cells.py::test_a_reported_zero_stays_zero",
    "a zero target treated as no target": "engine/test_targets.py::test_a_zero_target_is_a_target",
    "a cap that uses max for min": (
        "engine/test_rate.py::test_progress_past_the_target_or_away_from_it_is_not_capped"
    ),
    "the last row of a sheet not read": (
        "intake/test_tables.py::test_blank_rows_are_passed_over_and_the_last_row_is_read"
    ),
    "12.7 in a count column read as 12": "intake/test_cells.py::test_an_issue_names_column_value_rule_and_fix",
    "one date-mangled cell aborting a whole file": (
        "intake/test_cells.py::test_a_day_that_was_mangled_costs_its_cell_and_no_other_row"
    ),
    "only the first error reported": "checks/test_rules.py::test_every_fault_of_a_row_is_told",
    "editing a definition rewriting accepted reports": (
        "test_run.py::test_an_edited_definition_rewrites_no_report_that_was_published"
    ),
    "missing operands counted as zero without saying so": (
        "engine/test_compute.py::test_a_missing_operand_means_what_the_indicator_says"
    ),
    "365 days in a leap year": "engine/test_derived.py::test_annualising_takes_the_days_the_year_really_has",
    "fiscal-year figures over a calendar-year population": (
        "engine/test_derived.py::test_a_population_is_that_of_the_periods_own_days_not_of_one_calendar_year"
    ),
    "averages of percentages": "engine/test_compute.py::test_a_ratio_pools_its_parts_and_is_never_averaged",
    "cumulative totals that go blank": (
        "engine/test_compute.py::test_a_cumulative_figure_runs_from_1_july_and_does_not_go_blank"
    ),
    "an export leaking other offices' rows": (
        "test_submit.py::test_no_row_of_another_office_leaves_in_a_template"
    ),
}


@pytest.mark.parametrize("mistake", HELD)
def test_every_mistake_is_held_to_a_test(mistake):
    file, name = HELD[mistake].split("::")
    assert f"def {name}(" in (TESTS / file).read_text(encoding="utf-8")
