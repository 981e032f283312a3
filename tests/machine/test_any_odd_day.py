"""Whatever a day brings at a Zoho that behaves in the least convenient way, every promise holds."""

from __future__ import annotations

from lively_office import AS_DRAWN, OddZoho

TestAnyOddDay = OddZoho.TestCase
TestAnyOddDay.settings = AS_DRAWN
