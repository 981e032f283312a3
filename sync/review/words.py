"""What a review says to people: the choices of its two fields, its sentence on an account, and its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from connector.model import Option
from sync.words import FIELD_LABELS, Language, Text

ACCEPT, REJECT = "accept", "reject"
"""What people choose in the field of decisions."""

_GREY, _BLUE, _GREEN, _RED = "#b0b0b0", "#658ba8", "#168b34", "#d34c4c"


class Choice(NamedTuple):
    """One choice of a picklist whose choices are always the same."""

    code: str
    words: Text
    colour: str


def _text(en: str, zh_hans: str, zh_hant: str) -> Text:
    return {Language.EN: en, Language.ZH_HANS: zh_hans, Language.ZH_HANT: zh_hant}


CHOICES: Mapping[str, tuple[Choice, ...]] = {
    "class_status": (
        Choice("proposed", _text("Proposed", "待审核", "待審核"), _GREY),
        Choice("reviewed", _text("Reviewed once", "已初审", "已初審"), _BLUE),
        Choice("final", _text("Final", "已生效", "已核定"), _GREEN),
        Choice("rejected", _text("Rejected", "已驳回", "已駁回"), _RED),
    ),
    "review_decision": (
        Choice(ACCEPT, _text("Accept", "同意", "同意"), _GREEN),
        Choice(REJECT, _text("Reject", "驳回", "駁回"), _RED),
    ),
}
"""Field → its choices, in the order in which people see them."""


def options(field: str, language: Language) -> tuple[Option, ...]:
    """The choices of one of these fields as the CRM is asked to create them; none for any other field."""
    return tuple(
        Option(choice.code, choice.words[language], colour=choice.colour)
        for choice in CHOICES.get(field, ())
    )


_WAITING: Text = _text(
    "Proposed: {label}, waiting for review since {day}.",
    "建议：{label}，{day} 起待审核。",
    "建議：{label}，{day} 起待審核。",
)
_REJECTED: Text = _text(
    "Proposed: {label}, but rejected.",
    "建议：{label}，已驳回。",
    "建議：{label}，已駁回。",
)

_SUBJECT: Text = _text(
    "Decide: {account} – {label}?", "审核：{account} – {label}？", "審核：{account} – {label}？"
)
_SECOND_SUBJECT: Text = _text(
    "Decide as second person: {account} – {label}?",
    "第二人审核：{account} – {label}？",
    "第二人審核：{account} – {label}？",
)
_INSTEAD: Text = _text(
    "Proposed is “{label}” instead of “{before}”, which holds until it is decided.",
    "建议由“{before}”改为“{label}”；审核完成之前保持原分类。",
    "建議由「{before}」改為「{label}」；審核完成前維持原分類。",
)
_ANEW: Text = _text(
    "Proposed is “{label}”; it does not count until it is decided.",
    "建议标为“{label}”；审核完成之前不生效。",
    "建議標示為「{label}」；審核完成前不生效。",
)
_TWO: Text = _text(
    "Two different people have to accept this.",
    "此项须由两位不同人员同意。",
    "此項須由兩位不同人員同意。",
)
_BY_FIELD: Text = _text(
    "Choose Accept or Reject in “{field}” on the account, then complete this task.",
    "请在客户的“{field}”字段选择同意或驳回，然后完成此任务。",
    "請在客戶的「{field}」欄位選擇同意或駁回，再完成此任務。",
)
_BY_COMMAND: Text = _text(
    "To decide, ask your administrator for “fenlei review accept {id}” or “fenlei review reject {id}”. "
    "Completing this task alone decides nothing.",
    "如需决定，请由管理员执行 fenlei review accept {id} 或 fenlei review reject {id}；仅完成此任务不会生效。",
    "如需決定，請由管理員執行 fenlei review accept {id} 或 fenlei review reject {id}；僅完成此任務不會生效。",
)


class Wording(NamedTuple):
    """What a review is about, in people's words; ``before`` is empty where there was nothing."""

    account: str
    account_id: str
    label: str
    before: str


def waiting(label: str, day: str, language: Language) -> str:
    """That a class waits, for the account's reason."""
    return _WAITING[language].format(label=label, day=day)


def turned_down(label: str, language: Language) -> str:
    """That a class was rejected, for the account's reason."""
    return _REJECTED[language].format(label=label)


def subject(about: Wording, language: Language, *, second: bool) -> str:
    """The first line of a task; long names make it longer than a subject may be."""
    template = (_SECOND_SUBJECT if second else _SUBJECT)[language]
    return template.format(account=about.account, label=about.label)


def description(
    about: Wording, evidence: Sequence[str], language: Language, *, two: bool, by_field: bool
) -> str:
    """What a task says: what is proposed, on what evidence, and how to decide.

    Args:
        about: what it is about.
        evidence: sentences.
        language: of the text.
        two: whether two people must accept.
        by_field: whether the organisation has the field of decisions.
    """
    proposed = (_INSTEAD if about.before else _ANEW)[language]
    field = FIELD_LABELS["review_decision"][language]
    how = (_BY_FIELD if by_field else _BY_COMMAND)[language]
    return "\n".join(
        [
            proposed.format(label=about.label, before=about.before),
            *([_TWO[language]] if two else []),
            "",
            *evidence,
            "",
            f"☐ {how.format(field=field, id=about.account_id)}",
        ]
    )


def without_review(text: str) -> str:
    """A reason without the sentence about a review, for telling our own words from people's."""
    for template in (*_WAITING.values(), *_REJECTED.values()):
        start, _, rest = template.partition("{label}")
        end = rest.rpartition("}")[2] if "}" in rest else rest
        if text.startswith(start) and end in text[len(start) :]:
            return text[len(start) :].partition(end)[2].lstrip()
    return text
