"""The policy: the one file in which the sales manager says who counts as what, and what then happens."""

from sync.policy.diff import Change, policy_diff
from sync.policy.document import as_document
from sync.policy.load import check_text, default_text, load_policy
from sync.policy.model import (
    MACHINE_FIELDS,
    PRIORITIES,
    FieldPlan,
    Limits,
    Playbook,
    Policy,
    Stages,
    TaskPlan,
)
from sync.policy.playbooks import follow_up_days, matching, task_text
from sync.policy.problems import PolicyError, Problem

__all__ = [
    "MACHINE_FIELDS",
    "PRIORITIES",
    "Change",
    "FieldPlan",
    "Limits",
    "Playbook",
    "Policy",
    "PolicyError",
    "Problem",
    "Stages",
    "TaskPlan",
    "as_document",
    "check_text",
    "default_text",
    "follow_up_days",
    "load_policy",
    "matching",
    "policy_diff",
    "task_text",
]
