"""Carries what was planned to the CRM, so that nothing is lost and nothing is made twice.

Start reading at :mod:`sync.sending.carry_out`. What becomes of a lost answer is in
:mod:`sync.sending.resolve`.
"""
