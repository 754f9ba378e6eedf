import re

import pytest

from cpas.errors import DefinitionError, UsageError


def issues(mini):
    with pytest.raises(DefinitionError) as caught:
        mini.load()
    return caught.value.issues


def change(mini, file, old, new):
    path = mini.folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return mini


def test_a_folder_without_mission_yml_is_not_a_mission(tmp_path, mini):
    (mini.folder / "mission.yml").unlink()
    with pytest.raises(UsageError, match=r"no mission\.yml"):
        mini.load()


def test_definitions_load_in_an_order_in_which_they_can_be_computed(mini):
    mini.indicator("A-1", '{value: "\\"Z-1\\" * 2"}', source="").indicator("Z-1", "{value: sum(deaths)}")
    assert list(mini.load().indicators) == ["Z-1", "A-1"]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "words"),
    [
        ("mission.yml", "code: MINI", "code: MINI\ncolour: red", 3, "`colour`: there is no such key"),
        ("mission.yml", "root_area: ML", "root_aera: ML", 7, "did you mean `root_area`?"),
        ("mission.yml", "component: civilian", "component: civilians", 9, "did you mean `civilian`?"),
        ("mission.yml", "mandate_from: 2017-07-01", "mandate_from: 2017-02-30", 5, "is not a day"),
        ("mission.yml", "dataset: incidents", "dataset: incident", 14, "did you mean `incidents`?"),
        ("mission.yml", "reporters: [jmac]", "reporters: [jmak]", 15, "did you mean `jmac`?"),
        (
            "indicators/framework.yml",
            "priority: SP1",
            "priority: SP2",
            8,
            "there is no priority `SP2`; did you mean `SP1`?",
        ),
        ("indicators/framework.yml", "objective: OB1", "objective: OB9", 9, "there is no objective `OB9`"),
        ("indicators/framework.yml", "outcome: OC1", "outcome: OB1", 10, "there is no outcome `OB1`"),
        ("indicators/framework.yml", "id: OP1", "id: OC1", 2, "the id `OC1` is given 2 times"),
        ("indicators/framework.yml", "2018/19: 12", "2018/20: 12", 10, "is not a budget year"),
        ("indicators/framework.yml", "fr: Protéger", "fr: ''", 6, "the text in `fr` is missing"),
        ("indicators/budget.yml", "OP1: 0.5", "OP1: 1.5", 5, "not within 0 and 1"),
        ("indicators/budget.yml", "OP1: 0.5", "OP2: 0.5", 5, "there is no output `OP2`; did you mean `OP1`?"),
        ("indicators/datasets/incidents.yml", "codes: kind", "codes: kinds", 15, "did you mean `kind`?"),
        ("indicators/datasets/incidents.yml", "period: day", "period: place", 7, "is not a date or month"),
        ("indicators/datasets/incidents.yml", "area: place", "area: plaice", 8, "did you mean `place`?"),
        ("indicators/datasets/incidents.yml", "to: areas", "to: zones", 14, "there is no table `zones`"),
        (
            "indicators/datasets/incidents.yml",
            "women + men",
            "women + man",
            28,
            "unknown column `man`; did you mean `men`?",
        ),
        (
            "indicators/datasets/incidents.yml",
            "name: women",
            "name: men",
            18,
            "column `men` is declared twice",
        ),
    ],
)
def test_one_mistake_is_named_with_its_file_and_line(mini, file, old, new, line, words):
    found = issues(change(mini, file, old, new))
    assert any(
        words in one.message and one.where.file == file and one.where.row == line and one.fix for one in found
    ), found


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"measure": "{value: sum(death)}"}, "did you mean `deaths`?"),
        ({"measure": "{value: sum(deaths), numerator: count(*)}"}, "write either `value`, or both"),
        ({"measure": "{numerator: count(*)}"}, "write either `value`, or both"),
        ({"measure": "{value: sum(deaths), where: \"kind = 'raid'\"}"}, "`raid` is not one of the codes"),
        ({"measure": "{value: sum(deaths)}", "unit": "incidents"}, "the measure gives persons"),
        (
            {"measure": "{value: sum(deaths)}", "source": "incident"},
            "there is no data set `incident`; did you mean `incidents`?",
        ),
        ({"measure": "{value: sum(deaths)}", "more": "disaggregate_by: [kinds]"}, "did you mean `kind`?"),
        ({"measure": "{value: sum(deaths)}", "more": "over_time: average"}, "`average` is not allowed"),
        ({"measure": "{value: sum(deaths)}", "rows": "rows: [{death: 1}]"}, "did you mean `deaths`?"),
        ({"measure": "{value: sum(deaths)}", "versions": "[]"}, "at least 1 item"),
        (
            {"measure": "{value: sum(deaths)}", "more": "over_area: mean"},
            "would leave out areas where nothing happened",
        ),
        (
            {"measure": "{value: sum(deaths) / count(*)}", "unit": "ratio", "more": "over_time: max"},
            "the max of a ratio's parts is not the max of the ratio",
        ),
        (
            {"measure": "{value: sum(deaths)}", "more": "cumulative: mandate", "targets": "{2018/19: 1}"},
            "has no target of one budget year",
        ),
        (
            {"measure": '{value: "\\"A\\" + 1"}', "source": "", "more": "cumulative: budget_year"},
            "runs on where the indicators that it names do",
        ),
        ({"measure": '{value: "\\"B\\" + 1"}', "source": ""}, "unknown indicator `B`"),
        ({"measure": '{value: "\\"A\\" + 1"}', "source": ""}, "rests on itself: A > A"),
    ],
)
def test_one_mistake_in_an_indicator_is_named(mini, keys, words):
    found = issues(mini.indicator("A", **keys))
    assert any(words in one.message for one in found), found
    assert all(one.where.file == "indicators/own/A.yml" and one.where.row for one in found)


def test_a_cycle_is_named_in_its_order(mini):
    mini.indicator("A", '{value: "\\"B\\" + 1"}', source="").indicator(
        "B", '{value: "\\"C\\" + 1"}', source=""
    )
    mini.indicator("C", '{value: "\\"A\\" + 1"}', source="")
    [one] = issues(mini)
    assert re.search(r"A > \w > \w > A|B > \w > \w > B|C > \w > \w > C", one.message)


def test_every_fault_in_every_file_comes_in_one_run(mini):
    change(mini, "mission.yml", "root_area", "root_aera")
    change(mini, "indicators/datasets/posts.yml", "kind: levels", "kind: level")
    mini.indicator("A", "{value: sum(death) + sum(wimmen)}")
    found = issues(mini)
    assert {one.where.file for one in found} == {
        "mission.yml",
        "indicators/datasets/posts.yml",
        "indicators/own/A.yml",
    }
    assert sum(one.where.file == "indicators/own/A.yml" for one in found) == 2


def test_a_file_must_be_named_for_its_id(mini):
    mini.indicator("A", "{value: sum(deaths)}")
    (mini.folder / "indicators" / "own" / "A.yml").rename(mini.folder / "indicators" / "own" / "B.yml")
    assert "name the file A.yml" in issues(mini)[0].fix


def test_an_indicator_names_just_the_parent_of_its_level(mini):
    mini.indicator("A", "{value: sum(deaths)}")
    change(mini, "indicators/own/A.yml", "outcome: OC1", "output: OP1")
    assert "names its `outcome`" in issues(mini)[0].message
