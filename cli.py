"""The command line: what an administrator types, and what a scheduler runs.

It parses, wires and prints; everything else is in ``sync``. Results go to standard output, progress
and errors to standard error. Heavy libraries are imported by the command that needs them.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

    from connector.model import Json
    from connector.redaction import Secrets
    from sync.decide import Plan
    from sync.door import Visit
    from sync.order import Order
    from sync.probing import Undertaking
    from sync.provision import Provision
    from sync.report import Report
    from sync.scope import Scope
    from sync.words import Language

PARTLY = 3
"""Exit code of a run that went through although some records failed."""

MACHINE = "fenlei.machine"
"""Where a command notes that results and errors are wanted as JSON."""

RAN = "fenlei.ran"
"""Where a run leaves its figures, which belong to the JSON of the error that ended it as well."""

Command = TypeVar("Command", bound=Callable[..., None])
FILE = click.Path(path_type=Path)
A_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
COUNT = click.IntRange(0, 10_000_000)
PORT = click.IntRange(0, 65_535)


class Words(click.types.StringParamType):
    """A word that may be looked up or kept: real text, which what a terminal in GBK sends need not be."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Refuse bytes that are no text in the encoding that Python was told."""
        if any("\ud800" <= sign <= "\udfff" for sign in value):
            told = sys.getfilesystemencoding()
            raise click.BadParameter(
                f"{value!r} is no text in the encoding {told}, to which this machine is set. Set terminal "
                "and LANG to the same one, best UTF-8, or give ids instead of names.",
                ctx,
                param,
            )
        return value


WORDS = Words()

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
DATE = click.DateTime(["%Y-%m-%d"])


def to_day(_ctx: click.Context, _param: click.Parameter, value: datetime | None) -> date | None:
    """The calendar day of what click has parsed; from days far away nothing could be counted on."""
    if value and not 1900 <= value.year <= 2199:
        raise click.BadParameter(
            f"{value.date()} is no day of business; take one from 1900 to 2199."
        )
    return value.date() if value else None


TONGUES = "en, zh-Hans or zh-Hant."


