-- Version 2: the audit trail, and what must be quick to find. Earlier versions stay as they are.
-- A row's hash is taken over the hash before it and the row, see sync/ledger/audit.py.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         TEXT NOT NULL,
    run_id     TEXT NOT NULL,
    who        TEXT NOT NULL,
    module     TEXT NOT NULL,
    record_id  TEXT NOT NULL,
    account_id TEXT NOT NULL,
    field      TEXT NOT NULL,
    old        TEXT NOT NULL,
    new        TEXT NOT NULL,
    reason     TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    code       TEXT NOT NULL,
    intent_key TEXT NOT NULL,
    hash       BLOB NOT NULL
) STRICT;
CREATE INDEX audit_by_run ON audit (run_id);
CREATE INDEX audit_by_record ON audit (record_id);
CREATE INDEX audit_by_account ON audit (account_id) WHERE account_id <> '';
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
-- REPLACE would delete without asking the trigger above.
CREATE TRIGGER audit_has_no_gaps BEFORE INSERT ON audit
WHEN NEW.id <> (SELECT coalesce(max(id), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;

-- Begins the chain of hashes, so that no two ledgers' trails can be taken for each other.
INSERT INTO meta VALUES ('ledger_id', lower(hex(randomblob(16))));

CREATE INDEX intent_by_mark ON intent (substr(key, 1, 8)) WHERE kind = 'task';
CREATE INDEX intent_by_crm_id ON intent (crm_id) WHERE kind = 'task';
CREATE INDEX intent_written ON intent (sent_at, record_id) WHERE state = 'done' AND kind = 'fields';
