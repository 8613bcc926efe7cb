"""Cast vote records in spreadsheets, as ES&S exports them: the rows of the first sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kfar.rooms.decisions.elections import tables
from kfar.rooms.decisions.elections.election import Election, Reading, Unreadable


def read(path: Path, reading: Reading) -> Election:
    """Read a spreadsheet's first sheet that holds anything, as a table."""
    # Few files are spreadsheets, and each import costs who counts another.
    from python_calamine import CalamineError, load_workbook  # noqa: PLC0415

    try:
        with load_workbook(str(path)) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                if sheet.height > 1:
                    rows = (_texts(row) for row in sheet.iter_rows())
                    return tables.read(rows, reading)
    except CalamineError as error:
        raise Unreadable(f"this is no spreadsheet that can be read: {error}") from None
    raise Unreadable("no sheet of it holds anything")


def _texts(row: Sequence[object]) -> list[str]:
    """Return a row's cells as texts, whole numbers without a point; none where all are empty."""
    texts = [
        str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
        for cell in row
    ]
    return texts if any(texts) else []
