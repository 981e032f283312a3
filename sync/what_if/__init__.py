"""Tells what another policy would do before anybody works by it: who moves, and what reps get to do.

::

    local copy ─┬─ classified under OLD ─ planned ─▶ outlook ─┐
                └─ classified under NEW ─ planned ─▶ outlook ─┼─▶ comparison
                     who is in another class ─────────────────┘

Nothing is written and the CRM is not called. Start reading at :mod:`sync.comparing`.
"""
