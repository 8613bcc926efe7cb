"""What is asked of the port, in Spark's words: SQL through sqlglot, expressions through Ibis.

Both know nearly everything themselves. What they do not know is our ids: a UUID is 16 bytes
in Spark, where they would make it text, and text equals no bytes, silently.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.backends.sql.datatypes import PySparkType
from ibis.expr.types import Table
from pyspark.sql.types import BinaryType, DataType
from sqlglot import exp

DUCK = "duckdb"
#: Named, since only so Ibis brings the options that its compiler for Spark reads.
BACKEND = ibis.pyspark


def spark_type(kind: str) -> DataType:
    """Return Spark's type for a column's SQL type, such as `TIMESTAMPTZ NOT NULL`."""
    wanted = exp.DataType.build(kind.removesuffix(" NOT NULL"), dialect=DUCK)
    if wanted.is_type(exp.DType.UUID):
        return BinaryType()
    return DataType.fromDDL(wanted.sql(_Compiler.dialect))


def translated(query: exp.Expr) -> str:
    """Return a query of DuckDB's in Spark's SQL; `$name` becomes `:name`."""
    return query.transform(_ids_as_bytes).sql("spark")


def _ids_as_bytes(node: exp.Expr) -> exp.Expr:
    if not isinstance(node, exp.Cast) or not node.to.is_type(exp.DType.UUID):
        return node
    if isinstance(node.this, (exp.Placeholder, exp.Null)):  # bytes already, or NULL
        return exp.cast(node.this, "BINARY", dialect="spark")
    return _bytes_of(node.this)


def _bytes_of(text: exp.Expr) -> exp.Expr:
    """Return a UUID's bytes from its text; what is no UUID is an error."""
    digits = exp.func("replace", text, exp.Literal.string("-"), exp.Literal.string(""))
    return exp.Anonymous(this="to_binary", expressions=[digits, exp.Literal.string("hex")])


class _Types(PySparkType):  # type: ignore[misc]
    """Ibis's types in Spark, with ids as bytes."""

    @classmethod
    def from_ibis(cls, dtype: dt.DataType) -> Any:
        if dtype.is_uuid():
            return exp.DataType.build("BINARY", dialect="spark")
        return super().from_ibis(dtype)


class _Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis's compiler for Spark, with ids as bytes."""

    type_mapper = _Types

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: Any) -> Any:  # noqa: N802
        if dtype.is_uuid():
            return _bytes_of(exp.Literal.string(str(value)))
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Cast(self, op: ops.Cast, *, arg: Any, to: Any) -> Any:  # noqa: N802
        if to.is_uuid() and not op.arg.dtype.is_uuid():
            return _bytes_of(arg)
        if op.arg.dtype.is_uuid() and not to.is_uuid():
            raise NotImplementedError("an id stays an id: Spark would make it text otherwise")
        return super().visit_Cast(op, arg=arg, to=to)


def compiled(table: Table) -> str:
    """Return an Ibis expression in Spark's SQL."""
    return str(_Compiler().to_sqlglot(table.unbind()).sql(_Compiler.dialect))
