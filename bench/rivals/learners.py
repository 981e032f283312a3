"""Methods that learn from how customers like these turned out at earlier days.

Every snapshot that they are trained on is a horizon older than the cut-off or more, so that its
outcome was known by then. Their other settings are fixed and were
never tuned; the number of snapshots was chosen after seeing results (see ``snapshot.SNAPSHOTS``).
"""

from __future__ import annotations

import numpy as np

from rivals.records import Number, Records
from rivals.simple import Answer
from rivals.snapshot import Lesson, Snapshot, lessons, snapshot

SEED = 1


def logistic(records: Records, cut: int, horizon: int) -> Answer:
    """Logistic regression of scikit-learn on standardised columns."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    past = lessons(records, cut, horizon)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(*_training(past))
    away = model.predict_proba(columns(snapshot(records, cut)))[:, 1]
    return Answer(away, away, note=_told(past))


def boosted_trees(records: Records, cut: int, horizon: int) -> Answer:
    """LightGBM: one model for who stays away, one for the logarithm of what is spent."""
    from lightgbm import LGBMClassifier, LGBMRegressor

    settings = {
        "n_estimators": 200,
        "learning_rate": 0.03,
        "num_leaves": 15,
        "min_child_samples": 50,
        "random_state": SEED,
        "deterministic": True,
        "verbose": -1,
    }
    past, now = lessons(records, cut, horizon), columns(snapshot(records, cut))
    x, away = _training(past)
    churn = LGBMClassifier(**settings).fit(x, away).predict_proba(now)[:, 1]
    spent = np.log1p(np.concatenate([lesson.spent for lesson in past]))
    return Answer(churn, churn, LGBMRegressor(**settings).fit(x, spent).predict(now), _told(past))


def cox(records: Records, cut: int, horizon: int) -> Answer:
    """Cox regression of ``lifelines`` on the days to the next purchase, from one past snapshot."""
    import pandas as pd
    from lifelines import CoxPHFitter

    past = lessons(records, cut, horizon, most=1)
    then, middle, spread = past[0], *_scale(columns(past[0].then))
    table = pd.DataFrame((columns(then.then) - middle) / spread)
    table["days"], table["came"] = then.until_next, ~then.stayed_away
    model = CoxPHFitter(penalizer=0.01).fit(table, "days", "came")
    now = pd.DataFrame((columns(snapshot(records, cut)) - middle) / spread)
    away = model.predict_survival_function(now, times=[horizon]).to_numpy()[0]
    return Answer(away, away, note=_told(past))


def columns(now: Snapshot) -> Number:
    """What the learners see of an account: its history in a dozen numbers, none of them a date."""
    repeats = now.purchases > 1
    own_gap = np.where(repeats, now.gap, 0.0)
    return np.stack(
        [
            np.log1p(now.silence),
            np.log1p(now.age),
            np.log1p(now.last - now.first),
            np.log1p(now.purchases),
            np.log1p(own_gap),
            np.log1p(now.silence / now.gap),
            repeats.astype(np.float64),
            np.log1p(np.maximum(now.spent, 0)),
            np.log1p(np.maximum(now.spent_year, 0)),
            np.log1p(now.paid / now.purchases),
            *np.log1p(now.recent).T,
        ],
        axis=1,
    )


def _training(past: list[Lesson]) -> tuple[Number, Number]:
    x = np.concatenate([columns(lesson.then) for lesson in past])
    return x, np.concatenate([lesson.stayed_away for lesson in past]).astype(np.float64)


def _scale(x: Number) -> tuple[Number, Number]:
    return x.mean(0), np.maximum(x.std(0), 1e-6)


def _told(past: list[Lesson]) -> str:
    return f"trained on {len(past)} snapshot{'s' * (len(past) > 1)}"
