-- Version 4: classes and marks that wait for a person's word, and every step of their review.
-- A review stands for as long as the verdict does; ended tells the day on which that became another one.
CREATE TABLE review (
    id          INTEGER PRIMARY KEY,
    record_id   TEXT NOT NULL,
    dimension   TEXT NOT NULL,
    code        TEXT NOT NULL,
    before      TEXT NOT NULL,
    since       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'reviewed', 'final', 'rejected', 'withdrawn')),
    seen        TEXT NOT NULL,
    first_round INTEGER NOT NULL,
    accepted_by TEXT NOT NULL,
    ended       TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX review_standing ON review (record_id, dimension, code) WHERE ended = '';
CREATE INDEX review_by_record ON review (record_id);

-- What people and runs did about a review, appended; only what people wrote is forgotten in time.
CREATE TABLE review_step (
    id        INTEGER PRIMARY KEY,
    review_id INTEGER NOT NULL REFERENCES review (id),
    at        TEXT NOT NULL,
    run_id    TEXT NOT NULL,
    what      TEXT NOT NULL,
    by        TEXT NOT NULL,
    via       TEXT NOT NULL,
    task_id   TEXT NOT NULL,
    note      TEXT NOT NULL
) STRICT;
CREATE INDEX review_step_by_review ON review_step (review_id);
