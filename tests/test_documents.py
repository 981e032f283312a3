"""What the documents say is true of the code: commands, options, links, scopes, codes, figures."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import takewhile
from pathlib import Path

import click
import narwhals as nw
import pytest

import cli
from classifiers import potential
from classifiers.dimension import Thresholds, TierThresholds
from classifiers.settings import Settings
from connector.standin.oauth import DEFAULT_SCOPES
from connector.zoho.hosts import ENDINGS, hosts_for
from sync import sentences
from sync.machine_fields import MACHINE_FIELDS, MINIMAL
from sync.policy import Limits, default_text, load_policy
from sync.verdicts import CLASSES
from sync.words import FIELD_LABELS, Language

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
OF_THE_CHECKOUT = re.compile(r"`((?:\.ci|bench|classifiers|connector|docs|sync|tests)/[\w./-]*)")
NO_TIERS = TierThresholds(0, 0, proposed=True)
NOT_THERE_YET = {"classifiers/frequency.py"}
"""The worked example of CONTRIBUTING.md."""


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(document: str, kind: str = "") -> list[str]:
    return [body for name, body in FENCE.findall(document) if not kind or name == kind]


def section(document: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its kind."""
    return document.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def tables(document: str) -> list[list[list[str]]]:
    """Every table as rows of cells, its heading and ruler left out."""
    found: list[list[list[str]]] = []
    lines = iter(document.splitlines())
    for line in lines:
        if line.startswith("|"):
            rest = takewhile(lambda row: row.startswith("|"), lines)
            found.append([[cell.strip() for cell in row.strip("|").split("|")] for row in rest][1:])
    return found


def rows(document: str) -> list[list[str]]:
    return [row for table in tables(document) for row in table]


def commands(group: click.Group = cli.main, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}", command


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts if name[:2] == "--"}


def understood(line: str) -> None:
    """Parse a command line as fenlei would; nothing is carried out.

    Raises:
        click.UsageError: it is not understood.
    """
    words = shlex.split(line.partition(" > ")[0].rstrip("\\"))[1:]
    command: click.Command = cli.main
    context: click.Context | None = None
    try:
        while isinstance(command, click.Group):
            context = command.make_context(command.name, words, parent=context)
            with context:
                name, found, words = command.resolve_command(
                    context, [*context._protected_args, *context.args]
                )
            assert found is not None, name
            command = found
        command.make_context(command.name, words, parent=context).close()
    except click.exceptions.Exit:
        return  # --help and --version
    except click.BadParameter as exc:
        if "does not exist" not in exc.message:  # the files of an example need not be there
            raise


def command_lines(document: str) -> list[str]:
    """What follows ``fenlei`` on each line of a code block that calls it."""
    found = []
    for block in blocks(document):
        for line in block.replace("\\\n", " ").splitlines():
            called = re.search(r"(?:^|/bin/|Scripts\\)fenlei(?:\.exe)? ([^\"]*)", line)
            if called:
                found.append(f"fenlei {called[1]}")
    return found


# Commands.


@pytest.mark.parametrize("name", READMES)
@pytest.mark.parametrize(("command_name", "command"), list(commands()))
def test_every_command_and_option_is_in_the_readme(
    name: str, command_name: str, command: click.Command
) -> None:
    row = next(row for row in rows(text(name)) if row[0] == f"`{command_name}`")
    assert set(re.findall(r"`(--[\w-]+)`", row[2])) == options(command) - {"--json"}


@pytest.mark.parametrize("name", READMES)
def test_the_readme_names_no_command_that_is_not_there(name: str) -> None:
    table = next(table for table in tables(text(name)) if table[0][0] == "`demo`")
    assert {row[0].strip("`") for row in table} == {name for name, _ in commands()}


def test_the_commands_without_machine_readable_results_are_named() -> None:
    without = [name for name, command in commands() if "--json" not in options(command)]
    for name in READMES:
        said = next(
            line for line in text(name).splitlines() if line.startswith("`policy playbooks`")
        )
        named = re.findall("`(.*?)`", said)
        assert named[: named.index("--json")] == without


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_line_of_a_document_is_understood(path: Path) -> None:
    document = path.read_text("utf-8")
    for line in command_lines(document):
        understood(line)
    for line in re.findall(r"`(fenlei [a-z][^`\n]*)`", document):
        with suppress(click.MissingParameter):  # prose may name a command alone
            understood(line)


def test_every_example_of_the_help_is_understood() -> None:
    for _, command in commands():
        example = (command.epilog or "").partition("Example:\n")[2].replace("\\\n", " ")
        lines = [line.strip() for line in example.splitlines() if line.strip()]
        assert lines
        for line in lines:
            understood(line)