def to_language(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Language | None:
    """The language that somebody named."""
    from sync.words import Language

    try:
        return Language.parse(value) if value else None
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc


class Sentences(click.Group):
    """A group that ends every failed command in a sentence instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; errors of ours become a sentence, a next step and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except BrokenPipeError:
            raise  # nobody reads on, as with "| head": click ends quietly
        except Exception as exc:  # noqa: BLE001 - the last place where an error can become a sentence
            from connector.redaction import visible
            from sync.door import NobodyAnswers
            from sync.sentences import sentence
            from sync.unexpected import unexpected, whole

            if isinstance(exc, click.Abort):
                click.echo(err=True)  # ends the line of the question
                exc = NobodyAnswers()
            said = sentence(exc)
            if said is None:
                said = unexpected(exc, os.environ)
                if ctx.params.get("debug"):
                    click.echo(whole(exc, _secrets(ctx)), err=True)
            from sync.streams import let_go_of_what_is_broken

            if ctx.meta.get(MACHINE):
                with suppress(OSError):  # the output may be what failed
                    _print_json({**ctx.meta.get(RAN, {}), **said.as_json()})
            with suppress(OSError):
                click.echo(f"fenlei: {visible(said.text)}", err=True)
                if said.advice:
                    click.echo(f"  → {visible(said.advice)}", err=True)
            let_go_of_what_is_broken()
            ctx.exit(said.exit_code)


def _example(*lines: str) -> str:
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def as_json(command: Command) -> Command:
    """Give a command ``--json``."""

    def note(ctx: click.Context, _param: click.Parameter, value: bool) -> bool:
        ctx.meta[MACHINE] = value  # shared with the group, which prints errors
        return value

    words = "Print machine-readable results."
    return click.option("--json", "machine", is_flag=True, callback=note, help=words)(command)


def as_of(command: Command) -> Command:
    """Give a command ``--as-of``."""
    words = "The day to classify for; default today."
    return click.option("--as-of", type=DATE, metavar="YYYY-MM-DD", callback=to_day, help=words)(
        command
    )


def narrowing(command: Command) -> Command:
    """Give a command the options that choose accounts."""
    where = "Only accounts of these classes, e.g. loyalty=at_risk,churned."
    command = click.option(
        "--where", type=WORDS, multiple=True, metavar="DIMENSION=CLASS", help=where
    )(command)
    words = "Only this account, by id or name."
    return click.option("--account", type=WORDS, multiple=True, help=words)(command)


def deciding(command: Command) -> Command:
    """Give a command the accounts that somebody decides about, and ``--json``."""
    words = "Why; forgotten like the texts of tasks."
    command = click.option("--note", type=WORDS, default="", help=words)(as_json(command))
    words = "Who decides, by e-mail or id; default the CRM user whom fenlei acts for."
    command = click.option("--by", type=WORDS, default="", help=words)(command)
    words = "Which class, where several wait, such as loyalty or marks."
    command = click.option("--class", "dimension", type=WORDS, default="", help=words)(command)
    return click.argument("accounts", type=WORDS, nargs=-1, required=True, metavar="ACCOUNT...")(
        command
    )


def brakes(command: Command) -> Command:
    """Give a command the flags that let brakes pass."""
    for flag, words in (
        ("--allow-shrink", "Believe a pull in which many accounts have disappeared."),
        ("--allow-tasks", "Open more tasks than the policy's limit."),
        ("--allow-changes", "Move more accounts between classes than the policy's limit."),
        ("--yes", "Answer every question with yes, those of a first run included."),
    ):
        command = click.option(flag, is_flag=True, help=words)(command)
    return command


@click.group(cls=Sentences, context_settings=SETTINGS)
@click.version_option(package_name="fenlei", prog_name="fenlei")
@click.option(
    "--debug", is_flag=True, envvar="FENLEI_DEBUG", help="Log everything, without secrets."
)
@click.pass_context
def main(ctx: click.Context, debug: bool) -> None:
    """Classify Zoho CRM accounts and write tags, reasons and follow-up tasks back.

    Start with 'fenlei demo' (no account needed) or 'fenlei setup'.
    """
    from connector.redaction import logging_to

    os.umask(0o077)  # whatever we write holds customers' data: for this user's eyes only
    ctx.with_resource(logging_to(sys.stderr, _secrets(ctx), debug=debug))


def program() -> None:
    """Start the command line as a program of its own, in which nothing at all ends in a traceback."""
    from connector.redaction import Secrets
    from sync.pace import set_pace
    from sync.streams import open_what_is_closed
    from sync.unexpected import catch_everything

    def tell(exc: BaseException) -> None:
        from sync.unexpected import unexpected

        said = unexpected(exc, os.environ)
        click.echo(f"fenlei: {said.text}\n  → {said.advice}", err=True)

    open_what_is_closed()
    catch_everything(tell)
    set_pace()
    if isinstance(
        sys.stdout, io.TextIOWrapper
    ):  # a name that the terminal cannot write ends no command
        sys.stdout.reconfigure(errors="backslashreplace")
    main(obj=Secrets())


def _secrets(ctx: click.Context | None = None) -> Secrets:
    """The secrets of this invocation, which its log hides; those of the environment from the start."""
    from connector.redaction import Secrets

    secrets = (ctx or click.get_current_context()).ensure_object(Secrets)
    secrets.add(*(os.environ.get(f"FENLEI_{n}", "") for n in ("CLIENT_SECRET", "REFRESH_TOKEN")))
    return secrets


@main.command(
    epilog=_example("fenlei demo", "fenlei demo --language zh-Hans", "fenlei demo --showroom")
)
@click.option("--language", default="en", callback=to_language, help=TONGUES, show_default=True)
@click.option(
    "--showroom", is_flag=True, help="Show every class there is, in three languages, instead."
)
@as_json
def demo(language: Language, showroom: bool, machine: bool) -> None:
    """Play the whole job on real purchase histories against a stand-in for Zoho."""
    if showroom:
        from sync.demo.showing import shown
        from sync.demo.showroom import look_round

        room = look_round()
        _tell(machine, room.as_json(), lambda: shown(_console(), room))
        sys.exit(0 if room.complete else 1)
    if machine:
        raise click.UsageError("--json goes with --showroom.")
    from sync.demo.play import play

    play(language, _console())


@main.command(
    epilog=_example("fenlei setup", "fenlei setup --data-centre cn --environment sandbox")
)
@click.option("--data-centre", "--data-center", help="us, eu, in, au, cn, jp, sa or ca.")
@click.option("--environment", default="production", help="production, sandbox or developer.")
@click.option("--reconnect", is_flag=True, help="Ask for a new self-client code.")
@click.option("--moved", is_flag=True, help="The state folder has moved here from another machine.")
@click.option("--yes", is_flag=True, help="Create the missing fields without asking.")
@as_json
def setup(
    data_centre: str | None,
    environment: str,
    reconnect: bool,
    moved: bool,
    yes: bool,
    machine: bool,
) -> None:
    """Connect to Zoho and create our fields, after showing them."""
    from sync.door import enter

    with enter(os.environ) as visit:
        from connector.clock import SystemClock
        from connector.zoho.hosts import hosts_for
        from sync.belonging import leads_here
        from sync.connection.connecting import Asked, connect_first
        from sync.connection.credentials import whereabouts
        from sync.connection.replacing import take_back
        from sync.opening import opened
        from sync.setup import set_up

        def ask() -> Asked:
            where = "Data centre (the end of your Zoho address)"
            with visit.waiting():
                chosen = data_centre or click.prompt(where, default="us", err=True)
                hosts_for(chosen, environment)  # before a code is asked for that is good only once
                return Asked(
                    data_centre=chosen,
                    environment=environment,
                    client_id=click.prompt("Client id of a self client", err=True),
                    client_secret=click.prompt("Client secret", hide_input=True, err=True),
                    code=click.prompt("Code that it generated just now", hide_input=True, err=True),
                )

        hosts_for(
            data_centre or "us", environment
        )  # a wrong name is told even where none is needed
        clock, secrets = SystemClock(), _secrets()
        visit.under_way()
        new = connect_first(os.environ, clock, ask, again=reconnect, secrets=secrets)
        if new:
            click.echo(whereabouts(os.environ, visit.home.credentials), err=True)
        with opened(os.environ, clock, moved=moved, locked=True, secrets=secrets) as desk:
            same = leads_here(desk.ledger, new.before if new else None)
            result = set_up(desk, confirm=visit.agreed(lambda plan: yes or _confirm_fields(plan)))
        earlier = take_back(new, os.environ, visit.home, clock, same_organisation=same)
    payload = {**result.as_json(), **(earlier.as_json() if earlier else {})}
    told = [result.sentence, *([earlier.sentence] if earlier else [])]
    _tell(machine, payload, lambda: click.echo(" ".join(told)))


@main.command(epilog=_example("fenlei disconnect"))
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def disconnect(yes: bool, machine: bool) -> None:
    """Take back the consent at Zoho, and wipe credentials and tokens from this machine."""
    from sync.door import StoppedEarly, enter

    with enter(os.environ) as visit:
        from connector.clock import SystemClock
        from sync.connection.disconnecting import disconnect as end_connection

        if not (yes or click.confirm("Forget the connection to Zoho on this machine?", err=True)):
            raise StoppedEarly("")
        visit.under_way()
        ended = end_connection(os.environ, SystemClock(), locked=True, secrets=_secrets())
    _tell(machine, ended.as_json(), lambda: click.echo(ended.sentence))
    sys.exit(0 if ended.complete else PARTLY)


@main.command(epilog=_example("fenlei doctor", "fenlei doctor --probe"))
@click.option("--probe", "probing", is_flag=True, help="Try out what Zoho's documents leave open.")
@click.option("--yes", is_flag=True, help="With --probe: open its few tasks without asking.")
@as_json
def doctor(machine: bool, probing: bool, yes: bool) -> None:
    """Look over credentials, rights, fields, clock, credits, state files and data."""
    if probing:
        _probe(machine=machine, yes=yes)
        return
    from connector.clock import SystemClock
    from sync import show
    from sync.doctor import Level, examine

    found = examine(os.environ, SystemClock(), _secrets())
    if machine:
        checks = list(found)
        _print_json({"checks": [check.as_json() for check in checks]})
        problems = sum(check.level is Level.PROBLEM for check in checks)
    else:
        problems = show.checks(_console(), found)
    sys.exit(1 if problems else 0)


@main.command(epilog=_example("fenlei sync --quiet", "fenlei sync --json"))
@brakes
@click.option("--quiet", is_flag=True, help="Say nothing unless something is wrong.")
@as_json
def sync(machine: bool, quiet: bool, **allow: bool) -> None:
    """Pull what changed, classify every account, write the differences, open tasks."""
    from sync.door import enter

    with enter(os.environ, "sync") as visit:
        _run(visit, _order("sync", allow), machine=machine, quiet=quiet)


@main.command(
    epilog=_example("fenlei backfill", "fenlei backfill --where loyalty=at_risk --as-of 2025-12-31")
)
@narrowing
@as_of
@brakes
@as_json
def backfill(
    where: Sequence[str], account: Sequence[str], as_of: date | None, machine: bool, **allow: bool
) -> None:
    """Classify and write all or chosen accounts; shows the cost first, resumes after a stop."""
    from sync.door import enter

    with enter(os.environ, "backfill") as visit:
        from sync.scope import chosen

        order = _order("backfill", allow, as_of=as_of, scope=chosen(account, where))
        if not allow["yes"]:
            # The estimate that is shown and asked about stands in for the first-run brake.
            allowed = replace(order.allowed, first_run=True)
            order = replace(order, allowed=allowed, confirm=visit.agreed(_confirm_backfill))
        _run(visit, order, machine=machine)


@main.command(epilog=_example("fenlei plan", "fenlei plan --account 'Acme' --json"))
@narrowing
@as_of
@click.option("--limit", default=20, type=COUNT, show_default=True, help="Accounts to show.")
@as_json
def plan(
    where: Sequence[str], account: Sequence[str], as_of: date | None, limit: int, machine: bool
) -> None:
    """Show what 'sync' would write, and why; nothing is written."""
    from sync.door import enter

    with enter(os.environ, "plan") as visit:
        from sync.scope import chosen

        order = _order("plan", {}, as_of=as_of, scope=chosen(account, where))
        _run(visit, order, machine=machine, limit=limit)


@main.command(epilog=_example("fenlei explain 'Acme Ltd'", "fenlei explain 572576700 --json"))
@click.argument("account", type=WORDS)
@as_of
@as_json
def explain(account: str, as_of: date | None, machine: bool) -> None:
    """Tell why an account is in its classes, and what changed since the last time."""
    from sync import show
    from sync.explaining import explain_account
    from sync.opening import opened_home

    with opened_home(os.environ) as (home, ledger):
        found, policy = explain_account(os.environ, home, ledger, account, as_of=as_of)
    _tell(machine, found.as_json(), lambda: show.explanation(_console(), found, policy))


@main.command(
    epilog=_example(
        "fenlei classify --accounts accounts.csv --deals deals.csv --as-of 2011-12-09 \\",
        "    --horizon-days 182 --out verdicts.csv",
    )
)
@click.option("--accounts", metavar="FILE", required=True, help="CSV or Parquet.")
@click.option("--deals", metavar="FILE", required=True, help="CSV or Parquet.")
@click.option(
    "--as-of",
    type=DATE,
    metavar="YYYY-MM-DD",
    callback=to_day,
    required=True,
    help="The day to classify for.",
)
@click.option(
    "--horizon-days", type=click.IntRange(1, 3650), help="Churn horizon, else the policy's."
)
@click.option("--out", metavar="FILE", required=True, help="CSV or Parquet, by its ending.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="spark reads and writes addresses of a cluster, too; it has to be installed.",
)
@click.option("--master", help="Where Spark runs, e.g. spark://host:7077; default this machine.")
@as_json
def classify(
    accounts: str,
    deals: str,
    as_of: date,
    horizon_days: int | None,
    out: str,
    engine: str,
    master: str | None,
    machine: bool,
) -> None:
    """Classify accounts from files, without any CRM."""
    from sync import show
    from sync.files import classify_files
    from sync.home import find_home
    from sync.opening import find_policy

    if master and engine != "spark":
        raise click.UsageError("--master is for --engine spark.")
    policy = find_policy(os.environ, find_home(os.environ))
    if engine == "spark":
        from sync.spark import LOCAL, classify_on_spark

        result = classify_on_spark(
            policy,
            accounts=accounts,
            deals=deals,
            as_of=as_of,
            horizon_days=horizon_days,
            out=out,
            master=master or LOCAL,
        )
    else:
        result = classify_files(
            policy,
            accounts=Path(accounts),
            deals=Path(deals),
            as_of=as_of,
            horizon_days=horizon_days,
            out=Path(out),
        )

    def said() -> None:
        counted = f"{result.classified:,} accounts classified as of {as_of} ({engine})"
        click.echo(f"{counted}, written to {out}.")
        _console().print(show.class_table(result.classes, policy))
        show.odd(_console(), result)

    _tell(machine, result.as_json(), said)


@main.command(
    epilog=_example(
        "fenlei backtest",
        "fenlei backtest --accounts accounts.csv --deals deals.csv --as-of 2011-06-09 \\",
        "    --horizon-days 182 --out record",
    )
)
@click.option("--accounts", type=FILE, help="CSV or Parquet instead of the local copy.")
@click.option("--deals", type=FILE, help="CSV or Parquet instead of the local copy.")
@click.option(
    "--as-of",
    type=DATE,
    metavar="YYYY-MM-DD",
    callback=to_day,
    help="Judge this day alone, by the days after it; default several days of the past.",
)
@click.option(
    "--horizon-days", type=click.IntRange(1, 3650), help="Churn horizon, else the policy's."
)
@click.option("--language", callback=to_language, help=f"{TONGUES} Default the policy's own.")
@click.option("--out", type=FILE, help="Folder for figures and picture, else in the state folder.")
@as_json
def backtest(
    accounts: Path | None,
    deals: Path | None,
    as_of: date | None,
    horizon_days: int | None,
    language: Language | None,
    out: Path | None,
    machine: bool,
) -> None:
    """Tell how well the verdicts would have done on your own past."""
    from connector.clock import SystemClock
    from sync import backtesting

    if (accounts is None) != (deals is None):
        raise click.UsageError("--accounts and --deals go together.")
    silent = machine or not sys.stderr.isatty()
    found = backtesting.backtest(
        os.environ,
        SystemClock(),
        files=(accounts, deals),
        as_of=as_of,
        horizon_days=horizon_days,
        language=language,
        out=out,
        say=lambda words: None if silent else click.echo(words, err=True),
    )
    _tell(machine, found.as_json(), lambda: backtesting.shown(_console(), found))


@main.command(epilog=_example("fenlei runs", "fenlei undo 20111209-090000-k7q2"))
@click.argument("run", type=WORDS)
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def undo(run: str, yes: bool, machine: bool) -> None:
    """Put back what a run wrote, where it is still ours, and close its untouched tasks."""
    from sync.door import enter

    with enter(os.environ, "undo") as visit:
        from connector.clock import SystemClock
        from sync import show
        from sync.opening import opened
        from sync.undo import UndoPlan
        from sync.undo import undo as undo_run

        def agreed(plan: UndoPlan) -> bool:
            return yes or click.confirm(f"{plan.sentence} Go on?", err=True)

        with opened(os.environ, SystemClock(), locked=True, secrets=_secrets()) as desk:
            report, found = undo_run(
                desk, run, confirm=visit.agreed(agreed), interrupted=visit.under_way()
            )
            policy = desk.policy
    payload = {**report.as_json(), **found.left_as_json()}
    _tell(machine, payload, lambda: show.undone(_console(), report, found, policy))
    sys.exit(_exit_code(report))


@main.command(epilog=_example("fenlei runs --limit 5"))
@click.option("--limit", default=20, type=COUNT, show_default=True, help="How many, newest first.")
@as_json
def runs(limit: int, machine: bool) -> None:
    """List the latest runs."""
    from sync import show
    from sync.opening import opened_home

    with opened_home(os.environ) as (_, ledger):
        found = ledger.runs.latest(limit)
    payload: dict[str, Json] = {"runs": [run.as_json() for run in found]}
    _tell(machine, payload, lambda: show.runs(_console(), found))


@main.command(epilog=_example("fenlei status", "fenlei status --json"))
@as_json
def status(machine: bool) -> None:
    """Show the last success, and what is held, in doubt or parked, each with its next step."""
    from sync import show
    from sync.brakes import stopped_note
    from sync.opening import opened_home
    from sync.status import status_of

    with opened_home(os.environ) as (home, ledger):
        found = status_of(ledger, stopped=stopped_note(home))
    _tell(machine, found.as_json(), lambda: show.status(_console(), found))


@main.command(
    epilog=_example(
        "fenlei portfolio", "fenlei portfolio --by team --quarter 2026-Q3 --csv quarter.csv"
    )
)
@click.option(
    "--by",
    type=click.Choice(["owner", "team", "none"]),
    default="owner",
    show_default=True,
    help="One row for each owner or each manager's team, or the company alone.",
)
@click.option("--month", metavar="YYYY-MM", help="The period; default the month of the last run.")
@click.option("--quarter", metavar="YYYY-Qn", help="A quarter instead of a month.")
@as_of
@click.option("--csv", "out", type=FILE, help="Also write every figure to a CSV or Parquet file.")
@as_json
def portfolio(
    by: str,
    month: str | None,
    quarter: str | None,
    as_of: date | None,
    out: Path | None,
    machine: bool,
) -> None:
    """Show a sales manager how all customers stand, how they are managed, and what has moved."""
    from sync.portfolio.export import write_figures
    from sync.portfolio.looking_over import portfolio as look
    from sync.portfolio.people import By
    from sync.portfolio.period import Period
    from sync.portfolio.table import shown

    if month and quarter:
        raise click.UsageError("--month and --quarter exclude each other.")
    named = month or quarter
    try:
        period = Period.parse(named) if named else None
    except ValueError as exc:
        hint = "--month" if month else "--quarter"
        raise click.BadParameter(str(exc), param_hint=hint) from exc
    found = look(os.environ, by=By(by), period=period, as_of=as_of)
    if out:
        write_figures(found, out)
    _tell(machine, found.as_json(), lambda: shown(_console(), found))


@main.group()
def review() -> None:
    """See what waits for somebody's decision, and decide it; see docs/review.md."""


@review.command("list", epilog=_example("fenlei review list", "fenlei review list --all --json"))
@click.option("--all", "everything", is_flag=True, help="Also what is decided already.")
@as_json
def review_list(everything: bool, machine: bool) -> None:
    """List the classes and marks that wait for somebody to accept them, oldest first."""
    from connector.clock import SystemClock
    from sync.opening import last_day, opened_home, policy_of
    from sync.review.listing import listed

    clock = SystemClock()
    with opened_home(os.environ) as (home, ledger):
        policy, today = policy_of(os.environ, home, ledger, clock).policy, last_day(ledger, clock)
        found = listed(home, ledger, policy, today=today, everything=everything)
    _tell(machine, found.as_json(), lambda: _say_each(found.lines))


@review.command(
    "accept",
    epilog=_example(
        "fenlei review accept 572576700",
        'fenlei review accept "Acme Ltd" --class loyalty --by ann@example.com --note "Shop closed"',
    ),
)
@deciding
def review_accept(
    accounts: tuple[str, ...], dimension: str, by: str, note: str, machine: bool
) -> None:
    """Accept what is proposed for accounts, by id or name; the next run writes it."""
    _decide(machine, accounts, accepts=True, dimension=dimension, by=by, note=note)


@review.command("reject", epilog=_example("fenlei review reject 572576700 --class marks"))
@deciding
def review_reject(
    accounts: tuple[str, ...], dimension: str, by: str, note: str, machine: bool
) -> None:
    """Reject what is proposed, or take back what was accepted; it counts from the next run on."""
    _decide(machine, accounts, accepts=False, dimension=dimension, by=by, note=note)


def _decide(
    machine: bool, accounts: tuple[str, ...], *, accepts: bool, dimension: str, by: str, note: str
) -> None:
    from connector.clock import SystemClock
    from sync.lock import run_lock
    from sync.opening import opened_home, policy_of
    from sync.review.command import Decision, decide

    clock = SystemClock()
    with opened_home(os.environ) as (home, ledger), run_lock(home.lock):
        policy = policy_of(os.environ, home, ledger, clock).policy
        decision = Decision(accounts, accepts, dimension=dimension, by=by, note=note)
        found = decide(home, ledger, policy, decision, now=clock.now())
    _tell(machine, found.as_json(), lambda: _say_each(found.sentences))


@main.group()
def audit() -> None:
    """Read and verify the trail of everything that was written."""


@audit.command("verify", epilog=_example("fenlei audit verify --head 1204-3fa9c1d2e4b5a697"))
@click.option(
    "--head", type=WORDS, default="", help="A head from an earlier run's report to compare with."
)
@as_json
def audit_verify(head: str, machine: bool) -> None:
    """Tell whether anybody has changed the trail since it was written."""
    from sync.audit import verify_trail
    from sync.opening import opened_home

    with opened_home(os.environ) as (_, ledger):
        found = verify_trail(ledger, head)
    _tell(machine, found.as_json(), lambda: click.echo(found.sentence))
    sys.exit(0 if found.sound else 1)


@audit.command("show", epilog=_example("fenlei audit show --account 572576700 --out trail.csv"))
@click.option("--run", type=WORDS, default="", help="Only what this run wrote.")
@click.option("--account", type=WORDS, default="", help="Only this account and its tasks, by id.")
@click.option("--out", type=FILE, help="Write all rows to a CSV, JSON or Parquet file.")
@click.option(
    "--limit", default=50, type=COUNT, show_default=True, help="Rows to show, the newest."
)
@as_json
def audit_show(run: str, account: str, out: Path | None, limit: int, machine: bool) -> None:
    """Show who wrote what where, when and why."""
    from sync import show
    from sync.audit import show_trail
    from sync.opening import opened_home

    with opened_home(os.environ) as (_, ledger):
        found = show_trail(ledger, run=run, account=account, out=out, limit=limit)
    _tell(machine, found.as_json(), lambda: show.trail(_console(), found))


@main.group()
def policy() -> None:
    """Check, calibrate and compare policy files."""


@policy.command("check", epilog=_example("fenlei policy check policy.toml"))
@click.argument("file", type=FILE, required=False)
@as_json
def policy_check(file: Path | None, machine: bool) -> None:
    """Name every problem of a policy file at once, with its line."""
    from connector.clock import SystemClock
    from sync.home import find_home
    from sync.opening import find_policy, read_policy, waiting_sentence

    found = read_policy(file) if file else find_policy(os.environ, find_home(os.environ))
    waits = waiting_sentence(os.environ, found, SystemClock())
    payload: dict[str, Json] = {
        "status": "ok",
        "version": found.number,
        "fingerprint": found.fingerprint,
        "effective_from": found.effective_from.isoformat() if found.effective_from else None,
        "in_force": waits or None,
    }
    name = found.source or "the shipped policy"
    text = f"{name}: version {found.number}, {len(found.playbooks)} playbooks, no problems."
    _tell(machine, payload, lambda: click.echo("\n".join(filter(None, [text, waits]))))


@policy.command("calibrate", epilog=_example("fenlei policy calibrate --keep"))
@click.option("--accounts", type=FILE, help="CSV or Parquet instead of the local copy.")
@click.option("--deals", type=FILE, help="CSV or Parquet instead of the local copy.")
@as_of
@click.option(
    "--keep", is_flag=True, help="Use these amounts from now on where the policy says auto."
)
@as_json
def policy_calibrate(
    accounts: Path | None, deals: Path | None, as_of: date | None, keep: bool, machine: bool
) -> None:
    """Propose amounts, intervals and capacities from your own figures, as lines to paste."""
    from sync.calibrating import calibrate

    if (accounts is None) != (deals is None):
        raise click.UsageError("--accounts and --deals go together.")
    found = calibrate(os.environ, files=(accounts, deals), as_of=as_of, keep=keep)
    _tell(machine, found.as_json(), lambda: click.echo(found.text))


@policy.command(
    "diff",
    epilog=_example(
        "fenlei policy diff",
        "fenlei policy diff old.toml new.toml --accounts 5",
        "fenlei policy diff new.toml --since 2026-01-01",
    ),
)
@click.argument("old", type=FILE, required=False)
@click.argument("new", type=FILE, required=False)
@as_of
@click.option(
    "--since", type=DATE, callback=to_day, help="Look at every month from then on as well."
)
@click.option(
    "--accounts", type=click.IntRange(0, 100), default=0, help="Name so many accounts of each move."
)
@as_json
def policy_diff(
    old: Path | None,
    new: Path | None,
    as_of: date | None,
    since: date | None,
    accounts: int,
    machine: bool,
) -> None:
    """Show what another policy would change: who moves, tasks for each rep, credits, brakes.

    With one file, it is compared with the policy in force; without any, your own file is.
    """
    from connector.clock import SystemClock
    from connector.redaction import visible
    from sync.comparing import Question, compare

    first, second = (old, new) if new is not None else (None, old)
    found = compare(
        os.environ,
        first,
        second,
        clock=SystemClock(),
        question=Question(as_of=as_of, since=since, accounts=accounts),
        say=lambda text: click.echo(text, err=True),
    )
    _tell(machine, found.as_json(), lambda: click.echo(visible(found.text)))


@policy.command("playbooks", epilog=_example("fenlei policy playbooks > playbooks.md"))
@click.option("--language", callback=to_language, help=f"{TONGUES} Default the policy's own.")
def policy_playbooks(language: Language | None) -> None:
    """Print your playbooks as a page: for whom, what, how often."""
    from sync.home import find_home
    from sync.opening import find_policy
    from sync.policy.page import playbook_page

    found = find_policy(os.environ, find_home(os.environ))
    click.echo(playbook_page(found, language or found.language), nl=False)


@policy.command("show", epilog=_example("fenlei policy show > policy.toml"))
def policy_show() -> None:
    """Print the shipped policy with its explanations, to begin a file of your own from."""
    from sync.policy import default_text

    click.echo(default_text(), nl=False)


@main.command(
    epilog=_example("fenlei standin --accounts accounts.csv --deals deals.csv --today 2011-12-09")
)
@click.option("--accounts", type=A_FILE, required=True, help="CSV or Parquet.")
@click.option("--deals", type=A_FILE, required=True, help="CSV or Parquet.")
@click.option("--port", default=0, type=PORT, help="0 takes a free one.", show_default=True)
@click.option(
    "--today",
    type=DATE,
    metavar="YYYY-MM-DD",
    callback=to_day,
    help="The stand-in's date; default the present day.",
)
@click.option("--contacts", type=A_FILE, help="Contacts, with Account_Id.")
@click.option("--calls", type=A_FILE, help="Calls, with What_Id or Who_Id.")
@click.option("--events", type=A_FILE, help="Meetings, with What_Id or Who_Id.")
@click.option("--cases", type=A_FILE, help="Cases, with Account_Id.")
@click.option("--notes", type=A_FILE, help="Notes, with Parent_Id.")
@click.option("--tasks", type=A_FILE, help="Tasks, with What_Id or Who_Id.")
@click.option("--log", type=FILE, help="Append every applied change to this file.")
@click.option(
    "--consent",
    type=click.Choice(["wide", "least"]),
    default="wide",
    show_default=True,
    help="Scopes of its refresh token: wide for any client, least for what the README asks for.",
)
def standin(
    accounts: Path,
    deals: Path,
    port: int,
    today: date | None,
    log: Path | None,
    consent: str,
    **further: Path | None,
) -> None:
    """Serve a stand-in for Zoho CRM on this machine until stopped."""
    from connector.standin.oauth import DEFAULT_SCOPES, WIDE_SCOPES
    from connector.standin.server import StandIn
    from sync.files import all_as_csv, as_csv

    scopes = DEFAULT_SCOPES if consent == "least" else WIDE_SCOPES
    with (
        as_csv(accounts) as accounts_csv,
        as_csv(deals) as deals_csv,
        all_as_csv({name.title(): file for name, file in further.items()}) as more,
        StandIn(
            accounts_csv, deals_csv, more=more, port=port, today=today, log=log, scopes=scopes
        ) as server,
    ):
        server.wait(ready=lambda: click.echo(json.dumps(server.connection())))


def _order(
    kind: str,
    allow: Mapping[str, bool],
    *,
    as_of: date | None = None,
    scope: Scope | None = None,
) -> Order:
    from sync.brakes import Allowed
    from sync.order import Order
    from sync.scope import everything

    yes = allow.get("yes", False)
    allowed = Allowed(
        first_run=yes,
        changes=yes or allow.get("allow_changes", False),
        tasks=yes or allow.get("allow_tasks", False),
        shrink=allow.get("allow_shrink", False),
    )
    return Order(kind=kind, allowed=allowed, as_of=as_of, scope=scope or everything)


def _run(visit: Visit, order: Order, *, machine: bool, quiet: bool = False, limit: int = 0) -> None:
    """Carry out a run and print its report."""
    from connector.clock import SystemClock
    from sync import show
    from sync.opening import opened
    from sync.preview import preview
    from sync.progress import ProgressBar
    from sync.run import run

    rows: list[dict[str, Json]] = []
    meta = click.get_current_context().meta
    silent = quiet or machine or not sys.stderr.isatty()
    clock, secrets = SystemClock(), _secrets()
    with (
        opened(os.environ, clock, read_only=order.dry, locked=True, secrets=secrets) as desk,
        ProgressBar(quiet=silent) as bar,
    ):
        confirm = bar.aside(order.confirm)
        report = run(
            desk,
            replace(order, interrupted=visit.under_way(), confirm=confirm),
            bar.watch(
                planned=lambda plan, planner: rows.extend(preview(plan, planner, limit)),
                ended=lambda report: meta.update({RAN: report.as_json()}),
            ),
        )
        policy = desk.policy
    if machine:
        _print_json({**report.as_json(), **({"preview": [*rows]} if order.dry else {})})
    elif not quiet or report.failed:
        _own_up()
        show.report(_console(), report, policy)
        if order.dry:
            show.planned_changes(_console(), rows, report.accounts_written)
    sys.exit(_exit_code(report))


def _probe(*, machine: bool, yes: bool) -> None:
    """Try out in a sandbox how this Zoho behaves."""
    from sync.door import enter

    def agreed(plan: Undertaking) -> bool:
        return yes or click.confirm(f"{plan.sentence} Go on?", err=True)

    with enter(os.environ) as visit:
        from connector.clock import SystemClock
        from sync import show
        from sync.opening import opened
        from sync.probing import probe

        with opened(os.environ, SystemClock(), locked=True, secrets=_secrets()) as desk:
            visit.under_way()
            found = probe(desk, confirm=visit.agreed(agreed))
    _tell(machine, found.as_json(), lambda: show.probed(_console(), found))


def _exit_code(report: Report) -> int:
    return PARTLY if report.failed else 0


def _tell(machine: bool, payload: Mapping[str, Json], say: Callable[[], None]) -> None:
    """Print a result: as JSON for machines, else in words."""
    if machine:
        _print_json(payload)
    else:
        _own_up()
        say()


def _own_up() -> None:
    """Say to people, beside every result, that it may be of a stand-in and not of Zoho."""
    if os.environ.get("FENLEI_ALLOW_LOOPBACK") == "1":
        words = "FENLEI_ALLOW_LOOPBACK=1: a stand-in on this machine counts as Zoho."
        with suppress(OSError):  # the result matters more than this line
            click.echo(words, err=True)


def _say_each(lines: Sequence[str]) -> None:
    from connector.redaction import visible

    for line in lines:
        click.echo(visible(line))


def _print_json(payload: Mapping[str, Json]) -> None:
    plain = "utf" not in (sys.stdout.encoding or "").lower()
    click.echo(json.dumps(payload, ensure_ascii=plain))


def _console() -> Console:
    from rich.console import Console

    return Console()


def _confirm_fields(plan: Provision) -> bool:
    from rich.console import Console

    from sync import show

    new = len(plan.create) + (plan.task_key is not None)
    if not new and not plan.choices:
        return True
    show.fields_to_create(Console(stderr=True), plan)
    return click.confirm(
        f"Create {'this field' if new == 1 else f'these {new} fields'} in Zoho?", err=True
    )


def _confirm_backfill(plan: Plan, credits: int) -> bool:
    if not plan.fields and not plan.tasks:
        return True
    if plan.way:
        click.echo(plan.way, err=True)
    return click.confirm(
        f"{len(plan.fields):,} accounts would be written and {len(plan.tasks):,} tasks opened, "
        f"for about {credits:,} API credits. Go on?",
        err=True,
    )


if __name__ == "__main__":
    program()
