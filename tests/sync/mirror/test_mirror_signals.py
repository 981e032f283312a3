"""What counts as a touch, a complaint, a contact or a trial, and for which account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_mirror_tables import fill

from connector.model import Field, Json
from sync.further import FURTHER
from sync.keys import intent_key, mark, read_mark
from sync.mirror import Meanings, Mirror, classifier_tables
from sync.mirror.columns import literal
from sync.mirror.days import keep_time_zone
from sync.mirror.mentions import mentions
from sync.pull import READ

KINDS = {"Closing_Date": "date", "Amount": "currency", "Email_Opt_Out": "boolean"}
MEANT = Meanings(
    trials=("Sample sent",),
    complaint_types=("problem", "投诉"),
    complaint_words=("complaint", "客诉"),
    decision_titles=("ceo", "head of", "总监"),
)
NOON = "2025-03-01T12:00:00+00:00"
DAY = (datetime(2025, 3, 1, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days

Signal = tuple[str | None, str, int | None, bool]


def fields(module: str) -> list[Field]:
    names = {**READ, **FURTHER}[module]
    moments = ("Time", "DateTime")
    return [
        Field("", n, n, KINDS.get(n, "datetime" if n.endswith(moments) else "text")) for n in names
    ]


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        for module in ("Accounts", "Deals", "Tasks", *FURTHER):
            mirror.prepare(module, fields(module))
        mirror.replace_currencies([], "EUR")
        fill(mirror, "Accounts", {"1": {"Account_Name": "Ann"}, "2": {"Account_Name": "Bo"}})
        deals: dict[str, Json] = {"Account_Name": "2", "Stage": "Qualification"}
        fill(mirror, "Deals", {"20": deals})
        people: dict[str, dict[str, Json]] = {
            "31": {"Account_Name": "1", "Title": "CEO"},
            "32": {"Account_Name": "2", "Title": "clerk", "Email_Opt_Out": True},
        }
        fill(mirror, "Contacts", people)
        yield mirror


def signals(mirror: Mirror, *kinds: str, meanings: Meanings = MEANT) -> list[Signal]:
    """(account, kind, day, open) of these kinds, by day, account and kind."""
    tables = classifier_tables(mirror, stages={}, meanings=meanings)
    assert tables.signals is not None
    rows = mirror.rows(f"FROM ({tables.signals.to_native().sql_query()})")
    found = [row for row in rows if row[1] in kinds]
    return sorted(found, key=lambda row: (row[2] or 0, row[0] or "", row[1]))


def noon(days: int) -> str:
    """Noon of so many days after ``DAY``, by which a test knows its records again."""
    return (datetime(2025, 3, 1, 12, tzinfo=UTC) + timedelta(days=days)).isoformat()


def one(mirror: Mirror, module: str, **values: Json) -> None:
    """The only record of a module."""
    fill(mirror, module, {"77": values}, full=True)


ABOUT: list[tuple[Json, Json, str | None]] = [
    ("1", None, "1"),
    ("20", None, "2"),
    (None, "32", "2"),
    ("1", "31", "1"),
    ("2", "32", "2"),
    ("1", "32", "1"),
    ("404", None, None),
    (None, None, None),
]


@pytest.mark.parametrize(
    ("module", "kind", "moment"),
    [("Calls", "call", "Call_Start_Time"), ("Events", "meeting", "Start_DateTime")],
)
def test_each_touch_counts_once_for_the_account_that_it_hangs_on(
    mirror: Mirror, module: str, kind: str, moment: str
) -> None:
    touches: dict[str, dict[str, Json]] = {
        f"7{place}": {"What_Id": what, "Who_Id": who, moment: noon(place)}
        for place, (what, who, _) in enumerate(ABOUT)
    }
    fill(mirror, module, touches, full=True)
    expected = [(account, kind, DAY + place, False) for place, (*_, account) in enumerate(ABOUT)]
    assert signals(mirror, kind) == expected


def test_a_touch_with_somebody_who_decides_counts_as_a_decision_too(mirror: Mirror) -> None:
    fill(mirror, "Calls", {"1": {"Who_Id": "31", "Call_Start_Time": NOON}})
    fill(mirror, "Events", {"2": {"Who_Id": "32", "Start_DateTime": NOON}})
    assert signals(mirror, "decision") == [("1", "decision", DAY, False)]


def test_a_missed_or_planned_call_is_no_touch(mirror: Mirror) -> None:
    said: list[dict[str, Json]] = [
        {},
        {"Call_Type": "Missed"},
        {"Call_Type": "missed"},
        {"Outgoing_Call_Status": "Scheduled"},
    ]
    calls: dict[str, dict[str, Json]] = {
        str(place): {"What_Id": "1", "Call_Start_Time": noon(place), **call}
        for place, call in enumerate(said)
    }
    fill(mirror, "Calls", calls)
    assert signals(mirror, "call") == [("1", "call", DAY, False)]


def test_each_note_counts_for_the_account_of_whatever_it_stands_on(mirror: Mirror) -> None:
    fill(mirror, "Cases", {"50": {"Account_Name": "2", "Status": "New"}})
    stands_on = [("1", "1"), ("20", "2"), ("31", "1"), ("50", "2"), ("404", None)]
    notes: dict[str, dict[str, Json]] = {
        f"7{place}": {"Parent_Id": parent, "Created_Time": noon(place)}
        for place, (parent, _) in enumerate(stands_on)
    }
    fill(mirror, "Notes", notes)
    expected = [(owner, "note", DAY + place, False) for place, (_, owner) in enumerate(stands_on)]
    assert signals(mirror, "note") == expected


OURS = f"Call {mark('call-large', intent_key('task', 'x'))}"
TASKS: list[tuple[str, str, str, bool]] = [
    ("Call them", "Completed", "me", True),
    ("Call them", "In Progress", "me", False),
    ("Call them", "Completed", "rep", True),
    (OURS, "Completed", "rep", True),
    (OURS, "Completed", "me", False),
    (OURS, "Not Started", "rep", False),
]


def test_only_a_task_that_a_person_has_done_is_a_touch(mirror: Mirror) -> None:
    assert read_mark(OURS)
    mirror.remember("me", "me")
    tasks: dict[str, dict[str, Json]] = {
        str(place): {
            "What_Id": "1",
            "Subject": subject,
            "Status": status,
            "Modified_By": by,
            "Closed_Time": noon(place),
        }
        for place, (subject, status, by, _) in enumerate(TASKS)
    }
    fill(mirror, "Tasks", tasks)
    done = [TASKS[(day or 0) - DAY] for _, _, day, _ in signals(mirror, "task")]
    assert done == [task for task in TASKS if task[-1]]


CASES: list[tuple[str | None, str | None, str, str, bool]] = [
    ("Problem", "New", "It broke", "complaint", True),
    ("投诉", "New", "", "complaint", True),
    ("Question", "New", "How?", "case", True),
    (None, None, "", "case", True),
    (None, "New", "Second complaint", "complaint", True),
    (None, "New", "关于客诉的说明", "complaint", True),
    ("Question", "Escalated", "How?", "complaint", True),
    ("Problem", "Closed", "It broke", "complaint", False),
    ("problem ", " closed", "", "complaint", False),
    ("Question", "已結案", "", "case", False),
]


def test_each_case_is_a_complaint_by_type_subject_or_escalation(mirror: Mirror) -> None:
    cases: dict[str, dict[str, Json]] = {
        str(place): {
            "Account_Name": "1",
            "Created_Time": noon(place),
            "Type": type_,
            "Status": status,
            "Subject": subject,
        }
        for place, (type_, status, subject, _, _) in enumerate(CASES)
    }
    fill(mirror, "Cases", cases)
    found = signals(mirror, "case", "complaint")
    assert len(found) == len(CASES)
    for signal, (place, case) in zip(found, enumerate(CASES), strict=True):
        assert signal == ("1", case[3], DAY + place, case[4]), case


def test_without_a_word_for_it_nothing_is_a_complaint_but_what_was_escalated(
    mirror: Mirror,
) -> None:
    one(mirror, "Cases", Account_Name="1", Type="Problem", Status="New")
    found = signals(mirror, "case", "complaint", meanings=Meanings())
    assert [kind for _, kind, _, _ in found] == ["case"]


TITLES = [
    ("CEO", True),
    ("Head of Purchasing", True),
    ("销售总监", True),
    ("Assistant to the CEO", False),
    ("总监助理", False),
    ("Ceony", False),
    ("clerk", False),
    (None, False),
]


def test_each_title_tells_who_decides(mirror: Mirror) -> None:
    companies = {f"8{place}": title for place, (title, _) in enumerate(TITLES)}
    fill(mirror, "Accounts", {account: {"Account_Name": account} for account in companies})
    people: dict[str, dict[str, Json]] = {
        f"7{account}": {"Account_Name": account, "Title": title}
        for account, title in companies.items()
    }
    fill(mirror, "Contacts", people, full=True)
    found = signals(mirror, "contact", "decision_maker")
    assert [companies[who or ""] for who, kind, *_ in found if kind == "contact"] == [
        title for title, _ in TITLES
    ]
    assert [companies[who or ""] for who, kind, *_ in found if kind == "decision_maker"] == [
        title for title, decides in TITLES if decides
    ]


def test_who_wants_no_mail_is_of_no_use_any_more(mirror: Mirror) -> None:
    assert [(who, of_use) for who, _, _, of_use in signals(mirror, "contact")] == [
        ("1", True),
        ("2", False),
    ]


def test_a_contact_on_the_website_is_a_visit_of_its_account_and_no_touch(mirror: Mirror) -> None:
    assert "online_visits" not in classifier_tables(mirror, stages={}).sources
    seen: dict[str, Json] = {"Title": "CEO", "Last_Visited_Time": NOON}
    fill(mirror, "Contacts", {"31": {**seen, "Account_Name": "1"}, "33": {**seen}})
    found = signals(mirror, "online_visit", "decision", "call", "meeting")
    assert found == [("1", "online_visit", DAY, False)]
    assert classifier_tables(mirror, stages={}).sources == {"contacts", "online_visits"}


def test_an_organisation_that_does_not_watch_its_website_has_no_visits(mirror: Mirror) -> None:
    known = [field for field in fields("Contacts") if field.name != "Last_Visited_Time"]
    mirror.prepare("Contacts", known)
    fill(mirror, "Contacts", {"31": {"Account_Name": "1"}}, full=True)
    assert classifier_tables(mirror, stages={}).sources == {"contacts"}


def test_a_deal_in_a_stage_of_trial_is_a_trial_since_it_was_made(mirror: Mirror) -> None:
    deal: dict[str, Json] = {"Account_Name": "1", "Created_Time": NOON}
    fill(mirror, "Deals", {"21": {**deal, "Stage": "Sample sent"}, "22": {**deal, "Stage": "New"}})
    assert signals(mirror, "trial") == [("1", "trial", DAY, True)]


def test_a_module_without_a_record_is_no_source(mirror: Mirror) -> None:
    def sources(meanings: Meanings) -> frozenset[str]:
        return classifier_tables(mirror, stages={}, meanings=meanings).sources

    assert sources(MEANT) == {"contacts", "trials"}
    assert sources(Meanings()) == {"contacts"}
    fill(mirror, "Notes", {"1": {"Parent_Id": "1", "Created_Time": NOON}})
    fill(mirror, "Tasks", {"1": {"What_Id": "1", "Subject": "x", "Status": "Not Started"}})
    assert sources(Meanings()) == {"contacts", "notes"}


def test_an_organisation_with_deals_alone_has_no_signals() -> None:
    with Mirror(None) as mirror:
        mirror.prepare("Accounts", fields("Accounts"))
        mirror.prepare("Deals", fields("Deals"))
        fill(mirror, "Accounts", {"1": {"Account_Name": "Ann"}})
        tables = classifier_tables(mirror, stages={})
        assert (tables.signals, tables.sources) == (None, frozenset())


def test_a_call_late_at_night_counts_on_the_day_of_the_office(mirror: Mirror) -> None:
    one(mirror, "Calls", What_Id="1", Call_Start_Time="2025-03-01T20:00:00+00:00")
    days = {"Asia/Shanghai": DAY + 1, "America/New_York": DAY, "Nowhere/Atall": DAY}
    for zone, day in days.items():
        keep_time_zone(mirror, zone)
        assert signals(mirror, "call") == [("1", "call", day, False)], zone


def test_what_we_may_not_see_any_more_is_no_signal(mirror: Mirror) -> None:
    fill(mirror, "Calls", {"1": {"What_Id": "1", "Call_Start_Time": NOON}})
    fill(mirror, "Calls", {"2": {"What_Id": "2", "Call_Start_Time": NOON}}, full=True)
    assert signals(mirror, "call") == [("2", "call", DAY, False)]


LETTERS = st.sampled_from("aB1 -.*+?()[]{}^$|\\/_'\"#%总监客诉é\x80")


@pytest.fixture(scope="module")
def anything() -> Iterator[Mirror]:
    with Mirror(None) as mirror:
        yield mirror


@given(st.lists(st.text(LETTERS, min_size=1, max_size=6), max_size=3), st.text(LETTERS, max_size=9))
def test_a_word_is_found_nowhere_but_where_it_stands(
    anything: Mirror, words: list[str], text: str
) -> None:
    [(found,)] = anything.rows(f"SELECT {mentions(literal(text), words)}")
    wanted = [word.strip().lower() for word in words if word.strip()]
    assert not found or any(word in text.lower() for word in wanted)
    assert found or not any(word == text.strip().lower() for word in wanted)
