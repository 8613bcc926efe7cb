"""Spark behind the port: it reads the table, on this machine or on many; it never settles.

What is handed over is DuckDB's SQL or an Ibis expression; how Spark says it is in
`kfar.lake.engines.spark_sql`. An id is a UUID outside and 16 bytes inside: Spark has no such
type, and bytes sort and join as UUIDs do.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table
from numpy.typing import NDArray
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructField, StructType
from sqlglot import exp, parse_one

from kfar.ground.errors import Refused
from kfar.lake.engines import Session
from kfar.lake.engines.duck import FULL, GROUP
from kfar.lake.engines.spark_sql import DUCK, compiled, spark_type, translated

#: Whatever the operator's own configuration of Spark says of these.
ALWAYS = {
    "spark.app.name": "kfar",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # what is wrong is an error, not NULL
    "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "kfar-spark"),  # stays empty
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "OFF",  # an error is raised here; its values are no one's in a log
}
#: On this machine nobody else is to reach it.
LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
}

# At DEBUG it would log every value that goes to Spark and back.
logging.getLogger("py4j").setLevel(logging.WARNING)


class Spark:
    """The engine. `master` is `local[*]` or `spark://host:7077`."""

    settles = False

    def __init__(self, master: str = "local[*]") -> None:
        self.master = master

    @contextmanager
    def session(self, *, small: bool = False) -> Iterator[Session]:
        """Open a session; the first one starts Spark, which takes some seconds.

        Raises `Refused("lake.no_spark")` where there is no Java or no such cluster.
        """
        try:
            session = SparkEngineSession(_application(os.getpid(), self.master).newSession())
        except (Py4JError, PySparkException, OSError) as error:
            raise Refused("lake.no_spark") from error
        try:
            yield session
        finally:
            session.close()


class SparkEngineSession:
    """A session: temporary views of its own, the tables among them kept while it lasts."""

    def __init__(self, spark: SparkSession) -> None:
        self.spark = spark
        self.files: list[Path] = []
        self.kept: list[DataFrame] = []

    def run(self, sql: str, **params: object) -> None:
        """Make a temporary table or view of a query, or drop one; nothing else is done here."""
        statement = parse_one(sql, read=DUCK)
        with self._told():
            match statement:
                case exp.Create(kind="TABLE" | "VIEW", expression=exp.Query() as query):
                    found = self._query(query, params)
                    if statement.kind == "TABLE":
                        self.kept.append(found.cache())
                    if statement.args.get("replace"):
                        found.createOrReplaceTempView(statement.this.name)
                    else:
                        found.createTempView(statement.this.name)
                case exp.Drop(kind="TABLE" | "VIEW"):
                    for table in statement.find_all(exp.Table):
                        self.spark.catalog.dropTempView(table.name)
                case _:
                    raise NotImplementedError("Spark reads the table; DuckDB changes it")

    def rows(self, sql: str, **params: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query; instants are aware, in UTC."""
        with self._told():
            return _rows(self._query(parse_one(sql, read=DUCK), params).toArrow())

    def ask(self, table: Table) -> list[tuple[Any, ...]]:
        """Return the rows of an Ibis expression."""
        with self._told():
            return _rows(self.spark.sql(compiled(table)).toArrow())

    def arrow(self, table: Table) -> pa.Table:
        """Return the rows of an Ibis expression as Arrow."""
        with self._told():
            return self.spark.sql(compiled(table)).toArrow()

    def keep(self, name: str, table: Table) -> Table:
        """Make a table of what an Ibis expression asks."""
        with self._told():
            found = self.spark.sql(compiled(table)).cache()
            self.kept.append(found)
            found.createOrReplaceTempView(name)
        return ibis.table(table.schema(), name=name)

    def load(self, name: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]) -> None:
        """Make a table from rows in memory, by way of Arrow."""
        schema = _schema(columns)
        lists = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
        arrays = [
            pa.array([_inside(value) for value in values], _arrow(field))
            for values, field in zip(lists, schema, strict=True)
        ]
        table = pa.table(arrays, names=list(columns))
        with self._told():
            self.spark.createDataFrame(table, schema).createOrReplaceTempView(name)

    def arrays(self, sql: str, **params: object) -> list[NDArray[np.uint64]]:
        """Not here: it is for settling."""
        raise NotImplementedError("Spark reads the table; DuckDB changes it")

    def view(self, name: str, columns: Mapping[str, str], files: Collection[Path]) -> None:
        """Make a view of Parquet files; a column that an older file lacks is NULL there."""
        if not files:
            self.load(name, columns, [])
            return
        self.files.extend(files)
        with self._told():
            # The schema is said, not found: what is marked as UUID Spark would refuse.
            reader = self.spark.read.schema(_schema(columns))
            reader.parquet(*map(_address, files)).createOrReplaceTempView(name)

    def table(
        self, name: str, columns: Mapping[str, str], files: Collection[Path], where: str
    ) -> None:
        """Make a table of rows of Parquet files."""
        self.view(f"{name}_whole", columns, files)
        rows = f"SELECT * FROM {name}_whole WHERE {where}"  # noqa: S608 - ours
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}")

    def write(self, sql: str, file: Path, *, loose: bool = False) -> None:
        """Write Parquet, here and not where Spark works: it is a result, and ids are UUIDs."""
        with self._told():
            found = self._query(parse_one(sql, read=DUCK), {}).toArrow()
        fields = [
            field.with_type(pa.uuid()) if pa.types.is_binary(field.type) else field
            for field in found.schema
        ]
        columns = [
            pa.ExtensionArray.from_storage(pa.uuid(), column.cast(pa.binary(16)).combine_chunks())
            if pa.types.is_binary(column.type)
            else column
            for column in found.columns
        ]
        try:
            pq.write_table(
                pa.table(columns, schema=pa.schema(fields)),
                file,
                compression="zstd",
                row_group_size=GROUP,
            )
        except OSError as error:
            if any(words in str(error).lower() for words in FULL):
                raise Refused("lake.disk_full") from error
            raise

    def close(self) -> None:
        """Let go of what was kept."""
        for table in self.kept:
            table.unpersist()

    def _query(self, query: exp.Expr, params: Mapping[str, object]) -> DataFrame:
        used = {name: _inside(value) for name, value in params.items()}
        return self.spark.sql(translated(query), args=used or None)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what Spark found in Kfar's own codes, where it is no fault of the program."""
        try:
            yield
        except (Py4JError, PySparkException) as error:
            if any(words in str(error).lower() for words in FULL):
                raise Refused("lake.disk_full") from error
            damaged = next((file for file in self.files if not _sound(file)), None)
            if damaged is not None:
                raise Refused("lake.damaged", file=damaged.name) from error
            raise


