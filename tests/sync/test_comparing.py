"""Before a policy goes live, a manager sees what it changes and which customers it moves."""

from __future__ import annotations

from pathlib import Path

from workbench import Office

from sync.comparing import compare

OLD = "[tier]\nlarge_from = 1000\nmedium_from = 300\n"
NEW = "version = 2\n[tier]\nlarge_from = 1800\nmedium_from = 300\n"


def files(office: Office, old: str, new: str) -> tuple[dict[str, str], Path, Path]:
    first, second = office.path / "old.toml", office.path / "new.toml"
    first.write_text(old, encoding="utf-8")
    second.write_text(new, encoding="utf-8")
    return {"FENLEI_HOME": str(office.path)}, first, second


def test_the_accounts_that_would_move_are_counted_on_the_local_copy(office: Office) -> None:
    office.run("backfill")
    calls = len(office.standin.requests)
    found = compare(*files(office, OLD, NEW))
    assert {(c.key, c.old, c.new) for c in found.changes} >= {("tier.large_from", 1000, 1800)}
    assert found.moves == {("tier", "large", "medium"): 1}
    assert "tier: large → medium: 1" in found.text
    assert found.as_json()["moves"] == [
        {"dimension": "tier", "from": "large", "to": "medium", "accounts": 1}
    ]
    assert len(office.standin.requests) == calls, "asking costs no credit"


def test_policies_that_decide_alike_move_nobody(office: Office) -> None:
    office.run("backfill")
    found = compare(*files(office, OLD, "# the same\n" + OLD))
    assert (found.changes, found.moves) == ((), {})
    assert found.text == "The two policies decide alike.\n\nNo account would move."


def test_without_a_local_copy_only_the_rules_are_compared(office: Office) -> None:
    (office.path / "mirror.duckdb").unlink(missing_ok=True)
    found = compare(*files(office, OLD, NEW))
    assert found.moves is None
    assert found.text.endswith("Run 'fenlei sync' once to see which accounts would move.")
