"""Has objects of a library say what they derive from themselves once, where the library asks each hundreds of times; knows no library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def derived_once(*derived: tuple[type, str]) -> Iterator[None]:
    """Within the block, what each object derives is derived when it is asked first, and is the same object after that.

    It is for objects that nobody changes meanwhile; the classes are as before once the block ends.

    Args:
        derived: Classes, each with the name of a property or of a method without arguments.
    """
    before = [(owner, name, vars(owner)[name]) for owner, name in derived]
    for owner, name, attribute in before:
        is_property = isinstance(attribute, property)
        once = _once(attribute.fget if is_property else attribute)
        setattr(owner, name, property(once) if is_property else once)
    try:
        yield
    finally:
        for owner, name, attribute in before:
            setattr(owner, name, attribute)


def _once(derive: Callable[[Any], Any]) -> Callable[[Any], Any]:
    known: dict[int, tuple[Any, Any]] = {}

    def told(one: Any) -> Any:
        if id(one) not in known:
            known[id(one)] = one, derive(one)  # the object too, so that none that comes later has its id
        return known[id(one)][1]

    return told
