"""Looks over this machine: the state folder, its files, the ledger in it, and where secrets are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from connector.errors import CrmError
from connector.private_file import why_not_ours_alone
from sync.audit import verify_trail
from sync.belonging import WrongMachine, belongs_here
from sync.brakes import Brake, check_stop
from sync.checks.check import Check, Level, refused
from sync.connection.credentials import CredentialsProblem, whereabouts
from sync.home import Home
from sync.host import this_host
from sync.ledger import Ledger
from sync.opening import find_policy
from sync.policy import Policy, PolicyError, load_policy
from sync.verdicts import CLASSES


def folder(home: Home, env: Mapping[str, str]) -> Iterator[Check]:
    """The state folder, which is in order or we would not be here, and the files in it."""
    known = this_host(env) is not None
    unnoticed = " (set FENLEI_HOST to a name of your own: a copy of it elsewhere goes unnoticed)"
    yield Check("state folder", Level.OK, f"{home.path} is ours alone{'' if known else unnoticed}")
    with suppress(FileNotFoundError):  # a file may go while we look
        yield from _files(home)
    try:
        check_stop(home)
    except Brake as stopped:
        yield Check("stop file", Level.WARNING, stopped.message, stopped.hint)


def _files(home: Home) -> Iterator[Check]:
    files = [*home.ledger.parent.glob("*.sqlite*"), *home.mirror.parent.glob("*.duckdb*")]
    files += [*home.path.glob("*.json"), home.tokens, *home.tokens.glob("*")]
    for path in files:
        why = why_not_ours_alone(path) if path.exists() else ""
        if why:
            mode = "700" if path.is_dir() else "600"
            yield Check(
                "files",
                Level.PROBLEM,
                f"{path} {why}",
                f"Run: chmod {mode} {path}; if others may have read a token, also run 'fenlei setup "
                "--reconnect'.",
            )


def policy(env: Mapping[str, str], home: Home) -> tuple[Policy, list[Check]]:
    """The policy, or the shipped one in place of one that cannot be read, and what is wrong with it."""
    try:
        found = find_policy(env, home)
    except PolicyError as exc:
        return load_policy(None, catalogue=CLASSES), [
            Check(
                "policy",
                Level.PROBLEM,
                f"line {problem.line}, {problem.key}" if problem.line else problem.key,
                problem.message,
            )
            for problem in exc.problems
        ]
    text = f"version {found.number}, {found.source or 'the shipped one'}"
    return found, [Check("policy", Level.OK, text)]


def ledger(opened: Ledger) -> Check:
    """The ledger, which is whole or it would not be open, and its audit trail.

    The whole trail is walked: about a second for twenty thousand rows on a busy office computer.
    """
    trail = verify_trail(opened)
    if not trail.sound:
        return Check("audit trail", Level.PROBLEM, trail.sentence)
    rows = f"{trail.found.rows:,} row{'' if trail.found.rows == 1 else 's'}"
    text = f"{opened.path.name} opens and is whole, its audit trail of {rows} too"
    return Check("ledger", Level.OK, text)


def machine(opened: Ledger, env: Mapping[str, str]) -> Check | None:
    """Says so where the folder was copied from another machine; nothing more is asked of the CRM then."""
    try:
        belongs_here(opened, this_host(env))
    except WrongMachine as exc:
        return Check("machine", Level.PROBLEM, str(exc))
    return None


def secrets(env: Mapping[str, str], home: Home) -> Check | None:
    """Where the secrets are kept; None where there are none."""
    try:
        where = whereabouts(env, home.credentials)
    except CredentialsProblem as exc:
        return Check("secrets", Level.PROBLEM, str(exc))
    except CrmError as exc:
        return refused("secrets", exc)
    return Check("secrets", Level.OK, where) if where else None
