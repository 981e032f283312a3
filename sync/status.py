"""What is going on right now: the last success, and everything that waits for a run or for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.model import Json
from sync.ledger import Intent, Ledger, Run
from sync.ledger.history import Held
from sync.ledger.reviews import Review

NEXT_STEPS = {
    "unknown": "Nothing to do: the next run after the quarantine reads back whether it arrived.",
    "parked": "Look in Zoho whether it is there; open or set it by hand if it is still needed.",
    "rejected": "Mend what the message names in Zoho; the next day's run tries again.",
    "planned": "Nothing to do: the next run sends it.",
}
"""What to do about an intent, by its state."""

HELD_STEP = "A person typed this. Clear the field in Zoho to let fenlei write it again."


@dataclass(frozen=True, slots=True)
class Situation:
    """The ledger's view of things; ``reviews`` wait for somebody, the oldest first.

    ``stopped`` says what keeps every run from writing, if anything does.
    """

    last_run: Run | None
    last_success: Run | None
    counts: Mapping[str, int]
    waiting: tuple[Intent, ...]
    held: tuple[Held, ...]
    reviews: tuple[Review, ...] = ()
    stopped: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What stops runs, what the last one had to say, restless accounts and lost fields among it, and who
        is waited for.
        """
        told = self.last_run.summary.get("notes") if self.last_run else None
        notes = [self.stopped, *(map(str, told) if isinstance(told, list) else ())]
        if self.reviews:
            notes.append(self._of_reviews)
        return tuple(note for note in notes if note)

    @property
    def _of_reviews(self) -> str:
        since = self.reviews[0].since.isoformat()
        return (
            f"{len(self.reviews):,} proposed classes wait for somebody to accept them, the oldest since "
            f"{since}: 'fenlei review list' shows them."
        )

    def as_json(self) -> dict[str, Json]:
        """For ``--json``."""
        return {
            "status": "ok",
            "last_run": self.last_run.as_json() if self.last_run else None,
            "last_success": self.last_success.as_json() if self.last_success else None,
            "notes": [*self.notes],
            "intents": dict(self.counts),
            "reviews": {
                "waiting": len(self.reviews),
                "oldest_since": self.reviews[0].since.isoformat() if self.reviews else None,
            },
            "waiting": [
                {
                    "state": str(intent.state),
                    "kind": str(intent.kind),
                    "record_id": intent.record_id,
                    "purpose": intent.purpose,
                    "code": intent.error_code,
                    "message": intent.error_text,
                    "next": NEXT_STEPS.get(str(intent.state), ""),
                }
                for intent in self.waiting
            ],
            "held": [
                {
                    "account_id": held.record_id,
                    "field": held.field,
                    "value": held.value,
                    "wanted": held.wanted,
                    "since": held.since.isoformat(),
                    "next": HELD_STEP,
                }
                for held in self.held
            ],
        }


def status_of(ledger: Ledger, *, stopped: str = "") -> Situation:
    """Read it from the ledger; the CRM is not called and a running run is not disturbed.

    Args:
        ledger: the ledger.
        stopped: what keeps every run from writing, see :func:`sync.brakes.stopped_note`.
    """
    latest = ledger.runs.latest(limit=1)
    return Situation(
        last_run=latest[0] if latest else None,
        last_success=ledger.runs.last_success(),
        counts=ledger.intents.counts(),
        waiting=tuple(ledger.intents.needing_attention()),
        held=tuple(ledger.history.held()),
        reviews=tuple(ledger.reviews.open()),
        stopped=stopped,
    )