# Links and names.


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_every_file_that_is_named_exists(path: Path) -> None:
    document = path.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", document) if "://" not in link]
    missing = [link for link in links if not (path.parent / link.partition("#")[0]).exists()]
    named = set(OF_THE_CHECKOUT.findall(document)) - NOT_THERE_YET
    assert missing + [name for name in named if not (ROOT / name).exists()] == []


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached = {ROOT / link for link in re.findall(r"\]\(([\w./-]+\.md)\)", text("README.md"))}
    apart = {path for path in DOCUMENTS if path.parent.name == "decisions"}
    assert set(DOCUMENTS) - reached - apart <= {ROOT / "README.md"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_machine_or_a_package_registry(path: Path) -> None:
    words = rf"{re.escape(str(ROOT))}|/root/|/home/|/tmp/|/Users/|pypi|pythonhosted|docker\.io|localhost"
    assert re.findall(words, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-test.lock", "requirements-spark.lock"]
)
def test_the_locks_name_no_registry(name: str) -> None:
    assert "://" not in text(name)
    assert re.findall(r"^-", text(name), re.MULTILINE) == [], (
        "an option for pip, such as an address"
    )


def test_both_readmes_have_the_same_shape() -> None:
    english, chinese = (text(name) for name in READMES)
    levels = [re.findall(r"^(#+) ", FENCE.sub("", one), re.MULTILINE) for one in (english, chinese)]
    assert levels[0] == levels[1]
    assert blocks(english) == blocks(chinese)
    assert [len(table) for table in tables(english)] == [len(table) for table in tables(chinese)]


# Facts.


def test_both_readmes_name_the_same_words_of_the_machine() -> None:
    """Commands, scopes, files, settings: what one language is told, the other is told as well."""
    english, chinese = (
        set(re.findall(r"`[^`\n]+`", FENCE.sub("", text(name)))) for name in READMES
    )
    assert english == chinese


@pytest.mark.parametrize("name", READMES)
def test_the_scopes_to_ask_for_are_those_that_the_stand_in_grants(name: str) -> None:
    line = next(block for block in blocks(text(name)) if block.startswith("ZohoCRM."))
    assert line.strip().split(",") == list(DEFAULT_SCOPES)
    explained = [row[0].strip("`") for row in rows(text(name)) if row[0].startswith("`ZohoCRM.")]
    assert explained == list(DEFAULT_SCOPES)
    assert not [scope for scope in DEFAULT_SCOPES if scope.endswith(("DELETE", "ALL"))]


@pytest.mark.parametrize(
    ("name", "heading"),
    [("README.md", "Exit codes"), ("README.zh-CN.md", "退出码"), ("docs/schedule.md", None)],
)
def test_the_exit_codes_are_those_of_the_code(name: str, heading: str | None) -> None:
    ours = [sentences.COULD_NOT_RUN, sentences.USAGE, cli.PARTLY, sentences.BRAKED]
    codes = [0, *ours, sentences.LOCKED]
    told = section(text(name), heading or "What to alert on")
    expected = codes if heading else [code for code in codes if code != sentences.USAGE]
    assert [int(row[0]) for row in rows(told)] == expected


@pytest.mark.parametrize("name", READMES)
def test_the_data_centres_are_those_of_the_code(name: str) -> None:
    table = next(table for table in tables(text(name)) if table[0][0] == "`us`")
    expected = [
        [f"`{centre.lower()}`", hosts.accounts_url[8:], hosts.api_domain[8:]]
        for centre in ENDINGS
        for hosts in [hosts_for(centre)]
    ]
    assert table == expected


@pytest.mark.parametrize("name", READMES)
def test_the_environment_variables_are_those_of_the_code(name: str) -> None:
    sources = [ROOT / "cli.py", *(ROOT / "sync").rglob("*.py"), *(ROOT / "connector").rglob("*.py")]
    used = {
        found
        for path in sources
        for found in re.findall(r"FENLEI_[A-Z_]*[A-Z]", path.read_text("utf-8"))
    }
    told = {row[0].strip("`") for row in rows(text(name)) if row[0].startswith("`FENLEI_")}
    assert told == used


def test_the_fields_are_told_under_their_labels() -> None:
    english, chinese = (text(name) for name in READMES)
    for field in MINIMAL:
        label = FIELD_LABELS[field.key]
        assert f"\n| {label[Language.EN]} |" in english
        assert f"\n| {label[Language.ZH_HANS]}（{label[Language.EN]}） |" in chinese
    assert len(MINIMAL) == 10


@pytest.mark.parametrize(
    ("heading", "language"),
    [("简体中文", Language.ZH_HANS), ("繁體中文", Language.ZH_HANT), ("English", Language.EN)],
)
def test_reps_read_the_labels_that_they_see(heading: str, language: Language) -> None:
    told = section(text("docs/reps.md"), heading)
    labels = [FIELD_LABELS[field.key][language] for field in MACHINE_FIELDS]
    assert [label for label in labels if label not in told] == []


def test_the_policy_guide_names_the_points_of_potential_as_they_are_given() -> None:
    guide = text("docs/policy.md").partition("### Points of potential and fit\n")[2]
    table = tables(guide)[0]
    parts = (potential.GROWTH, potential.FIT, potential.PIPELINE, potential.FREQUENCY)
    given = (*parts, potential.STAYING)
    assert [(row[0], int(row[1])) for row in table] == list(
        zip(("growth", "fit", "open deals", "frequency", "loyalty"), given, strict=True)
    )


def test_the_figures_of_the_policy_guide_are_the_shipped_ones() -> None:
    guide = text("docs/policy.md")
    limits, settings = Limits(), Settings()
    shipped = {
        f"`max_changed_percent` ({limits.max_changed_percent:g} %)",
        f"`max_tasks` ({limits.max_tasks})",
        f"`max_shrink_percent` ({limits.max_shrink_percent:g} %)",
        f"`max_credits_percent` ({limits.max_credits_percent:g})",
        f"`quarantine_minutes` ({limits.quarantine_minutes})",
        f"`window_days` ({settings.tier_window_days})",
        f"{settings.tier_large_share:.0%}".replace("%", " %"),
        f"{settings.tier_medium_share:.0%}".replace("%", " %"),
        f"{settings.loyal_below:.2f} to {settings.fairly_loyal_below:.2f}",
        f"{settings.ordinary_below:.2f} to {settings.at_risk_below:.2f}",
    }
    words = " ".join(guide.split())
    assert [figure for figure in shipped if figure not in words] == []
    assert f"({settings.horizon_days})" in words


def test_every_brake_of_the_policy_guide_is_one_of_the_code_and_every_one_is_there() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "sync").glob("*.py")]
    raised = {name for source in sources for name in re.findall(r'Brake\(\s*"(\w+)"', source)}
    told = {row[0].strip("`") for row in rows(section(text("docs/policy.md"), "Brakes"))}
    assert told == raised


