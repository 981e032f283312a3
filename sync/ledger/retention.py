"""Forgets what the words of finished tasks say about customers once they are old; what was done stays."""

from __future__ import annotations

from datetime import datetime

from sync.keys import mark
from sync.ledger.file import LedgerFile
from sync.ledger.rows import body_text, read_intent, text_hash
from sync.ledger.words import Intent, Kind, State

FINISHED = (State.DONE, State.REJECTED, State.SUPERSEDED, State.CANCELLED)
"""Nothing is sent, looked up or shown from these any more; what is parked still waits for a person."""

_PORTION = 1_000
_DONE_FOR = "texts_forgotten_before"

# A subject is forgotten when nothing but its mark is left, a description when it is empty; what was taken
# up from the CRM never had either, and no hash.
_STILL_THERE = f"""
SELECT rowid, * FROM intent
WHERE kind IN ('{Kind.TASK}', '{Kind.TASK_CHANGE}') AND state IN ({", ".join(f"'{s}'" for s in FINISHED)})
  AND created_at < :before AND body_sha256 <> '' AND rowid > :after
  AND (body GLOB '*"Description": "[^"]*' OR error_text <> '' OR (kind = '{Kind.TASK}'
       AND instr(body, '"Subject": "#' || purpose || '-' || lower(substr(key, 1, 8)) || '"') = 0))
ORDER BY rowid LIMIT {_PORTION}
"""


class Retention:
    """How long the ledger keeps the words of tasks.

    Names stand in subjects, descriptions, the CRM's error messages and what people note about a review,
    and nowhere else in the ledger: the audit trail tells of a task by its mark and leaves notes out. Undo,
    the guard against second tasks and the trail use none of what is forgotten.
    """

    def __init__(self, file: LedgerFile) -> None:
        self._file = file

    def forget_texts(self, before: datetime) -> int:
        """Blank the words of tasks that are finished and were planned before then, at most once a day.

        Each body is read with its hash first, so that damage is found and not sealed with a new one.

        Returns:
            How many intents were blanked.

        Raises:
            LedgerUnusable: one of them is damaged.
        """
        day = before.date().isoformat()
        if self._file.value("SELECT value FROM meta WHERE key = ?", (_DONE_FOR,)) == day:
            return 0
        count = after = 0
        while True:
            values = {"before": before.isoformat(), "after": after}
            rows = self._file.rows(_STILL_THERE, values)
            with self._file.transaction():
                self._file.change_each(
                    "UPDATE intent SET body = ?, body_sha256 = ?, error_text = '' WHERE key = ?",
                    [_blank(read_intent(row)) for row in rows],
                )
                if len(rows) < _PORTION:
                    self._file.change(
                        "UPDATE review_step SET note = '' WHERE note <> '' AND at < ?",
                        (before.isoformat(),),
                    )
                    self._file.change(
                        "INSERT INTO meta VALUES (?, ?)"
                        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                        (_DONE_FOR, day),
                    )
                    return count + len(rows)
            count += len(rows)
            after = rows[-1]["rowid"]


def _blank(intent: Intent) -> tuple[str, str, str]:
    """An intent's body without words, its hash, and its key."""
    empty = {"Subject": mark(intent.purpose, intent.key), "Description": ""}
    body = {name: empty.get(name, value) for name, value in intent.body.items()}
    text = body_text(body)
    return text, text_hash(text), intent.key
