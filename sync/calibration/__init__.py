"""Finds the limits, intervals and capacities that an organisation's own figures suggest for its policy.

::

    local copy ─ classified ─┬─ classifiers.calibrate ─ limits of classes ───┐
                             └─ what reps did ──────── intervals, capacities ┴─▶ proposal ─▶ lines to paste

Start reading at :mod:`sync.calibrating`.
"""
