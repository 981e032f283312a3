"""The local copy of what the CRM holds, in which every account is classified without asking Zoho again.

Start reading at :mod:`sync.mirror.store`. Nothing outside this package imports DuckDB.
"""

from __future__ import annotations

from sync.mirror.choices import names_standing
from sync.mirror.days import keep_time_zone
from sync.mirror.differences import (
    Candidate,
    Column,
    account_name_matches,
    candidates,
    class_counts,
    verdict_rows,
)
from sync.mirror.engine import DuckEngine
from sync.mirror.errors import (
    FileProblem,
    MirrorBusy,
    MirrorError,
    MirrorUnusable,
    NothingPulled,
)
from sync.mirror.export import convert_to_csv, kept_from_parts, write_table
from sync.mirror.files import load_files
from sync.mirror.findings import Finding, findings
from sync.mirror.forgetting import forget_records
from sync.mirror.instance import Instance
from sync.mirror.kept import Kept, forget_kept, kept_rows, key_of
from sync.mirror.kept_verdicts import fingerprint, keep_verdicts, verdicts_of
from sync.mirror.numbered import number_of, numbered
from sync.mirror.portfolio import (
    TaskMark,
    in_classes,
    kept_count,
    open_tasks,
    tagged,
    task_marks,
    task_subjects,
    verdict_ids,
)
from sync.mirror.profile import PROFILE_FIELDS
from sync.mirror.pulling import PullCount, Pulling
from sync.mirror.signals import Meanings
from sync.mirror.stage_names import keep_stage_names
from sync.mirror.stamps import (
    accounts_with_any,
    count_changed_since,
    modified_at,
    newest_date,
)
from sync.mirror.store import Mirror
from sync.mirror.tables import Tables, classifier_tables

__all__ = [
    "PROFILE_FIELDS",
    "Candidate",
    "Column",
    "DuckEngine",
    "FileProblem",
    "Finding",
    "Instance",
    "Kept",
    "Meanings",
    "Mirror",
    "MirrorBusy",
    "MirrorError",
    "MirrorUnusable",
    "NothingPulled",
    "PullCount",
    "Pulling",
    "Tables",
    "TaskMark",
    "account_name_matches",
    "accounts_with_any",
    "candidates",
    "class_counts",
    "classifier_tables",
    "convert_to_csv",
    "count_changed_since",
    "findings",
    "fingerprint",
    "forget_kept",
    "forget_records",
    "in_classes",
    "keep_stage_names",
    "keep_time_zone",
    "keep_verdicts",
    "kept_count",
    "kept_from_parts",
    "kept_rows",
    "key_of",
    "load_files",
    "modified_at",
    "names_standing",
    "newest_date",
    "number_of",
    "numbered",
    "open_tasks",
    "tagged",
    "task_marks",
    "task_subjects",
    "verdict_ids",
    "verdict_rows",
    "verdicts_of",
    "write_table",
]
