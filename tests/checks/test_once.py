"""What is derived once within a block."""

from __future__ import annotations

from itertools import count

import pytest

from cpas.checks.once import derived_once


class Asked:
    """Counts how often it was asked."""

    numbers = count()

    @property
    def one(self) -> int:
        return next(self.numbers)

    def other(self) -> int:
        if next(self.numbers) == 100:
            raise ValueError("the hundredth")
        return next(self.numbers)


def test_each_object_derives_once_within_the_block_and_anew_after_it() -> None:
    first, second = Asked(), Asked()
    with derived_once((Asked, "one"), (Asked, "other")):
        assert first.one == first.one != second.one == second.one
        assert first.other() == first.other() != second.other()
        assert first.one != first.other()
    assert first.one != first.one
    assert first.other() != first.other()


def test_no_object_has_what_another_derived_that_is_gone() -> None:
    with derived_once((Asked, "one")):
        assert len({Asked().one for _ in range(100)}) == 100


def test_what_could_not_be_derived_is_tried_again_and_the_class_is_as_before() -> None:
    before = vars(Asked)["other"]
    Asked.numbers = count(100)
    with pytest.raises(ValueError, match="hundredth"), derived_once((Asked, "other")):
        Asked().other()
    assert vars(Asked)["other"] is before