def test_every_section_of_the_policy_is_in_its_guide() -> None:
    shipped = default_text()
    named = set(re.findall(r"^(\[\[?\w+\]\]?)$", shipped, re.MULTILINE))
    told = {row[0].strip("`") for row in rows(section(text("docs/policy.md"), "Sections"))}
    assert told == named


def test_the_policies_that_documents_show_have_no_problems(tmp_path: Path) -> None:
    shown = [block for path in DOCUMENTS for block in blocks(path.read_text("utf-8"), "toml")]
    assert shown
    for block in shown:
        file = tmp_path / "policy.toml"
        file.write_text(block, "utf-8")
        load_policy(file, catalogue=CLASSES)


def test_the_example_of_a_new_classifier_works() -> None:
    duckdb = pytest.importorskip("duckdb")
    example = next(b for b in blocks(text("CONTRIBUTING.md"), "python") if "DIMENSION" in b)
    module: dict[str, object] = {}
    exec(compile(example, "classifiers/frequency.py", "exec"), module)  # noqa: S102 - our own page
    columns = module["DIMENSION"].columns(Thresholds(Settings(), NO_TIERS))  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        frame = nw.from_native(connection.sql("select unnest([0, 4, 12]) as purchases_12m"))
        found = frame.with_columns(*columns).to_native().fetchall()
    assert found == [
        (0, "rare", "bought_seldom"),
        (4, "occasional", "bought_quarterly"),
        (12, "frequent", "bought_monthly"),
    ]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda path: path.stem
)
def test_every_decision_tells_its_context_choice_and_price(path: Path) -> None:
    document = path.read_text("utf-8")
    assert document.startswith(f"# {path.name[:4]} ")
    assert re.search(r"^\d{4}-\d\d-\d\d$", document, re.MULTILINE)
    parts = [document.find(f"**{word}.**") for word in ("Context", "Choice", "Price")]
    assert -1 < parts[0] < parts[1] < parts[2]
    assert len(document.splitlines()) < 40


def test_the_changelog_tells_of_the_version_in_the_project_file() -> None:
    version = re.search(r'^version = "(.+)"$', text("pyproject.toml"), re.MULTILINE)
    assert version
    assert f"## [{version[1]}]" in text("CHANGELOG.md")


def value_of(path: str) -> object:
    """What a dotted path names: a module's constant, a field of one, or the default of a class's field."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        with suppress(ModuleNotFoundError):
            found: object = importlib.import_module(".".join(parts[:end]))
            for part in parts[end:]:
                fields = getattr(found, "__dataclass_fields__", {})
                is_default = isinstance(found, type) and part in fields
                found = fields[part].default if is_default else getattr(found, part)
            return found
    raise AssertionError(f"there is no {path}")


def test_the_limits_and_waits_that_are_promised_are_those_of_the_code() -> None:
    for what, told, path in rows(section(text("docs/reliability.md"), "Limits and waits")):
        value = value_of(path.strip("`"))
        if isinstance(value, timedelta):
            value = value.days if "days" in what else value.total_seconds()
        if "MB" in what:
            value = int(str(value)) / 2**20
        assert float(told) == float(str(value)), what
