"""At the command line: a careless line tells no secret, a defect is a sentence, and disconnecting wipes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from workbench import POLICY_FILE, TODAY, write_company
from worker import Worker, worker

from connector.standin.server import StandIn

CUSTOMER = "Canary顾客公司"


@dataclass(frozen=True)
class Step:
    """What one command said."""

    code: int
    stdout: str
    stderr: str


@dataclass
class Life:
    """An organisation, a state folder, a worker, and what he was told while both were used and left."""

    server: StandIn
    home: Path
    hand: Worker
    debug: bool
    consent: str = ""
    """The refresh token that the first connection got."""
    secrets: set[str] = field(default_factory=set)
    steps: dict[str, Step] = field(default_factory=dict)
    unexpected: str = ""

    def does(self, name: str, *words: str) -> None:
        """One command, whose words are kept under this name."""
        out, err = len(self.hand.stdout), len(self.hand.stderr)
        code = self.hand.does(*words)
        self.steps[name] = Step(code, self.hand.stdout[out:], self.hand.stderr[err:])

    def live(self) -> None:
        self.hand.does("@connect", self.server.connection(), self.server.grant_code)
        assert self.hand.does("setup", "--yes") == 0
        self.does("doctor", "doctor")
        self.hand.does("@careless")
        self.server.expire_tokens()
        self.does("careless", "backfill", "--yes")
        standing = self.server.tenant.oauth._refresh
        live = {token for refresh in standing.values() for token in refresh.live}
        [self.consent] = standing.keys() - {self.server.refresh_token}
        self.secrets = {self.server.client_secret, *standing, *live}
        self.hand.does("@defective", f"{self.consent} of {CUSTOMER}\x1b[2J")
        self.does("defect", "sync")
        self.unexpected = (self.home / "unexpected.txt").read_text("utf-8")
        self.does("disconnect", "disconnect", "--yes")
        self.does("after it", "sync")


@pytest.fixture(scope="module", params=["", "1"])
def life(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Life]:
    """From the first connection to the last, without debugging and with it."""
    folder = tmp_path_factory.mktemp("life")
    policy = folder / "policy.toml"
    policy.write_text(POLICY_FILE, "utf-8")
    home = folder / "home"
    env = {
        "FENLEI_HOME": str(home),
        "FENLEI_ALLOW_LOOPBACK": "1",
        "FENLEI_POLICY": str(policy),
        "FENLEI_DEBUG": request.param,
    }
    with (
        StandIn(*write_company(folder / "company"), today=TODAY) as server,
        worker(folder / "work", env) as hand,
    ):
        life = Life(server, home, hand, bool(request.param))
        life.live()
        yield life


def test_setting_up_says_where_the_secrets_are(life: Life) -> None:
    doctor = life.steps["doctor"]
    assert doctor.code == 0
    assert "which only you can read" in " ".join(doctor.stdout.split())


def test_a_line_that_tells_every_call_tells_no_secret(life: Life) -> None:
    step = life.steps["careless"]
    assert step.code == 0
    assert "/oauth/v2/token" in step.stderr
    assert "'refresh_token': '[hidden]'" in step.stderr
    assert "'client_secret': '[hidden]'" in step.stderr
    assert "Zoho-oauthtoken [hidden]" in step.stderr
    assert len(life.secrets) > 3
    said = step.stderr + life.steps["disconnect"].stderr
    assert "/oauth/v2/token/revoke" in said
    for secret in life.secrets:
        parts = [secret, *secret.split(".")[1:]]
        assert not any(part in said for part in parts)


def test_a_defect_is_a_sentence_and_all_of_it_only_where_it_was_asked_for(life: Life) -> None:
    step = life.steps["defect"]
    said = " ".join(step.stderr.split())
    assert step.code == 1
    assert "fenlei: This is a defect of fenlei's own (LookupError)." in said
    assert str(life.home / "unexpected.txt") in said
    assert "LookupError" in life.unexpected
    assert CUSTOMER not in life.unexpected
    assert life.consent not in step.stderr + life.unexpected
    assert ("Traceback (most recent call last)" in said) == life.debug
    assert (CUSTOMER in said) == life.debug
    assert "\x1b" not in said


def test_disconnecting_wipes_and_the_next_command_asks_for_a_set_up(life: Life) -> None:
    assert life.steps["disconnect"].code == 0
    standing = life.server.tenant.oauth._refresh
    assert not standing or len(standing) == 1
    assert not (life.home / "credentials.json").exists()
    assert life.steps["after it"].code == 1
    assert "Not connected to a CRM yet" in life.steps["after it"].stderr
    assert (life.home / "ledger.sqlite").exists()
