"""``POST /api/v1/documents``: documents that programs hand in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from fengping.models import Kind
from fengping.services import intake
from fengping.web.accounts.door import write_down
from fengping.web.accounts.tokens import Corrector
from fengping.web.answers import as_json
from fengping.web.desk import AtDesk

router = APIRouter(tags=["documents"])


class Incoming(BaseModel):
    """One document; ``url`` or ``post_id`` is what it is known by again."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("", max_length=intake.LONGEST)
    title: str = Field("", max_length=2_000)
    url: str = Field("", max_length=4_000)
    post_id: str = Field("", max_length=200)
    published_at: str = Field("", max_length=40, description="ISO 8601; Chinese time without a zone.")
    author: str = Field("", max_length=200)
    site: str = Field("", max_length=200)
    kind: Kind | None = None


class Delivery(BaseModel):
    """Documents of one source."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
    documents: Annotated[list[Incoming], Field(min_length=1, max_length=intake.MOST)]


@router.post("/documents")
def take(desk: AtDesk, by: Corrector, delivery: Delivery) -> Response:
    """Takes documents into the journal; one status each, in order. The next `index` judges them.

    `new`, `updated` (another version of a known one), `again` (the same content), `forgotten` (never to be
    taken again) or `refused` with the reason. Sending the same again changes nothing.
    """
    rows: list[dict[str, Any]] = [one.model_dump(mode="json") for one in delivery.documents]
    taken = intake.take(desk.home, rows, delivery.source, desk.now())
    counts = {status: sum(one.status == status for one in taken) for status in {t.status for t in taken}}
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    write_down(desk, by, "intake", delivery.source, told)
    return as_json({"source": delivery.source, "documents": [one.to_record() for one in taken]})
