"""The chance that an account buys nothing for a while, and what this estimate rests on.

::

    histories → rhythm model (BG/NBD) ──────────────────────┐
    purchases → landmarks → learner (corrects the rhythm) ──┼→ Forecast
              → trials on earlier days → choice ────────────┘

With enough repeat customers the estimate comes from their own buying rhythm. A learner corrects it
where it proved better on this organisation's own past. Where nothing ranks better than chance, or
the history is too short, the estimate is the plain share or a rough guess, and says so.
"""

from __future__ import annotations

from classifiers.forecast.forecasting import FEWEST_REPEATERS, forecast
from classifiers.forecast.model import Forecast
from classifiers.forecast.sampling import fetch_purchases

__all__ = ["FEWEST_REPEATERS", "Forecast", "fetch_purchases", "forecast"]
