"""How likely an account is to buy again, judged from how often and how recently it bought.

The BG/NBD model (Fader, Hardie and Lee 2005, "Counting Your Customers the Easy Way", Marketing
Science 24(2), 275-284): while active, an account buys at random at its own steady rate; after each
purchase it may stop for good. Rates vary between accounts by a gamma distribution (``r``,
``alpha``), the chance of stopping by a beta distribution (``a``, ``b``).
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from classifiers.maths import TABLE, Maths, Value, Vector

LARGEST_EXPONENT = 700.0
"""Just below where ``exp`` of a double overflows."""

LOG_BOUNDS = (-9.0, 9.0)
"""Parameters stay within e-9 and e9 of their scale: beyond, the curve no longer changes visibly."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The four parameters; ``alpha`` is in the unit of time that the model was fitted in."""

    r: float
    alpha: float
    a: float
    b: float

    def no_purchase(self, x: nw.Expr, t_x: nw.Expr, age: nw.Expr, horizon: float) -> nw.Expr:
        """P(no purchase within the horizon): ``1 - pa + pa * ((α + T) / (α + T + h)) ** (r + x)``.

        ``pa`` is the probability of being active (the article's equation 9), 1 without a repeat
        purchase. The answer is not ``1 - pa``: an active account may still buy nothing. Written
        with fractions below 1 only, so that no power overflows however often an account buys.

        Args:
            x: repeat purchases (all purchases less the first).
            t_x: time from the first to the last purchase.
            age: time from the first purchase to today, the article's T.
            horizon: time looked ahead, the article's t.
        """
        return self.none_within(TABLE, x, t_x, age, horizon)

    def none_within(
        self, maths: Maths[Value], x: Value, t_x: Value, age: Value, horizon: float
    ) -> Value:
        """The same, as an expression or as an array."""
        rate, until_now = x + self.r, age + self.alpha
        stays = ((t_x + self.alpha) / until_now) ** rate * (x + (self.b - 1))
        active = maths.where_positive(x, stays / (stays + self.a), 1.0)
        return 1 - active * (1 - (until_now / (until_now + horizon)) ** rate)

    def no_first_repeat(self, age: Vector, horizon: float) -> Vector:
        """The same probability for accounts with a single purchase, as NumPy values."""
        return ((self.alpha + age) / (self.alpha + age + horizon)) ** self.r


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model, with the log-likelihood that it reaches and whether the search settled."""

    model: BgNbd
    log_likelihood: float
    converged: bool


def fit(x: Vector, t_x: Vector, age: Vector, count: Vector) -> Fit:
    """Find the parameters by maximum likelihood over the distinct histories and their counts.

    Args:
        x: repeat purchases; at least one history must have some.
        t_x: time from the first to the last purchase, in any unit; 0 where ``x`` is 0.
        age: time from the first purchase to today, in the same unit.
        count: accounts that have this history.
    """
    from scipy.optimize import minimize  # not loaded for a company too small to be fitted

    scale = float(np.average(age, weights=count)) or 1.0
    likelihood = _Likelihood.of(x, t_x / scale, age / scale, count)
    repeats = float(np.average(x, weights=count))
    start = np.log([0.5, max(0.5 / max(repeats, 0.1), 0.05), 0.5, 2.0])
    found = minimize(likelihood.cost, start, jac=True, method="L-BFGS-B", bounds=[LOG_BOUNDS] * 4)
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    total = -float(found.fun) * likelihood.accounts - float(count @ x) * float(np.log(scale))
    settled = bool(found.success) and bool(np.isfinite(found.x).all())
    return Fit(BgNbd(r, alpha * scale, a, b), total, settled)


@dataclass(frozen=True, slots=True)
class _Likelihood:
    """The log-likelihood, with everything that the parameters do not change worked out before.

    The two kinds of history are apart because a single purchase leaves one term only, and the
    terms that depend on the number of purchases alone are summed once a number.
    """

    x: Vector
    t_x: Vector
    age: Vector
    count: Vector
    single_age: Vector
    single_count: Vector
    numbers: Vector
    number_of: NDArray[np.intp]
    number_count: Vector
    accounts: float

    @classmethod
    def of(cls, x: Vector, t_x: Vector, age: Vector, count: Vector) -> _Likelihood:
        again = x > 0
        single_age, place = np.unique(age[~again], return_inverse=True)
        numbers, number_of = np.unique(x[again], return_inverse=True)
        return cls(
            x=x[again],
            t_x=t_x[again],
            age=age[again],
            count=count[again],
            single_age=single_age,
            single_count=_summed(place, count[~again], len(single_age)),
            numbers=numbers,
            number_of=number_of,
            number_count=_summed(number_of, count[again], len(numbers)),
            accounts=float(count.sum()),
        )

    def cost(self, log_parameters: Vector) -> tuple[float, Vector]:
        """Minus the mean log-likelihood an account, and its gradient by the logs of r, α, a, b."""
        parameters = np.exp(log_parameters)
        value, gradient = self._repeaters(*parameters)
        single_value, single_gradient = self._singles(*parameters[:2])
        gradient[:2] += single_gradient
        return -(value + single_value) / self.accounts, -gradient * parameters / self.accounts

    def _singles(self, r: float, alpha: float) -> tuple[float, Vector]:
        shrink = np.log(alpha) - np.log(alpha + self.single_age)
        slope = 1 / alpha - 1 / (alpha + self.single_age)
        total = float(self.single_count @ shrink)
        return r * total, np.array([total, r * float(self.single_count @ slope)])

    def _repeaters(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Vector]:
        from scipy.special import digamma, gammaln

        n, w, x = self.numbers, self.number_count, self.x
        until_now, until_last = alpha + self.age, alpha + self.t_x
        log_now = np.log(until_now)
        gone = (np.log(a) - np.log(b + n - 1))[self.number_of]
        gone += (r + x) * (log_now - np.log(until_last))
        left = 1 / (1 + np.exp(-np.clip(gone, -LARGEST_EXPONENT, LARGEST_EXPONENT)))
        either = np.logaddexp(0.0, gone) - (r + x) * log_now
        by_number = gammaln(r + n) - gammaln(r) + gammaln(a + b) + gammaln(b + n)
        by_number += r * np.log(alpha) - gammaln(b) - gammaln(a + b + n)
        value = float(w @ by_number + self.count @ either)

        left_count = self.count * left
        left_by_number = _summed(self.number_of, left_count, len(n))
        log_mean = self.count @ log_now - left_count @ (log_now - np.log(until_last))
        pull = (r + x) * (self.count / until_now + left_count * (1 / until_last - 1 / until_now))
        stay = w @ (digamma(a + b) - digamma(a + b + n))
        return value, np.array(
            [
                w @ (digamma(r + n) - digamma(r) + np.log(alpha)) - log_mean,
                w.sum() * r / alpha - pull.sum(),
                stay + left_count.sum() / a,
                stay + w @ (digamma(b + n) - digamma(b)) - left_by_number @ (1 / (b + n - 1)),
            ]
        )


def _summed(place: NDArray[np.intp], weight: Vector, places: int) -> Vector:
    return np.bincount(place, weight, places).astype(np.float64)
