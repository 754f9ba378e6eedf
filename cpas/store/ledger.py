"""The ledger: what was submitted, decided and published, as a chain of entries; the only door to SQLAlchemy and Alembic.

Its transaction is the commit point: what it does not know was never accepted. Whoever writes holds
the ledger's lock until the transaction ends, so that planning, writing the facts and recording them
are one step for everybody else.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from cpas.errors import StoreError, UsageError
from cpas.store.book import SHOWN, Book, damaged

LEDGER = "ledger.db"
NEWEST = "0002"
WAIT = 120  # seconds for which one who writes waits for another
_LOCK = 0x63706173  # of PostgreSQL, by number
_VERSION = sa.table("alembic_version", sa.column("version_num"))


class Ledger:
    """A mission's ledger, in SQLite or another database that SQLAlchemy reaches."""

    def __init__(self, engine: sa.Engine, *, is_changeable: bool = True) -> None:
        """Take the engine of a ledger whose tables are up to date."""
        self._engine = engine
        self.is_changeable = is_changeable

    @contextmanager
    def reading(self) -> Iterator[Book]:
        """The ledger as it is at one moment.

        Raises:
            StoreError: It cannot be read.
        """
        with _told("read"), _at_one_moment(self._engine) as connection:
            yield Book(connection)

    @contextmanager
    def writing(self) -> Iterator[Book]:
        """The ledger under its lock; what is recorded stands when the block ends, and is forgotten if it fails.

        Raises:
            StoreError: It cannot be written; nothing was recorded.
        """
        with _told("written"), _locked(self._engine) as connection:
            yield Book(connection)

    def check_pages(self) -> Iterator[str]:
        """What the database itself finds damaged; nothing is known of databases other than SQLite."""
        if self._engine.dialect.name == "sqlite":
            with _told("read"), self._engine.connect() as connection:
                for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
                    if said != "ok":
                        yield said

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def has_ledger(store: Path, url: str | None = None) -> bool:
    """Whether there is a ledger, or one is named by URL."""
    return bool(url) or (store / LEDGER).is_file()


@contextmanager
def open_ledger(store: Path, url: str | None = None) -> Iterator[Ledger]:
    """The ledger of a store, made where there is none, its tables brought up to date.

    Args:
        store: The store's folder.
        url: A database, like `postgresql+psycopg://cpas@db/unmis`; `ledger.db` in the store by default.

    Raises:
        UsageError: The URL names no database that can be used.
        StoreError: The ledger cannot be opened, or is of a newer version of the program.
    """
    path = store / LEDGER
    is_changeable = bool(url) or not path.exists() or os.access(store, os.W_OK)
    if not url:
        with _told("made"):
            store.mkdir(parents=True, exist_ok=True)
    engine = _engine(url or f"sqlite:///{path}") if is_changeable else _frozen(path)
    ledger = Ledger(engine, is_changeable=is_changeable)
    try:
        with _told("opened"):
            _bring_up_to_date(engine)
        yield ledger
    finally:
        ledger.close()


def _engine(url: str) -> sa.Engine:
    try:
        engine = sa.create_engine(url, connect_args={"timeout": WAIT} if url.startswith("sqlite") else {})
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError) as error:
        raise UsageError(
            f"the ledger's URL cannot be used: {error}; write it like postgresql+psycopg://USER@HOST/NAME"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _frozen(path: Path) -> sa.Engine:
    """A ledger in a folder that cannot be written, and so cannot change."""
    engine = sa.create_engine(f"sqlite:///file:{path.resolve()}?mode=ro&immutable=1&uri=true")
    event.listen(engine, "connect", _leave_transactions)
    event.listen(engine, "begin", _begin)
    return engine


def _leave_transactions(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    """Leave beginning a transaction to `_begin`: Python's driver would begin it at the first change only."""
    connection.isolation_level = None


def _prepare(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    _leave_transactions(connection, _)
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def _at_one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction in which nothing changes; PostgreSQL would let each question see what was committed before it."""
    wanted = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.connect().execution_options(**wanted) as connection, connection.begin():
        yield connection


@contextmanager
def _locked(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect().execution_options(is_writing=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield connection


def _bring_up_to_date(engine: sa.Engine) -> None:
    if _version(engine) == NEWEST:
        return
    from alembic import command  # needed once in a ledger's life
    from alembic.config import Config

    with as_file(files("cpas") / "store" / "migrations") as scripts, _locked(engine) as connection:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(engine: sa.Engine) -> str | None:
    with engine.connect() as connection, connection.begin():
        if not sa.inspect(connection).has_table(_VERSION.name):
            return None
        version: str | None = connection.execute(sa.select(_VERSION.c.version_num)).scalar()
    if version and version > NEWEST:
        raise StoreError(
            f"the ledger is of version {version} and this program knows {NEWEST}; install the newer program"
        )
    return version


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Say in one line why the ledger could not be read or written, and what to do where it is damaged."""
    try:
        yield
    except UnicodeDecodeError as error:  # what SQLite says of a damaged schema may be no text
        raise damaged(f"it could not be {what}: {error.reason}") from error
    except SQLAlchemyError as error:
        origin = getattr(error, "orig", None)
        told = str(origin or error).partition("\n")[0][:SHOWN]
        reason = f"could not be {what}: {told}"
        if _is_damage(origin):
            raise damaged(f"it {reason}") from error
        raise StoreError(f"the ledger {reason}; what was accepted before stands") from error
    except OSError as error:
        raise StoreError(
            f"the store could not be {what}: {error.strerror or error}; what was accepted before stands"
        ) from error


def _is_damage(origin: BaseException | None) -> bool:
    """Whether SQLite failed for what stands in its file, and not for a lock, a disk or a right."""
    if not isinstance(origin, sqlite3.Error):
        return False
    number = getattr(
        origin, "sqlite_errorcode", sqlite3.SQLITE_ERROR
    )  # the driver gives none for text that is none
    return number & 0xFF in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
