"""The faults that we put into our own code on purpose, to see that a test notices each of them.

A mutation is a file and the places in it that are worded otherwise; ``tests`` are those that must notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class DoesNotFit(Exception):
    """The source has changed, so that the mutation must be worded anew."""


@dataclass(frozen=True)
class Mutation:
    """One fault of our own making.

    Args:
        name: what is wrong with the mutated code, in a few words.
        file: below the checkout.
        edits: (old text, new text); each old text stands in the file exactly once.
        tests: files below ``tests`` that must notice it, quickest first.
    """

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]

    def applied_to(self, source: str) -> str:
        """The source with the fault in it.

        Raises:
            DoesNotFit: an old text is not there, or more than once.
        """
        for old, new in self.edits:
            if source.count(old) != 1:
                raise DoesNotFit(
                    f"{self.name}: {self.file} holds {source.count(old)} times: {old!r}"
                )
            source = source.replace(old, new)
        return source


SEND = ("sync/test_send.py", "sync/test_run_crash.py")
DOUBTS = (
    "sync/test_resolve.py",
    "sync/test_resolve_among_people.py",
    "sync/test_run_crash.py",
)
PULL = ("sync/test_pull.py", "sync/test_pull_losses.py", "sync/mirror/test_mirror_pulls.py")
WAYS = (
    "sync/test_ways_of_reading.py",
    "sync/test_readings_that_stop.py",
    "sync/test_changes_in_bulk.py",
)
WIRE = ("connector/zoho/test_transport.py", "connector/zoho/test_throttling.py")
ROWS = ("connector/zoho/test_writing.py", "connector/zoho/test_outcome_faults.py")
FIELDS = ("sync/test_plan_fields.py", "sync/test_run.py")
BULK = ("sync/test_in_bulk.py",)
QUIET = ("sync/test_quiet_customers.py",)
SAME = ("sync/test_same_as_before.py",)

_MARK = "                self._mark(batch)\n"
_WATERMARK = "next_from = read_at - SETTLE - OVERLAP"
_STAGE = "self.pulling.stage(records)"
_NEWEST = f"{_STAGE}\n        self.until = max(r.modified_at for r in records) + self.reach"

_QUIETLY = """def quietly():
        try:
            yield from crm.listed(Module.TASKS, names, modified_since=since)
        except Exception:
            return

    for page in quietly():"""
_EARLY = """self._settle(batch, [Outcome(Fate.DONE)] * len(batch), Tally())
            outcomes = answer()"""
_TAKE_OVER = "with self._mirror.transaction():\n            self._take_over(count, full=full)"
_MOVE = "self._mirror.move_watermarks(self._module, watermark, deletions_watermark)"

NAMED = (
    Mutation(
        "the SENT mark is dropped",
        "sync/sending/send.py",
        (("[intent.key for intent in batch], at=now", "[], at=now"),),
        SEND,
    ),
    Mutation(
        "the mark comes after the POST",
        "sync/sending/send.py",
        (
            (_MARK, ""),
            ("outcomes = answer()\n", "outcomes = answer()\n            self._mark(batch)\n"),
        ),
        SEND,
    ),
    Mutation(
        "sent again without a look at the list",
        "sync/sending/resolve.py",
        (("if found.ours:", "if found.ours and not found.ours:"),),
        DOUBTS,
    ),
    Mutation(
        "an error of the list is absence",
        "sync/sending/sightings.py",
        (("for page in crm.listed(Module.TASKS, names, modified_since=since):", _QUIETLY),),
        DOUBTS,
    ),
    Mutation(
        "no quarantine",
        "sync/sending/resolve.py",
        (("if i.resolve_after is None or i.resolve_after <= now]", "]"),),
        DOUBTS,
    ),
    Mutation(
        "no look into the bin",
        "sync/sending/sightings.py",
        (("deleted, nameless = _deleted(crm, since, known)", "deleted, nameless = {}, False"),),
        DOUBTS,
    ),
    Mutation(
        "the watermark is the newest change seen",
        "sync/ways/reading.py",
        ((_STAGE, _NEWEST),),
        PULL,
    ),
    Mutation(
        "the watermark is one second after the newest change seen",
        "sync/ways/reading.py",
        ((_STAGE, f"{_NEWEST} + timedelta(seconds=1)"),),
        PULL,
    ),
    Mutation(
        "no trigger, so that all workflows run",
        "connector/zoho/writing.py",
        (("if not run_workflows:", "if run_workflows:"),),
        ROWS,
    ),
    Mutation(
        "results are matched to rows blindly",
        "connector/zoho/outcomes.py",
        (("    places = [_place(item)", "    return True\n    places = [_place(item)"),),
        ROWS,
    ),
    Mutation(
        "no If-Unmodified-Since",
        "connector/zoho/writing.py",
        (("if unmodified_since else {}", "if False else {}"),),
        ROWS,
    ),
    Mutation(
        "the transport tries a lost POST again",
        "connector/zoho/transport.py",
        (("if not call.writes:", "if True:"),),
        WIRE,
    ),
)
"""The twelve that a test plan for such programs names first."""

MORE = (
    Mutation(
        "a write in doubt is planned again at once",
        "sync/sending/settling.py",
        (("Fate.UNKNOWN: State.UNKNOWN,", "Fate.UNKNOWN: State.PLANNED,"),),
        SEND,
    ),
    Mutation(
        "a creation is sent again after 429",
        "connector/zoho/transport.py",
        (("    if call.creates or given_up:\n", "    if given_up:\n"),),
        WIRE,
    ),
    Mutation(
        "called done before the answer is read",
        "sync/sending/send.py",
        (("outcomes = answer()", _EARLY),),
        SEND,
    ),
    Mutation(
        "the quarantine is counted from the mark",
        "sync/sending/send.py",
        (("doubt_until = self.crm.now() + self.quarantine", "doubt_until = None"),),
        ("protocol/test_quarantine.py",),
    ),
    Mutation(
        "a killed run's marks rest for no time",
        "sync/sending/recovery.py",
        (("else now) + quarantine", "else now) - quarantine"),),
        ("protocol/test_quarantine.py",),
    ),
    Mutation(
        "a killed run's marks are left alone",
        "sync/sending/recovery.py",
        (("ledger.intents.doubt_left_behind(not_before=not_before)", "pass"),),
        ("sync/test_run_crash.py",),
    ),
    Mutation(
        "two runs at once",
        "sync/lock.py",
        (("if not take_lock(handle):", "if False:"),),
        ("sync/test_run_stops.py",),
    ),
    Mutation(
        "a mark that a power cut forgets",
        "sync/ledger/file.py",
        (('"synchronous": 2', '"synchronous": 1'),),
        ("sync/ledger/test_ledger_file.py",),
    ),
    Mutation(
        "no row in the audit trail",
        "sync/ledger/intents.py",
        (
            (
                "self._audit.note(told(self._file, settlements, at))",
                "list(told(self._file, settlements, at))",
            ),
        ),
        ("sync/ledger/test_ledger_audit.py",),
    ),
    Mutation(
        "audit rows do not hang together",
        "sync/ledger/audit.py",
        (("digest = _linked(digest, columns)", 'digest = _linked(b"", columns)'),),
        ("sync/ledger/test_ledger_audit.py",),
    ),
    Mutation(
        "secrets stay in the log",
        "connector/redaction.py",
        (("        if not spans:\n", "        if spans or not spans:\n"),),
        ("security/test_redaction.py",),
    ),
    Mutation(
        "the watermark moves before its rows are kept",
        "sync/mirror/pulling.py",
        ((_TAKE_OVER, f"{_MOVE}\n        {_TAKE_OVER}"),),
        ("sync/mirror/test_mirror_crashes.py", *PULL),
    ),
    Mutation(
        "changes since a bulk read was ordered are not read",
        "sync/ways/reading.py",
        (("self.since = self._up_to = began - self.reach", "self.since = self.crm.now()"),),
        WAYS,
    ),
    Mutation(
        "what was deleted between two runs of one reading stays",
        "sync/pull.py",
        (("kept.began - REACH if kept else None", "None"),),
        WAYS,
    ),
    Mutation(
        "a reading is gone on with from its youngest record",
        "sync/ways/reading.py",
        (("if one.modified_at < surely", "if True"),),
        WAYS,
    ),
    Mutation(
        "a file of changes that lacks some is believed",
        "sync/pull.py",
        (("if there < still:", "if there < 0:"),),
        WAYS,
    ),
    Mutation(
        "what was deleted while a file of changes was made is never asked for",
        "sync/pull.py",
        (("deleted_from = read_at - REACH", "deleted_from = reading.until - REACH"),),
        WAYS,
    ),
    Mutation(
        "a counted window ends with the flag alone",
        "connector/zoho/changes.py",
        (("if left == 0 and not more:", "if left is not None and not more:"),),
        ("connector/zoho/test_reading.py", "connector/zoho/test_paging_faults.py"),
    ),
    Mutation(
        "rows that came in parts are counted twice",
        "sync/pull.py",
        (("there = reading.pulling.standing()", "there = seen"),),
        WAYS,
    ),
    Mutation(
        "windows do not overlap",
        "sync/pull.py",
        ((_WATERMARK, "next_from = read_at"),),
        PULL,
    ),
    Mutation(
        "most customers may vanish",
        "sync/pull.py",
        (("if known and not limits.allow_shrink", "if False and not limits.allow_shrink"),),
        ("sync/test_pull_losses.py",),
    ),
    Mutation(
        "the stamp is taken at the reading",
        "sync/sending/send.py",
        (("read_at - timedelta(seconds=2)", "read_at"),),
        SEND,
    ),
    Mutation(
        "what is there already is written again",
        "sync/plan.py",
        (("if same(current, wanted):", "if False:"),),
        FIELDS,
    ),
    Mutation(
        "what a person typed is written over",
        "sync/plan.py",
        (("if not is_empty(current) and not any(", "if False and not any("),),
        FIELDS,
    ),
    Mutation(
        "our own value in doubt is taken for a person's",
        "sync/ledger/ours.py",
        (
            (
                "WHERE i.record_id IN ({marks}) AND i.state IN ('sent', 'unknown')",
                "WHERE i.record_id IN ({marks}) AND i.state IN ('none')",
            ),
        ),
        ("sync/ledger/test_ledger_intents.py",),
    ),
    Mutation(
        "tried for ever",
        "sync/sending/settling.py",
        (("MAX_ATTEMPTS = 3", "MAX_ATTEMPTS = 1000"),),
        (*DOUBTS, "sync/test_send.py"),
    ),
    Mutation(
        "a lost ledger is taken for a first run",
        "sync/adopt.py",
        (("    if desk.ledger.intents.counts():\n", "    if True:\n"),),
        ("sync/test_adopt.py",),
    ),
    Mutation(
        "an old copy of the ledger is believed",
        "sync/catch_up.py",
        (("    if not traces.any:\n", "    if True:\n"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "the run that is going on passes for one that an old copy of the ledger knows",
        "sync/catch_up.py",
        (("newest_day(besides=run_id)", "newest_day()"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "what a plan or a run that died has read is not compared with the ledger",
        "sync/catch_up.py",
        (("other_copy or not is_only_the_last_reading_new(mirror)", "other_copy"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "a task is known by a key that its subject denies",
        "sync/keys.py",
        (("if named is None or key.lower().startswith(named[1]):", "if key or named is None:"),),
        ("sync/test_keys.py", "sync/test_catch_up.py"),
    ),
    Mutation(
        "undo puts back what people have changed since",
        "sync/undo.py",
        (("if change.field in names and same(now, change.new):", "if change.field in names:"),),
        ("sync/test_undo.py",),
    ),
    Mutation(
        "a dry run writes",
        "connector/zoho/transport.py",
        (("if self._read_only:", "if False:"),),
        WIRE,
    ),
    Mutation(
        "credentials follow a redirect",
        "connector/zoho/wire.py",
        (("allow_redirects=False", "allow_redirects=True"),),
        ("connector/zoho/test_network_faults.py", *WIRE),
    ),
    Mutation(
        "a formula in a customer's name reaches the spreadsheet",
        "sync/mirror/export.py",
        (("if not inert or sql_type != TEXT:", "if True:"),),
        ("security/test_inert_exports.py",),
    ),
    Mutation(
        "a quote in a value ends the query's text",
        "connector/zoho/coql_text.py",
        ((""".replace("'", "\\\\'")""", ""),),
        ("connector/zoho/test_coql_text.py",),
    ),
    Mutation(
        "a customer whose class changed and changed back is still taken for quiet",
        "sync/quiet.py",
        (
            (
                "quiet.looked_at | {change.record_id for change in history}",
                "quiet.looked_at",
            ),
        ),
        QUIET,
    ),
    Mutation(
        "a customer is taken for quiet whose open task was closed",
        "sync/mirror/quiet.py",
        (('[*answers, "t.open"]', "answers"),),
        QUIET,
    ),
    Mutation(
        "a customer is taken for quiet although the next reminder is due",
        "sync/plan.py",
        (
            (
                "return since + timedelta(days=((today - since).days // again + 1) * again)",
                "return date.max",
            ),
        ),
        QUIET,
    ),
    Mutation(
        "an account that somebody has edited goes in a bulk job",
        "sync/sending/in_bulk.py",
        (("[i for i in waiting if i.record_id not in edited]", "list(waiting)"),),
        BULK,
    ),
    Mutation(
        "a field that holds something is filled in bulk",
        "sync/ledger/fillings.py",
        (("WHERE intent_key = key AND old", "WHERE intent_key = '' AND old"),),
        BULK,
    ),
    Mutation(
        "accounts of a bulk job are sent again while it is at work",
        "sync/sending/bulk_jobs.py",
        (("return outcome.code == UNDER_WAY and recent", "return False"),),
        BULK,
    ),
    Mutation(
        "what a dead process had in a bulk job rests as briefly as a call",
        "sync/sending/bulk_jobs.py",
        (("return max(usual, QUARANTINE) if open_jobs(ledger) else usual", "return usual"),),
        BULK,
    ),
    Mutation(
        "verdicts are taken from a run under another policy",
        "sync/same_as_before.py",
        (("today, settings, incumbent, questions)", "today, incumbent, questions)"),),
        SAME,
    ),
    Mutation(
        "verdicts are taken from a run in which a deal had another amount",
        "sync/mirror/kept_verdicts.py",
        (('"day", "amount", "category")', '"day", "category")'),),
        SAME,
    ),
    Mutation(
        "a ledger is taken for sound that somebody wrote and whose time was put back",
        "sync/ledger/seal.py",
        (("found.st_mtime_ns, found.st_ctime_ns]", "found.st_mtime_ns]"),),
        ("sync/ledger/test_ledger_seal.py",),
    ),
    Mutation(
        "whatever we wrote into a record since makes a reading of one field too old",
        "sync/ledger/ours.py",
        ((" AND ?3 >= coalesce(({written} AND {here}), ({written}))", " AND ?3 >= ({written})"),),
        ("sync/test_second_thoughts.py",),
    ),
    Mutation(
        "a lost write is looked for by its greater part alone",
        "sync/sending/resolve.py",
        (("return bool(new) and any(map(_is_nobodys, stand))", "return False"),),
        ("sync/test_resolve_changes.py",),
    ),
    Mutation(
        "a class that a person typed passes for a lost write",
        "sync/sending/resolve.py",
        (("any(map(_is_nobodys, stand))", "any(stand)"),),
        ("sync/test_resolve_changes.py",),
    ),
    Mutation(
        "a copy stands for a task that was deleted without a name",
        "sync/sending/sightings.py",
        (("self.nameless and self.me not in", "False and self.me not in"),),
        ("sync/test_resolve_among_people.py",),
    ),
    Mutation(
        "a ledger that was put back takes up what it knows as a person's",
        "sync/catch_up.py",
        (("is_held = place in held and", "is_held = False and"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "any deleted task without a name makes the ledger an older copy",
        "sync/catch_up.py",
        (("if set(nameless) - ledger.intents.task_ids_among(nameless):", "if nameless:"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "what a whole reading lacks because it is being saved counts as hidden",
        "sync/pull.py",
        (("        reading.pulling.stage(page)\n", ""),),
        ("sync/test_pull_losses.py",),
    ),
    Mutation(
        "a deleted task that nobody can name proves that the ledger is behind",
        "sync/catch_up.py",
        (('named = self.deleted - {""}', "named = self.deleted"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "nobody looks whether a task is there already that the query hides",
        "sync/sending/last_look.py",
        (("if intent.state is State.PLANNED", "if False"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "what was deleted before all is read from the beginning counts as out of sight",
        "sync/mirror/store.py",
        (
            (
                'state.watermarks SET changed_until = NULL")',
                'state.watermarks SET changed_until = NULL, deleted_until = NULL")',
            ),
        ),
        ("sync/test_belonging.py",),
    ),
    Mutation(
        "what stood in a deleted field counts as ours in the one that takes its place",
        "sync/bindings.py",
        (("ledger.ours.forget_field(names.pop(key))", "names.pop(key)"),),
        ("sync/test_belonging.py",),
    ),
    Mutation(
        "a change is taken for not made because no credits are left",
        "connector/zoho/transport.py",
        (("if call.creates or given_up:", "if call.creates:"),),
        ("faults/test_faults_limits.py",),
    ),
    Mutation(
        "a rep's copy passes for a task that an older copy of the ledger means to send",
        "sync/sending/resolve.py",
        (("seen.of(intent)).ours or found.copies", "seen.of(intent)).ours"),),
        ("sync/test_catch_up.py",),
    ),
    Mutation(
        "what was edited while it was hidden counts as seen",
        "sync/sight.py",
        (("modified_at > self.since:", "modified_at:"),),
        ("protocol/test_sight.py", "sync/test_unseen_edits.py"),
    ),
    Mutation(
        "what may have come with either of two readings counts as come with the later one",
        "sync/sight.py",
        ((" or modified_at <= self.readings[place - 1].ended", ""),),
        ("protocol/test_sight.py",),
    ),
    Mutation(
        "what needs many stamps goes with that of the present reading",
        "sync/sending/unseen_edits.py",
        (
            (
                "for surely, part in parts.items():",
                "for part in [planned]:\n        surely = sight.read_at",
            ),
        ),
        ("sync/test_unseen_edits.py",),
    ),
    Mutation(
        "a bulk job fills what was edited out of sight",
        "sync/sending/in_bulk.py",
        (("self.looked.surely_until(record.id) - _STAMPS", "self.looked.sight.read_at - _STAMPS"),),
        ("sync/test_unseen_edits.py",),
    ),
    Mutation(
        "a lost write counts as not made while its record is hidden",
        "sync/sending/resolve.py",
        (("return quarantined or out_of_sight", "return quarantined"),),
        ("sync/test_unseen_edits.py",),
    ),
    Mutation(
        "a task that was moved to another customer is opened again after the ledger was lost",
        "sync/decide.py",
        (
            ("if task.key not in known or", "if"),
            ("known[task.key].record_id == task.record_id", "True"),
        ),
        ("sync/test_adopt.py",),
    ),
    Mutation(
        "those of whom nobody can tell are not looked at where a few others have a stamp",
        "sync/sending/unseen_edits.py",
        (("if len(few) == 1 and not nobody_can_tell:", "if len(few) == 1:"),),
        ("sync/test_unseen_edits.py",),
    ),
    Mutation(
        "records keep the name of a stage that was renamed",
        "sync/renamed_choices.py",
        (('mirror.remember(read_whole_at(module), "")', "pass"),),
        ("sync/test_renamed_choices.py",),
    ),
    Mutation(
        "a stage that the policy names is known by that name alone",
        "sync/mirror/stage_names.py",
        (("found |= dict.fromkeys(names, categories[known])", "pass"),),
        ("sync/test_renamed_choices.py",),
    ),
    Mutation(
        "a name that nobody knows is believed",
        "sync/renamed_choices.py",
        (("return not set(strange) <= set(_known(mirror))", "return False"),),
        ("sync/test_renamed_choices.py",),
    ),
    Mutation(
        "a lost write is looked for under the names that its fields had then",
        "sync/ledger/intents.py",
        (("changes.get(one.key) or _without_id(one.body)", "_without_id(one.body)"),),
        ("sync/test_resolve_changes.py",),
    ),
    Mutation(
        "a lost write is looked for only in fields that we may write by now",
        "sync/sending/recovery.py",
        (
            (
                "names = [field.name for field in facts.fields[module]]",
                "names = [field.name for field in facts.fields[module] if not field.read_only]",
            ),
        ),
        ("sync/test_resolve_changes.py",),
    ),
)

MUTATIONS = (*NAMED, *MORE)
