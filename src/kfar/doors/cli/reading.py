"""Texts read here, `kfar read`; and models of one's own, `kfar learn`."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer
from django.conf import settings
from django.db import DatabaseError
from rich.console import Console

from kfar.ground.text import LANGUAGES
from kfar.rooms.voice.reading.embedding import embedder
from kfar.rooms.voice.reading.sentiment import BATCH
from kfar.rooms.voice.understanding import queries
from kfar.rooms.voice.understanding.refreshing import understand
from kfar.rooms.voice.understanding.teaching import teach

if TYPE_CHECKING:
    from kfar.rooms.voice.reading.training import Measured

#: The longest cell of a TSV file, in characters.
LONGEST = 2**20
err = Console(stderr=True)


def read(
    file: Annotated[str, typer.Argument(help="A TSV file with a column text, or one text a line.")],
) -> None:
    """Read texts: a line of JSON each, with language, sentiment, its probability and themes.

    A `-` reads what comes in. `sure` is false where the pages say nothing. Blank lines are read,
    too, so that there are as many lines out as texts in. Where nothing can be read the exit code
    is 2.
    """
    try:
        with _opened(file) as lines:
            own = _is_set_up()
            for batch in _batches(_texts(lines)):
                for line in _read(batch, own=own):
                    sys.stdout.write(line + "\n")
                sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has read enough
        sys.stderr.close()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        err.print(f"{file}: {_why(error)}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


def learn(
    language: Annotated[str, typer.Argument(help="The language: en, he or pl.")],
    source: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", help="A TSV file: text, label, weight.", exists=True, dir_okay=False
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--to", help="Where the model goes.")] = None,
) -> None:
    """Make a model of texts with labels, and say how it does on a tenth that it never saw.

    Labels are negative, neutral, positive and mixed. The model that is written learned from that
    tenth, too. The same files give the same model. Where something gives texts their vectors
    (the extra `embeddings`), a head for them goes into its folder beside the model, if it helps.

    Without files, what employees corrected here and what stars say beside reviews are learned
    from, at once instead of at night: it says how many there are, how later ones are read without
    it and with it, and whether it is used.
    """
    try:
        if language not in LANGUAGES:
            raise ValueError(f"there is no language {language!r}; {', '.join(LANGUAGES)} are")
        if (source is None) != (out is None):
            raise ValueError("--from and --to go together")
        if source and out:
            _make(source, out)
        else:
            teach(language)
            for lesson in queries.lessons():
                if lesson.language == language:
                    typer.echo(json.dumps(vars(lesson)))
    except (ImportError, OSError, ValueError, csv.Error) as error:
        err.print(_why(error), style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


def _make(source: list[Path], out: Path) -> None:
    from kfar.rooms.voice.reading import training  # brings the sciences

    with_vectors = embedder(settings.KFAR_EMBEDDINGS)
    rows = training.load(source)
    made = " ".join(file.name for file in source)
    model, told = training.learn_told(rows, made)
    _tell(training.measure(model, rows))
    head = with_vectors and training.learn_head(model, told, with_vectors)
    if head:
        _tell(training.measure(model, rows, head), vectors=head.embedder.name)
    model, told = training.learn_told(rows, made, held_out=False)
    out.write_bytes(model.bytes())
    head = head and training.learn_head(model, told, head.embedder)
    if head:
        folder = out.parent / head.embedder.folder
        folder.mkdir(exist_ok=True)
        (folder / out.name).write_bytes(head.bytes())


def _tell(found: Iterable[Measured], **more: str) -> None:
    for one in found:
        typer.echo(json.dumps(vars(one) | more))


def _read(texts: list[str], *, own: bool) -> Iterator[str]:
    found = understand(texts, [settings.LANGUAGE_CODE] * len(texts), own=own)
    names = {told.theme.id: told.theme.name for told in queries.themes()} if own else {}
    for one in found:
        told = {
            "language": one.language or None,
            "sentiment": one.read.sentiment,
            "probability": one.read.probability,
            "sure": one.read.sure,
            "themes": [names[theme] for theme in one.themes if theme in names],
        }
        yield json.dumps(told, ensure_ascii=False)


def _is_set_up() -> bool:
    """Return whether this Kfar has tables in which something may have been learned."""
    try:
        queries.lessons()
    except DatabaseError:
        return False
    return True


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == "-":
        sys.stdin.reconfigure(encoding="utf-8-sig", newline="")  # type: ignore[union-attr]
        yield sys.stdin
    else:
        with Path(file).open(encoding="utf-8-sig", newline="") as opened:
            yield opened


def _texts(lines: TextIO) -> Iterator[str]:
    first = next(lines, "")
    columns = first.rstrip("\r\n").lower().split("\t")
    if "text" in columns:
        csv.field_size_limit(LONGEST)
        for row in csv.DictReader(lines, columns, delimiter="\t"):
            yield row["text"] or ""
    elif first:
        for line in chain([first], lines):
            yield line.rstrip("\r\n")


def _batches(texts: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(texts, BATCH)):
        yield batch


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "this is no text in UTF-8."
    return str(getattr(error, "strerror", None) or error)
