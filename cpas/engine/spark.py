"""The measure pass by Spark, over Parquet files; the only door to pyspark."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import polars as pl

from cpas.definitions.dataset import ColumnType, Dataset
from cpas.engine.passes import Pass
from cpas.engine.sql import named_frame, pass_sql
from cpas.errors import UsageError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
TYPES: Mapping[ColumnType, str] = MappingProxyType(
    {
        "text": "STRING",
        "code": "STRING",
        "reference": "STRING",
        "date": "DATE",
        "month": "DATE",
        "count": "BIGINT",
        "quantity": "DECIMAL(18, 6)",
        "amount": "DECIMAL(18, 6)",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
    }
)
_SETTINGS = {
    "spark.master": "local[*]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.app.name": "cpas",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.shuffle.partitions": "8",
    # a pass has hundreds of aggregates: compiling them as one program takes longer than computing them
    "spark.sql.codegen.wholeStage": "false",
}


@dataclass(frozen=True, slots=True)
class Files:
    """Parquet files with a data set's rows; where `submissions` are given, only the rows of these count."""

    paths: tuple[Path, ...]
    submissions: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SparkTable:
    """A data set's rows as Spark reads them."""

    session: SparkSession
    files: Files
    dataset: Dataset

    def measure(self, wanted: Pass) -> pl.DataFrame:
        """The frame of a pass.

        Raises:
            UsageError: Spark cannot make it; its own first line says why.
        """
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException

        name = f"cpas_{self.dataset.dataset}"
        try:
            self._rows().createOrReplaceTempView(name)
            made = self.session.sql(pass_sql(wanted, name, "spark")).toArrow()
        except (PySparkException, Py4JError) as error:
            raise UsageError(
                f"Spark could not read `{self.dataset.dataset}`: {str(error).partition(chr(10))[0]}; "
                "`--engine polars` needs no Spark"
            ) from error
        return named_frame(pl.DataFrame(made), wanted)

    def _rows(self) -> Any:
        """The declared columns with their types; what the files do not have is null."""
        from pyspark.sql import functions as f

        paths = [str(path) for path in self.files.paths]
        read = self.session.read.option("mergeSchema", "true").parquet(*paths)
        if self.files.submissions is not None:
            read = read.filter(f.col("_submission").isin(list(self.files.submissions)))
        columns: dict[str, str] = {}
        for column in self.dataset.columns:
            columns[column.name] = TYPES[column.type]
            if column.may_be:
                columns[column.status_column] = "STRING"
        return read.select(
            *(
                (f.col(name) if name in read.columns else f.lit(None)).cast(kind).alias(name)
                for name, kind in columns.items()
            )
        )


@contextmanager
def spark() -> Iterator[SparkSession]:
    """A session on this machine, closed at the end; it opens no port but on localhost, and no page.

    Raises:
        UsageError: pyspark or Java is not there, or Spark did not begin.
    """
    _check_java()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark names the pandas it is tested with
        try:
            from pyspark import SparkContext
            from pyspark.sql import SparkSession
        except ImportError as error:
            raise UsageError(
                "the engine `spark` needs pyspark, which is not here: pip install 'cpas[spark]'"
            ) from error
        context = SparkContext(gateway=_gateway())
        try:
            yield SparkSession(context)
        finally:
            context.stop()


@cache
def _gateway() -> Any:
    """The Java process, which ends with this one and says nothing to the reader of our own lines.

    PYSPARK_SUBMIT_ARGS is read after our settings, as Spark has it.
    """
    from pyspark import SparkConf
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    conf = SparkConf().setAll(list(_SETTINGS.items()))
    with tempfile.TemporaryFile() as said:
        try:
            return launch_gateway(conf, {"stdout": said, "stderr": said})
        except PySparkException as error:
            said.seek(0)
            last = said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise UsageError(f"Spark did not begin: {last or error}") from error


def _check_java() -> None:
    """Refuse where there is no Java that Spark can use, before Spark says so in many lines."""
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    fix = f"install Java {JAVA} or newer (on Debian: apt install default-jre-headless)"
    if java is None:
        raise UsageError(f"the engine `spark` needs Java, which is not here: {fix}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603  # the machine's own Java
    version = said.partition('version "')[2].partition('"')[0].partition(".")[0].partition("-")[0]
    if version.isdigit() and int(version) < JAVA:
        raise UsageError(f"the engine `spark` needs a newer Java than {version}: {fix}")
