"""Settles, once, in a sandbox, what Zoho's documents leave open: makes a few tasks and tries things on them.

Never in a production organisation, with no flag to get around that: the tasks can only be closed with the
rights that fenlei has, not deleted, and reps would find them. Who has no sandbox can use one of Zoho's
free developer organisations; for the key on tasks, runs try it by themselves on tasks of their own.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from connector.errors import CrmError, Refused
from connector.model import Module, Organisation
from connector.port import Crm
from connector.private_file import write_private
from connector.zoho.crm import ZohoCrm
from connector.zoho.transport import Transport
from sync.belonging import belongs_to
from sync.brakes import check_stop
from sync.desk import Desk
from sync.home import Home
from sync.lock import run_lock
from sync.probes.answer import Answer, Question
from sync.probes.bench import NAME, Bench, NotRun
from sync.probes.catalogue import QUESTIONS
from sync.probes.clearing import clear_up
from sync.probes.result import Probed, Undertaking
from sync.task_key.field import key_name

SAFE_KINDS = frozenset({"sandbox", "developer"})
"""Kinds of organisation (Zoho v8 docs, get-org-data) in which nobody works with customers."""

_BEFORE = timedelta(minutes=1)
"""How much earlier than our first task lists are asked from, as clocks and seconds may be off by a little."""

log = logging.getLogger(__name__)

__all__ = ["Probed", "Undertaking", "probe", "probe_file"]


def probe_file(home: Home) -> Path:
    """Where the newest answers are kept."""
    return home.path / "probe.json"


def probe(desk: Desk, *, confirm: Callable[[Undertaking], bool]) -> Probed:
    """Ask every question that can be asked without harm, clear up, and keep the answers.

    Args:
        desk: what a run works with, with a connection that may write.
        confirm: asked once, before anything is made.

    Raises:
        LockHeld: a run is going on.
        Brake: the file STOP is there.
        WrongOrganisation: the state folder belongs to another organisation.
        Refused: the organisation is in production, or the CRM is not Zoho.
        CrmError: nothing could be asked at all.
    """
    with run_lock(desk.home.lock, held=desk.locked):
        check_stop(desk.home)
        line = line_of(desk.crm)
        organisation = desk.crm.organisation()
        belongs_to(desk.ledger, organisation)
        refuse_production(organisation, line)
        now = desk.crm.now()
        stamp = f"{now:%Y%m%d-%H%M%S}"
        if not confirm(Undertaking(organisation, f"{NAME} {stamp}")):
            return Probed(organisation, now.isoformat())
        fields = desk.crm.fields(Module.TASKS)
        bench = Bench(
            line=line,
            clock=desk.clock,
            stamp=stamp,
            fields=fields,
            key=key_name(fields, desk.ledger),
            began=now - _BEFORE,
        )
        answers, left = asked(bench)
        found = Probed(organisation, now.isoformat(), answers, left, probe_file(desk.home))
        write_private(probe_file(desk.home), json.dumps(found.as_json(), indent=1))
        return found


def line_of(crm: Crm) -> Transport:
    """The connection under the port, which hides what is asked here.

    Raises:
        Refused: it is no connection to Zoho.
    """
    if not isinstance(crm, ZohoCrm):
        raise Refused("Only Zoho itself can be probed.", hint="Connect to a sandbox of Zoho's.")
    return crm.transport


def refuse_production(organisation: Organisation, line: Transport) -> None:
    """Raise unless this is a sandbox, a developer organisation, or the stand-in.

    Raises:
        Refused: people work in it, or it is of a kind that we do not know.
    """
    if organisation.kind.lower() in SAFE_KINDS or line.hosts.is_loopback:
        return
    raise Refused(
        f"{organisation.name} is a {organisation.kind} organisation, and a probe leaves tasks behind.",
        hint="Connect a state folder of its own (FENLEI_HOME) to a sandbox or a developer organisation "
        "with 'fenlei setup --environment sandbox', and probe there.",
    )


def asked(bench: Bench) -> tuple[tuple[Answer, ...], dict[str, str]]:
    """Every question with its answer, and what could not be deleted afterwards."""
    left: dict[str, str] = {}
    try:
        answers = tuple(_answer(question, bench) for question in QUESTIONS)
    finally:
        left.update(clear_up(bench))
    return answers, left


def _answer(question: Question, bench: Bench) -> Answer:
    if question.experiment is None:
        return Answer(question, ran=False, seen="not run: a person has to")
    try:
        seen = question.experiment(bench)
    except NotRun as reason:
        return Answer(question, ran=False, seen=f"not run: {reason}")
    except CrmError as exc:
        log.warning("probe %d: %s", question.number, exc.code or type(exc).__name__)
        return Answer(question, ran=False, seen=f"not run: {exc.message}")
    return Answer(question, ran=True, seen=seen.text, setting=seen.setting)
