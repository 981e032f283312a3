"""A policy in the form of its file again: what is compared, fingerprinted and shown to people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from classifiers.settings import Settings
from sync.policy.dimension_document import dimension_sections
from sync.policy.follow_up_section import WEEKDAYS
from sync.policy.model import Conditions, Limits, Playbook, Policy, TaskPlan
from sync.review.rules import ReviewRules, without_guard
from sync.words import Language

Document = dict[str, object]

_FINGERPRINT_DIGITS = 12


def as_document(policy: Policy) -> Document:
    """Plain JSON values under the file's own sections and keys, ready to dump or to compare.

    Lists whose order means nothing are sorted; the order of playbooks means something.
    """
    stages = policy.stages
    return {
        "version": policy.number,
        "effective_from": policy.effective_from.isoformat() if policy.effective_from else "",
        "language": policy.language.value,
        "home_currency": policy.home_currency,
        "stages": {
            "won": sorted(stages.won),
            "lost": sorted(stages.lost),
            "open": sorted(stages.open),
            "trial": sorted(stages.trial),
        },
        **_thresholds(policy.settings),
        "questions": {"leave_out": sorted(policy.left_out)},
        **dimension_sections(policy),
        "read": {"modules": [*policy.further_modules]},
        "fields": {"write": sorted(policy.fields.write)},
        "labels": _labels(policy.labels),
        "follow_up": {
            "otherwise_days": policy.otherwise_days,
            "most_tasks_per_account": policy.most_tasks_per_account,
            "fallback_owner": policy.fallback_owner,
            "tasks_per_day": policy.tasks_per_day,
            "work_days": [WEEKDAYS[day] for day in sorted(policy.working_days.weekdays)],
            "holidays": sorted(day.isoformat() for day in policy.working_days.holidays),
        },
        "marks": {code: _by_tag(words) for code, words in policy.marks.items()},
        "playbook": [_playbook(playbook) for playbook in policy.playbooks],
        "portfolio": {
            "paused_share_limit": policy.portfolio.paused_share_limit,
            "paused_share_from_accounts": policy.portfolio.paused_share_from_accounts,
            "conversion_days": policy.portfolio.conversion_days,
            "count_won_by": list(policy.portfolio.count_won_by),
        },
        "review": _review(policy.review),
        "accounts": {"leave_out": {n: list(v) for n, v in policy.accounts_left_out.items()}},
        "limits": _limits(policy.limits),
        "writes": {
            "run_workflows": policy.run_workflows,
            "probability_step": policy.probability_step,
        },
        "retention": {"days": policy.retention_days},
    }


def fingerprint(policy: Policy) -> str:
    """12 hex digits of SHA-256 over every decision in the policy.

    The manager's version number, the day from which on it is in force, and the numbers of requirements
    are left out: they decide nothing about a customer.
    """
    playbooks = tuple(replace(playbook, requirements=()) for playbook in policy.playbooks)
    document = as_document(replace(policy, playbooks=playbooks))
    del document["version"], document["effective_from"]
    normalised = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(normalised.encode()).hexdigest()[:_FINGERPRINT_DIGITS]


def _thresholds(settings: Settings) -> Document:
    return {
        "tier": {
            "large_from": _or_auto(settings.tier_large_from),
            "medium_from": _or_auto(settings.tier_medium_from),
            "window_days": settings.tier_window_days,
            "large_share": settings.tier_large_share,
            "medium_share": settings.tier_medium_share,
        },
        "loyalty": {
            "loyal_below": settings.loyal_below,
            "fairly_loyal_below": settings.fairly_loyal_below,
            "ordinary_below": settings.ordinary_below,
            "at_risk_below": settings.at_risk_below,
            "loyal_from_purchases": settings.loyal_from_purchases,
            "new_within_days": settings.new_within_days,
        },
        "churn": {
            "horizon_days": settings.horizon_days,
            "low_below": settings.risk_low_below,
            "medium_below": settings.risk_medium_below,
            "high_below": settings.risk_high_below,
        },
        "value": {
            "high_from": _or_auto(settings.value_high_from),
            "middle_from": _or_auto(settings.value_middle_from),
            "high_share": settings.value_high_share,
            "middle_share": settings.value_middle_share,
        },
        "stability": {
            "probability_margin": settings.probability_margin,
            "amount_margin": settings.amount_margin,
        },
    }


def _or_auto(amount: float | None) -> float | str:
    return "auto" if amount is None else amount


def _labels(labels: Mapping[tuple[str, str], Mapping[Language, str]]) -> Document:
    document: dict[str, dict[str, dict[str, str]]] = {}
    for (dimension, code), text in labels.items():
        document.setdefault(dimension, {})[code] = _by_tag(text)
    return dict(document)


def _limits(limits: Limits) -> Document:
    return {
        "max_changed_percent": limits.max_changed_percent,
        "max_tasks": limits.max_tasks,
        "max_shrink_percent": limits.max_shrink_percent,
        "max_credits_percent": limits.max_credits_percent,
        "ask_above_credits": limits.ask_above_credits,
        "quarantine_minutes": limits.quarantine_minutes,
        "first_filling_in_bulk": limits.first_filling_in_bulk,
    }


def _review(rules: ReviewRules) -> Document:
    return {
        "classes": {dimension: list(codes) for dimension, codes in rules.classes.items()},
        "two_people": {dimension: list(codes) for dimension, codes in rules.two_people.items()},
        "reviewer": rules.reviewer,
        "second_reviewer": rules.second_reviewer,
        "at_first": rules.at_first,
        "due_in_days": rules.due_in_days,
    }


def _playbook(playbook: Playbook) -> Document:
    document: Document = {"purpose": playbook.purpose, "when": _conditions(playbook.when)}
    if playbook.follow_up_days is not None:
        document["follow_up_days"] = playbook.follow_up_days
    if playbook.strategy:
        document["strategy"] = _by_tag(playbook.strategy)
    if playbook.promotion:
        document["promotion"] = True
    asked = replace(playbook, has=without_guard(playbook.has))  # the rest follows from [review]
    document |= _lists(asked, "marks", "has", "lacks", "requirements")
    if playbook.task is not None:
        document["task"] = _task(playbook.task)
    return document


def _task(task: TaskPlan) -> Document:
    document: Document = {
        "subject": _by_tag(task.subject),
        "checklist": {language.value: list(steps) for language, steps in task.checklist.items()},
        "due_in_days": task.due_in_days,
        "priority": task.priority,
        "at_first": task.at_first,
    }
    if task.kind is not None:
        document["kind"] = task.kind
    if task.for_manager:
        document["for_manager"] = True
    if task.remind_again_days is not None:
        document["remind_again_days"] = task.remind_again_days
    if task.last_round is not None:
        document["last_round"] = task.last_round
    if task.until:
        document["until"] = _conditions(task.until)
    if task.came_from:
        document["came_from"] = _conditions(task.came_from)
    return document


def _conditions(conditions: Conditions) -> Document:
    return {dimension: list(classes) for dimension, classes in conditions.items()}


def _lists(playbook: Playbook, *names: str) -> Document:
    """The lists that hold anything."""
    return {name: list(getattr(playbook, name)) for name in names if getattr(playbook, name)}


def _by_tag(text: Mapping[Language, str]) -> dict[str, str]:
    return {language.value: words for language, words in text.items()}
