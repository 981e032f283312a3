"""Complaints of a period are counted by the way they came; other cases and other days are not."""

from __future__ import annotations

from datetime import UTC, date, datetime

from connector.model import Field, Json, Record
from sync.mirror import Mirror
from sync.mirror.complaints import Channel, complaints_by_channel
from sync.mirror.signals import Meanings

NOW = datetime(2026, 9, 30, tzinfo=UTC)
FIRST = (date(2026, 9, 1) - date(1970, 1, 1)).days
KINDS = {
    "Account_Name": "lookup",
    "Type": "picklist",
    "Subject": "text",
    "Status": "picklist",
    "Case_Origin": "picklist",
    "Created_Time": "datetime",
}
MEANINGS = Meanings(complaint_types=("problem",), complaint_words=("broken",))


def from_customer(origin: str | None, day: int, **given: str) -> dict[str, Json]:
    made: dict[str, Json] = {"Created_Time": f"2026-09-{day:02}T10:00:00+00:00"}
    return {"Case_Origin": origin, "Type": "Problem", "Status": "New", **made, **given}


def test_complaints_are_counted_by_the_way_they_came() -> None:
    cases = [
        from_customer("Phone", 1),
        from_customer("Phone", 10, Status="Closed"),
        from_customer("Email", 10, Type="Question", Subject="It is broken"),
        from_customer("-None-", 30, Type="Question", Status="Escalated"),
        from_customer(None, 2, Status="Closed"),
        from_customer("Web", 10, Type="Question", Subject="How much?"),
        from_customer("Web", 10, Created_Time="2026-08-31T10:00:00+00:00"),
    ]
    with Mirror(None) as mirror:
        assert complaints_by_channel(mirror, MEANINGS, FIRST, FIRST + 29) == []
        mirror.prepare("Cases", [Field("", name, name, kind) for name, kind in KINDS.items()])
        with mirror.pulling("Cases") as pulling:
            pulling.stage([Record(str(n), NOW, values) for n, values in enumerate(cases)])
            pulling.commit(NOW, NOW, full=True)
        assert complaints_by_channel(mirror, MEANINGS, FIRST, FIRST + 29) == [
            Channel("", 2, 1),
            Channel("Phone", 2, 1),
            Channel("Email", 1, 1),
        ]
