"""The peer: the same ballots and events in FastAPI and SQLAlchemy, as most would write it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import JSON, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["PEER_DATABASE"])


@event.listens_for(engine, "connect")
def _durable(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


class Base(DeclarativeBase):
    """The tables."""


class Kept(Base):
    """What came in."""

    __tablename__ = "kept"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    said: Mapped[dict[str, Any]] = mapped_column(JSON)


Base.metadata.create_all(engine)
app = FastAPI()


@app.post("/v1/{path}")
async def take(request: Request, path: str) -> dict[str, bool]:
    """Keep a ballot, an event, or a batch of them."""
    said = await request.json()
    with Session(engine) as session:
        session.add_all(Kept(at=datetime.now(UTC), said=one) for one in said.get("batch", [said]))
        session.commit()
    return {"success": True}
