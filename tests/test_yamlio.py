from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cpas.errors import DefinitionError
from cpas.yamlio import parse_yaml, read_yaml


def faults(text):
    with pytest.raises(DefinitionError) as caught:
        parse_yaml(text, "x.yml")
    return [(issue.code, issue.where.row, issue.message) for issue in caught.value.issues]


@pytest.mark.parametrize(
    "text", ["NO", "yes", "off", "1:30", "010", "2019-06-01", "2019-06", "1e3", "0x10", "1_000", "Null"]
)
def test_text_stays_text(text):
    assert parse_yaml(f"a: {text}", "x.yml").data == {"a": text}


def test_numbers_booleans_and_nothing_have_their_type_and_decimals_are_exact():
    data = parse_yaml("a: [3, -4, 0.10, true, false, null, ~]", "x.yml").data["a"]
    assert data == [3, -4, Decimal("0.10"), True, False, None, None]
    assert str(data[2]) == "0.10"


def test_every_value_knows_its_line():
    yaml = parse_yaml("a: 1\nb:\n  - c: 2\n  - c: 3\n", "x.yml")
    assert [str(yaml.where(*trail)) for trail in (("a",), ("b", 1, "c"), ("b", 0, "none"))] == [
        "x.yml:1",
        "x.yml:4",
        "x.yml:3",
    ]


def test_every_key_set_twice_is_named_with_both_lines():
    assert faults("a: 1\nb: {c: 1, c: 2}\na: 2\n") == [
        ("CPAS-Y002", 2, "`c` is set twice; it was first set on line 2"),
        ("CPAS-Y002", 3, "`a` is set twice; it was first set on line 1"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1", "not YAML"),
        ("a: &x 1\nb: *x\n", "alias"),
        ("a: !!python/name:os.system x\n", "tag"),
        ("? [1, 2]\n: 3\n", "key that is not text"),
        ("", "empty"),
        ("a: " + "[" * 60 + "]" * 60, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_a_definition_does_not_need_is_refused(text, words):
    assert words in faults(text)[0][2]


def test_a_file_that_is_not_text_is_refused_with_its_line(tmp_path):
    path = tmp_path / "x.yml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(DefinitionError, match="not UTF-8") as caught:
        read_yaml(path)
    assert caught.value.issues[0].where.row == 2


def test_a_tab_before_a_key_is_named_with_its_line():
    with pytest.raises(DefinitionError) as caught:
        parse_yaml("a:\n  b: 1\n\tc: 2\n", "x.yml")
    [issue] = caught.value.issues
    assert (issue.where.row, issue.message) == (3, "the file has a tab before the words of this line")


def test_a_missing_file_is_an_issue(tmp_path):
    with pytest.raises(DefinitionError, match="cannot be read"):
        read_yaml(tmp_path / "none.yml")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    try:
        parse_yaml(text, "x.yml")
    except DefinitionError as error:
        assert error.issues
