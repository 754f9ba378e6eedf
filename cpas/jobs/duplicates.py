"""The likely duplicates of a period for a person to decide, and the recording of a decision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from cpas.checks.duplicates import join_same, keys_of, likely_duplicates, undecided
from cpas.definitions.load import load_definitions
from cpas.definitions.loaded import Definitions
from cpas.errors import UsageError, suggest
from cpas.intake.annotate_words import Speech
from cpas.intake.decisions import CHOICES, Decision, decided_pairs, write_decision
from cpas.intake.inbox import read_inbox
from cpas.jobs.gather import lookups_of
from cpas.jobs.refusals import stop_before_data
from cpas.jobs.stored import find_accepted
from cpas.periods import Period
from cpas.store import STORE
from cpas.store.ledger import has_ledger, open_ledger


@dataclass(frozen=True, slots=True)
class Duplicates:
    """The undecided pairs of each data set, as `likely_duplicates` gives them, and how many pairs were decided on."""

    pairs: dict[str, pl.DataFrame]
    same: int
    different: int

    def lines(self, speech: Speech) -> Iterator[str]:
        """For the screen: two lines a pair, the likeliest first."""
        for dataset, pairs in self.pairs.items():
            yield speech.word("likely", dataset=speech.table(dataset), count=speech.count(pairs.height))
            for one in pairs.iter_rows(named=True):
                what = f"{one['day']} {one['type']} {one['area']} {one['sections']}"
                like = speech.number(f"{one['likeness']:.2f}")
                yield f"  {like}  {one['first']}  {one['second']}  {what}"
                yield f"        {one['places']}"
        yield speech.word("decided", same=speech.count(self.same), different=speech.count(self.different))


def list_duplicates(mission: Path, period: Period, ledger: str | None = None) -> Duplicates:
    """What nobody has decided yet among the rows of a period, from the store where there is one, else from the inbox.

    Args:
        mission: The mission folder.
        period: The days that rows are of.
        ledger: The URL of a ledger that is not in the store's folder.

    Raises:
        UsageError: The folder is not a mission folder, or the period ends before its data begin.
        DefinitionError: As `load_definitions` says.
        SourceError: The file of decisions cannot be read.
        StoreError: The store cannot be read.
    """
    definitions = load_definitions(mission)
    stop_before_data(definitions, period)
    decisions = decided_pairs(mission)
    pairs: dict[str, pl.DataFrame] = {}
    for name, frame in _frames(mission, definitions, ledger).items():
        loaded = definitions.datasets[name]
        if not loaded.dataset.joint_key or not loaded.dataset.period:
            continue
        decided = decisions.get(name, {})
        joined = join_same(frame, loaded, [pair for pair, is_same in decided.items() if is_same])
        within = joined.filter(pl.col(loaded.dataset.period).is_between(period.start, period.end))
        pairs[name] = undecided(likely_duplicates(within, loaded), decided, "first", "second")
    every = [is_same for decided in decisions.values() for is_same in decided.values()]
    return Duplicates(pairs, sum(every), len(every) - sum(every))


def record(
    mission: Path,
    told: tuple[str, str, str, str],
    by: str | None,
    ledger: str | None = None,
    on: date | None = None,
) -> None:
    """Record a decision on two rows that are there: data set, both keys, and `same` or `different`.

    Args:
        mission: The mission folder.
        told: The data set, the keys of both rows, and the decision.
        by: Who decided.
        ledger: The URL of a ledger that is not in the store's folder.
        on: The day of the decision; today by default.

    Raises:
        UsageError: The data set or a row does not exist, no decision is made or nobody named, or the
            file cannot be written.
        SourceError: The file of decisions cannot be read.
    """
    decision = Decision(*told, by or "", on or date.today())  # noqa: DTZ011  # the day where the person sits
    if decision.decision not in CHOICES or decision.pair[0] == decision.pair[1] or not by:
        raise UsageError("say two rows, `same` or `different`, and who decided with --by NAME")
    definitions = load_definitions(mission)
    frames = _frames(mission, definitions, ledger)
    able = [name for name in frames if definitions.datasets[name].dataset.joint_key]
    if decision.dataset not in able:
        raise UsageError(f"`{decision.dataset}` has no joint key{suggest(decision.dataset, able)}")
    known = set(keys_of(frames[decision.dataset], definitions.datasets[decision.dataset]))
    for key in decision.pair:
        if key not in known:
            raise UsageError(f"no row of `{decision.dataset}` has the key `{key}`{suggest(key, known)}")
    try:
        with _alone(mission / STORE, ledger):
            write_decision(mission, decision)
    except OSError as error:
        raise UsageError(f"the decision could not be written: {error.strerror}") from error


@contextmanager
def _alone(store: Path, url: str | None) -> Iterator[None]:
    """Under the ledger's lock, where there is a ledger: two who decide at once would each write the file without the other's decision."""
    if not has_ledger(store, url):
        yield
        return
    with open_ledger(store, url) as ledger, ledger.writing() if ledger.is_changeable else nullcontext():
        yield


def _frames(mission: Path, definitions: Definitions, ledger: str | None) -> dict[str, pl.DataFrame]:
    accepted = find_accepted(mission / STORE, ledger, None)
    if accepted is not None:
        return accepted.frames(definitions)
    inbox = read_inbox(mission, definitions.datasets, definitions.codes, lookups_of(definitions))
    return {
        name: table.frame
        for name, table in inbox.tables.items()
        if definitions.datasets[name].dataset.found_in == "inbox"
    }
