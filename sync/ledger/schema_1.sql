-- The ledger, version 1. Only appended to or moved forward; nothing here is ever guessed.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE run (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    status      TEXT NOT NULL,
    as_of       TEXT NOT NULL,
    policy      TEXT NOT NULL,
    summary     TEXT NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE intent (
    key           TEXT PRIMARY KEY,
    kind          TEXT NOT NULL CHECK (kind IN ('fields', 'task', 'close')),
    module        TEXT NOT NULL,
    record_id     TEXT NOT NULL,
    purpose       TEXT NOT NULL,
    body          TEXT NOT NULL,
    body_sha256   TEXT NOT NULL,
    run_id        TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN
                  ('planned', 'sent', 'unknown', 'done', 'rejected', 'superseded', 'cancelled', 'parked')),
    attempt       INTEGER NOT NULL DEFAULT 0,
    sent_at       TEXT,
    resolve_after TEXT,
    crm_id        TEXT NOT NULL DEFAULT '',
    crm_modified  TEXT,
    error_code    TEXT NOT NULL DEFAULT '',
    error_text    TEXT NOT NULL DEFAULT '',
    created_at    TEXT NOT NULL
) STRICT;
CREATE INDEX intent_by_state ON intent (state, kind);
CREATE INDEX intent_by_record ON intent (record_id, kind, purpose);
CREATE INDEX intent_by_run ON intent (run_id);

-- Every send and every read-back of an intent, appended and never changed.
CREATE TABLE attempt (
    id         INTEGER PRIMARY KEY,
    intent_key TEXT NOT NULL REFERENCES intent (key),
    at         TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT NOT NULL
) STRICT;

-- What each field held before an intent and should hold after it: the substance of undo.
CREATE TABLE field_change (
    intent_key TEXT NOT NULL REFERENCES intent (key),
    record_id  TEXT NOT NULL,
    field      TEXT NOT NULL,
    old        TEXT NOT NULL,
    new        TEXT NOT NULL,
    PRIMARY KEY (intent_key, field)
) STRICT, WITHOUT ROWID;

-- The last value of ours that the CRM confirmed: anything else in the field is a person's.
CREATE TABLE ours (
    record_id TEXT NOT NULL,
    field     TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE held (
    record_id TEXT NOT NULL,
    field     TEXT NOT NULL,
    value     TEXT NOT NULL,
    wanted    TEXT NOT NULL,
    since     TEXT NOT NULL,
    PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE class_history (
    record_id TEXT NOT NULL,
    dimension TEXT NOT NULL,
    since     TEXT NOT NULL,
    code      TEXT NOT NULL,
    before    TEXT NOT NULL,
    run_id    TEXT NOT NULL,
    PRIMARY KEY (record_id, dimension, since)
) STRICT, WITHOUT ROWID;
