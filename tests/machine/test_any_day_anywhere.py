"""Whatever the day brings at a Zoho that behaves in any way its documents leave open, every promise holds."""

from __future__ import annotations

import hypothesis
from lively_office import AS_DRAWN, AnyZoho


@hypothesis.seed(2)
class AnyDayAnywhere(AnyZoho):
    """Draws how Zoho behaves with each life."""

    scheduled_every = 12


TestAnyDayAnywhere = AnyDayAnywhere.TestCase
TestAnyDayAnywhere.settings = AS_DRAWN