@cache
def _application(pid: int, master: str) -> SparkSession:
    """Return the process's connection to Spark, with what the operator's files say besides."""
    builder = SparkSession.builder.master(master)
    settings = ALWAYS | LOCAL if master.startswith("local") else ALWAYS
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _schema(columns: Mapping[str, str]) -> StructType:
    return StructType([StructField(name, spark_type(kind)) for name, kind in columns.items()])


def _arrow(field: StructField) -> pa.DataType:
    from pyspark.sql.pandas.types import to_arrow_type  # noqa: PLC0415 - brings pandas

    return to_arrow_type(field.dataType)


def _inside(value: object) -> object:
    return value.bytes if isinstance(value, UUID) else value


def _rows(found: pa.Table) -> list[tuple[Any, ...]]:
    """Return rows as the port promises them: ids as UUID, instants in UTC."""
    columns = []
    for column in found.columns:
        values = column.to_pylist()
        if pa.types.is_binary(column.type):
            values = [value and UUID(bytes=value) for value in values]
        elif pa.types.is_timestamp(column.type) and column.type.tz:
            values = [value and value.replace(tzinfo=UTC) for value in values]
        columns.append(values)
    return list(zip(*columns, strict=True))


def _address(file: Path) -> str:
    """Return a file's name as Spark reads it: what would stand for many names is escaped."""
    return "file://" + "".join(f"\\{c}" if c in "{}[]*?\\" else c for c in str(file))


def _sound(file: Path) -> bool:
    """Return whether every value of a Parquet file can be read."""
    try:
        with pq.ParquetFile(file) as opened:
            for _ in opened.iter_batches():
                pass
    except (OSError, pa.ArrowException):
        return False
    return True
