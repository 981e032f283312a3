"""Whatever a day brings at a Zoho that behaves as its documents suggest, every promise holds."""

from __future__ import annotations

from lively_office import AS_DRAWN, UsualZoho

TestAnyDay = UsualZoho.TestCase
TestAnyDay.settings = AS_DRAWN
