"""Workflow rules of the organisation: "when this field changes, set that one", unless the call forbids it.

A call that sends ``trigger: []`` runs no workflow (Zoho v8 docs, insert-records); a change that a workflow
makes does not set off another one (update-records).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from connector.standin.answers import JsonObject
from connector.standin.journal import Act
from connector.standin.tenant import Tenant

ANY_FIELD = "*"


@dataclass(frozen=True, slots=True)
class Workflow:
    """One rule; a value to set may be a function of the record. ``delay`` in seconds of the clock."""

    module: str
    when_field: str
    then: Mapping[str, object]
    delay: float = 0.0

    def fits(self, module: str, before: JsonObject | None, after: JsonObject) -> bool:
        """Whether this change sets the rule off."""
        if module != self.module:
            return False
        name = self.when_field
        return name == ANY_FIELD or (before or {}).get(name) != after.get(name)

    def values(self, record: JsonObject) -> JsonObject:
        """What the rule sets."""
        return {name: v(record) if callable(v) else v for name, v in self.then.items()}


@dataclass(slots=True)
class Workflows:
    """All rules, looked at after every change of a record."""

    tenant: Tenant
    rules: list[Workflow] = field(default_factory=list)
    _working: bool = False

    def add(
        self,
        module: str,
        when_field: str,
        then: Mapping[str, object | Callable[[JsonObject], object]],
        delay: float = 0.0,
    ) -> None:
        """Set up one more rule.

        Args:
            module: whose records it watches.
            when_field: the API name of the field whose change sets it off; ``*`` for any change.
            then: what it sets on the same record, by API name; a value may be a function of the record.
            delay: seconds of the stand-in's clock until it acts.
        """
        self.rules.append(Workflow(module, when_field, dict(then), delay))

    def changed(self, module: str, before: JsonObject | None, after: JsonObject, act: Act) -> None:
        """Let every rule act that this change sets off; in the log as ``workflow``, outside any call."""
        allowed = act.trigger is None or "workflow" in act.trigger
        if self._working or not (allowed or self.tenant.switches.workflows_ignore_trigger):
            return
        for rule in [rule for rule in self.rules if rule.fits(module, before, after)]:
            if rule.delay:
                self._later(rule, after["id"], act)
            else:
                self._act(rule, after["id"], act)

    def _later(self, rule: Workflow, record_id: str, act: Act) -> None:
        self.tenant.apply_later(rule.delay, lambda: self._act(rule, record_id, act))

    def _act(self, rule: Workflow, record_id: str, act: Act) -> None:
        record = self.tenant.store.shelf(rule.module).live.get(record_id)
        if record is None:
            return
        self._working = True
        try:
            by = replace(act, request=0)
            values = rule.values(record)
            self.tenant.store.update(rule.module, record_id, values, by, action="workflow")
        finally:
            self._working = False
