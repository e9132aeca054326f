"""The schema of what workers on other machines are asked. `tables` has the rest; what imports a store imports both."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from grader.model import Need, TicketState
from grader.store.columns import AnyJson, vocabulary
from grader.store.tables import Base


class Worker(Base):
    """A program that grades on some machine, or did."""

    __tablename__ = "workers"
    __table_args__ = (CheckConstraint("slots > 0", name="slots"),)

    id: Mapped[int] = mapped_column(primary_key=True, comment="random: a restored database gives no id twice")
    name: Mapped[str] = mapped_column(comment="its machine and process, for people; need not be unique")
    version: Mapped[str] = mapped_column(comment="of the grader")
    needs: Mapped[list[Any]] = mapped_column(AnyJson, comment="list of queues that it serves")
    slots: Mapped[int] = mapped_column(comment="how many submissions it has at once")
    sandbox: Mapped[str] = mapped_column(comment="identity of the software that student code runs with there")
    dataset: Mapped[str] = mapped_column(comment="which digits it has")
    enrolled_at: Mapped[datetime] = mapped_column(comment="UTC, by the database's clock as all times here")
    heard_at: Mapped[datetime] = mapped_column(index=True, comment="when it was heard of last, UTC")
    left_at: Mapped[datetime | None] = mapped_column(comment="when it ended in good order, UTC; null: it did not")


class Ticket(Base):
    """A content that workers are asked to grade, or were."""

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("content", "lab_id", "lab_version", "suite", "sandbox"),
        CheckConstraint("tries >= 0 AND tries <= number", name="tries"),
        CheckConstraint("state <> 'claimed' OR worker_id IS NOT NULL", name="worker"),
        CheckConstraint("state IN ('claimed', 'settled') OR worker_id IS NULL", name="nobody"),
        CheckConstraint("state = 'settled' OR fault IS NULL", name="fault"),
        Index("ix_tickets_state_worker_id", "state", "worker_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str] = mapped_column(ForeignKey("contents.digest"))
    lab_id: Mapped[int] = mapped_column(ForeignKey("labs.id"))
    lab_version: Mapped[str] = mapped_column(comment="as in runs")
    suite: Mapped[str] = mapped_column(comment="as in runs")
    sandbox: Mapped[str] = mapped_column(comment="as in runs")
    dataset: Mapped[str] = mapped_column(comment="which digits")
    need: Mapped[Need] = mapped_column(vocabulary(Need), comment="what it needs of a machine")
    urgency: Mapped[int] = mapped_column(comment="0 for a batch; larger goes first")
    state: Mapped[TicketState] = mapped_column(vocabulary(TicketState), comment="how far it is")
    number: Mapped[int] = mapped_column(comment="how often it was claimed ever: tells a claim from those before")
    since: Mapped[int] = mapped_column(comment="its number when it was asked for last: claims before that are over")
    tries: Mapped[int] = mapped_column(comment="how often since it was asked for, but for claims given back")
    worker_id: Mapped[int | None] = mapped_column(
        ForeignKey("workers.id"), comment="who has claimed it, or settled it; null: nobody"
    )
    refused: Mapped[dict[str, Any]] = mapped_column(AnyJson, comment="why workers would not take it, by their names")
    fault: Mapped[str | None] = mapped_column(comment="what went wrong, for the operator; null: nothing did")
    version: Mapped[str] = mapped_column(comment="of the grader that asked, the last time")
    asked_at: Mapped[datetime] = mapped_column(comment="the last time, UTC")


class TicketSubmission(Base):
    """A submission that gets the result of a ticket."""

    __tablename__ = "ticket_submissions"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True, index=True)
