-- A ledger as version 1 of its schema left it, with an intent in every state. Never edited: only read.
PRAGMA journal_mode=WAL;
BEGIN TRANSACTION;
CREATE TABLE attempt (
    id         INTEGER PRIMARY KEY,
    intent_key TEXT NOT NULL REFERENCES intent (key),
    at         TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT NOT NULL
) STRICT;
INSERT INTO "attempt" VALUES(1,'VNFZT7HJQEFZUFHM5FB6C364MY','2011-12-09T01:00:03+00:00','unknown','');
INSERT INTO "attempt" VALUES(2,'IWE4CTNS55IESC4UREOIWLRLRL','2011-12-09T01:00:03+00:00','unknown','');
INSERT INTO "attempt" VALUES(3,'QHRN7EWOK7MP4XHNMGGI2VX4EG','2011-12-09T01:00:03+00:00','done','');
INSERT INTO "attempt" VALUES(4,'UXKXMIDYDHLH63MK27N54YVZ5M','2011-12-09T01:00:03+00:00','done','');
INSERT INTO "attempt" VALUES(5,'O6WGL47GSG2CZCHD6PJLYSNDKB','2011-12-09T01:00:03+00:00','rejected','INVALID_DATA');
INSERT INTO "attempt" VALUES(6,'YH6KZT2EUWBOB2JACM3X3DF42X','2011-12-09T01:00:03+00:00','rejected','INVALID_DATA');
INSERT INTO "attempt" VALUES(7,'UVXKXAIWPYLPOHRB3RBQZ3JG4T','2011-12-09T01:00:03+00:00','superseded','');
INSERT INTO "attempt" VALUES(8,'SR4ZAWFB3YOLJFXRUXGOEMOWCZ','2011-12-09T01:00:03+00:00','superseded','');
INSERT INTO "attempt" VALUES(9,'GIRZ27YZHTZVZZICDL5RAKTCU2','2011-12-09T01:00:03+00:00','cancelled','DELETED');
INSERT INTO "attempt" VALUES(10,'OHV5IJJLSH6BUBBMZIQNW5YRJB','2011-12-09T01:00:03+00:00','cancelled','DELETED');
INSERT INTO "attempt" VALUES(11,'5OLPBBYWJGF5DKCQUOV7XIK3NS','2011-12-09T01:00:03+00:00','parked','');
INSERT INTO "attempt" VALUES(12,'3XZKLPVLGZEOJG7SOUDZWI5LWV','2011-12-09T01:00:03+00:00','parked','');
CREATE TABLE class_history (
    record_id TEXT NOT NULL,
    dimension TEXT NOT NULL,
    since     TEXT NOT NULL,
    code      TEXT NOT NULL,
    before    TEXT NOT NULL,
    run_id    TEXT NOT NULL,
    PRIMARY KEY (record_id, dimension, since)
) STRICT, WITHOUT ROWID;
INSERT INTO "class_history" VALUES('9100000000000000003','tier','2011-12-09','large','medium','20111209-010000-k7q2');
CREATE TABLE field_change (
    intent_key TEXT NOT NULL REFERENCES intent (key),
    record_id  TEXT NOT NULL,
    field      TEXT NOT NULL,
    old        TEXT NOT NULL,
    new        TEXT NOT NULL,
    PRIMARY KEY (intent_key, field)
) STRICT, WITHOUT ROWID;
INSERT INTO "field_change" VALUES('3L32IC5BBL2UI5EB4SRPOTS43S','9100000000000000000','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('3L32IC5BBL2UI5EB4SRPOTS43S','9100000000000000000','Tier','null','"large"');
INSERT INTO "field_change" VALUES('5OLPBBYWJGF5DKCQUOV7XIK3NS','9100000000000000007','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('5OLPBBYWJGF5DKCQUOV7XIK3NS','9100000000000000007','Tier','null','"large"');
INSERT INTO "field_change" VALUES('6EM45RDJCMS5KGDKOJFK2YERZW','9100000000000000001','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('6EM45RDJCMS5KGDKOJFK2YERZW','9100000000000000001','Tier','null','"large"');
INSERT INTO "field_change" VALUES('GIRZ27YZHTZVZZICDL5RAKTCU2','9100000000000000006','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('GIRZ27YZHTZVZZICDL5RAKTCU2','9100000000000000006','Tier','null','"large"');
INSERT INTO "field_change" VALUES('O6WGL47GSG2CZCHD6PJLYSNDKB','9100000000000000004','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('O6WGL47GSG2CZCHD6PJLYSNDKB','9100000000000000004','Tier','null','"large"');
INSERT INTO "field_change" VALUES('QHRN7EWOK7MP4XHNMGGI2VX4EG','9100000000000000003','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('QHRN7EWOK7MP4XHNMGGI2VX4EG','9100000000000000003','Tier','null','"large"');
INSERT INTO "field_change" VALUES('UVXKXAIWPYLPOHRB3RBQZ3JG4T','9100000000000000005','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('UVXKXAIWPYLPOHRB3RBQZ3JG4T','9100000000000000005','Tier','null','"large"');
INSERT INTO "field_change" VALUES('VNFZT7HJQEFZUFHM5FB6C364MY','9100000000000000002','Loyalty','"loyal"','"fairly_loyal"');
INSERT INTO "field_change" VALUES('VNFZT7HJQEFZUFHM5FB6C364MY','9100000000000000002','Tier','null','"large"');
CREATE TABLE held (
    record_id TEXT NOT NULL,
    field     TEXT NOT NULL,
    value     TEXT NOT NULL,
    wanted    TEXT NOT NULL,
    since     TEXT NOT NULL,
    PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;
INSERT INTO "held" VALUES('9100000000000000005','Tier','"VIP"','"large"','2011-12-09');
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
INSERT INTO "intent" VALUES('3L32IC5BBL2UI5EB4SRPOTS43S','fields','Accounts','9100000000000000000','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000000"}','d2469e64b98860386f0827bee85fb93da835b3ba16b92cf0d088baa1afa26005','20111209-010000-k7q2','planned',0,NULL,NULL,'',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('XHUGCXTKQDMCVBOEOS2T6V2VE4','task','Tasks','9100000000000000000','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 0 #call-large-xhugcxtk", "What_Id": "9100000000000000000"}','b2465d9a6c7efa65b0197770498e34490273b25459ded27a528cde940d6cb759','20111209-010000-k7q2','planned',0,NULL,NULL,'',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('6EM45RDJCMS5KGDKOJFK2YERZW','fields','Accounts','9100000000000000001','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000001"}','a503c6e8298e4f4f04020df8c88d0daf3b2f0ebc2d925c3d08d8ee7d49a92ca3','20111209-010000-k7q2','sent',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('DZIP5MWC4U4H2I2YOCZY2G75MF','task','Tasks','9100000000000000001','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 1 #call-large-dzip5mwc", "What_Id": "9100000000000000001"}','abf609a11a9a5344e595cfbe96c4945b6ce6e8c0ea8271a989abf3e710e68eb2','20111209-010000-k7q2','sent',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('VNFZT7HJQEFZUFHM5FB6C364MY','fields','Accounts','9100000000000000002','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000002"}','a65e44cf5c233380f01bf384098a5b8bb3836f6837d1e6fa90c5020ef598b3b8','20111209-010000-k7q2','unknown',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('IWE4CTNS55IESC4UREOIWLRLRL','task','Tasks','9100000000000000002','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 2 #call-large-iwe4ctns", "What_Id": "9100000000000000002"}','4f4fc3ea4bf824d3b1f258d5da72000e3d436d9ded92272f7555d429c3092dcc','20111209-010000-k7q2','unknown',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('QHRN7EWOK7MP4XHNMGGI2VX4EG','fields','Accounts','9100000000000000003','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000003"}','e8bcafd8e169855e1ac1d44b17f0085b9ee5c84a77f2e55f92dd543c70712e62','20111209-010000-k7q2','done',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','9100000000000000003','2011-12-09T01:00:02+00:00','','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('UXKXMIDYDHLH63MK27N54YVZ5M','task','Tasks','9100000000000000003','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 3 #call-large-uxkxmidy", "What_Id": "9100000000000000003"}','a75603626a54c88cf138730111607fa94ef95caac18ba9dc07b7f84d82844538','20111209-010000-k7q2','done',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','9300000000000000003','2011-12-09T01:00:02+00:00','','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('O6WGL47GSG2CZCHD6PJLYSNDKB','fields','Accounts','9100000000000000004','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000004"}','0cb50b6e6616efad2512cf612d62b3fd66581382221204bab91dbe4bb2e597b9','20111209-010000-k7q2','rejected',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'INVALID_DATA','the value is not on the list','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('YH6KZT2EUWBOB2JACM3X3DF42X','task','Tasks','9100000000000000004','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 4 #call-large-yh6kzt2e", "What_Id": "9100000000000000004"}','f89efd75bc10d554e8752cec158370250e5141a1cbc3769356de7d0b3b791192','20111209-010000-k7q2','rejected',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'INVALID_DATA','the value is not on the list','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('UVXKXAIWPYLPOHRB3RBQZ3JG4T','fields','Accounts','9100000000000000005','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000005"}','f4acc9e92aad7c58d14aabe0bb19c3d5e9c981206e4a18b37e1c742d6f42d843','20111209-010000-k7q2','superseded',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('SR4ZAWFB3YOLJFXRUXGOEMOWCZ','task','Tasks','9100000000000000005','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 5 #call-large-sr4zawfb", "What_Id": "9100000000000000005"}','bc95b6fbc38a8b812f8778b2d01e1df455de9b2142b1613507d952df534c30b2','20111209-010000-k7q2','superseded',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('GIRZ27YZHTZVZZICDL5RAKTCU2','fields','Accounts','9100000000000000006','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000006"}','17dd32108100c1abfad273395e99a4a6e98b219196d0ba316720f5c2d3ff59b7','20111209-010000-k7q2','cancelled',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'DELETED','A person deleted the task.','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('OHV5IJJLSH6BUBBMZIQNW5YRJB','task','Tasks','9100000000000000006','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 6 #call-large-ohv5ijjl", "What_Id": "9100000000000000006"}','17d6bc0707bbf3e12bb02d38ecd8e4ecbb33b88526f4dae71c34dc04d1d14298','20111209-010000-k7q2','cancelled',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'DELETED','A person deleted the task.','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('5OLPBBYWJGF5DKCQUOV7XIK3NS','fields','Accounts','9100000000000000007','','{"Loyalty": "fairly_loyal", "Tier": "large", "id": "9100000000000000007"}','5e2e9cd99f5a6942307ccff07f09cf2c592079e4f7ada57974b9a8f5bd9659b3','20111209-010000-k7q2','parked',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('3XZKLPVLGZEOJG7SOUDZWI5LWV','task','Tasks','9100000000000000007','call-large','{"Due_Date": "2011-12-12", "Subject": "致电 客户 7 #call-large-3xzklpvl", "What_Id": "9100000000000000007"}','d64841023d9c1636eedeee53c86866d8ddfdfd5482557b14e15d494c91ab00eb','20111209-010000-k7q2','parked',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('QIH4J74SDFUKAEGKI2TSQ3LMAR','close','Tasks','9300000000000000001','call-large','{"Status": "Completed", "id": "9300000000000000001"}','97a0536d7337cd3d1ffa3941dc21f5e2046ead08dfe738660e4593402a6ef70b','20111209-010000-k7q2','sent',1,'2011-12-09T01:00:00+00:00','2011-12-09T01:15:00+00:00','',NULL,'','','2011-12-09T01:00:00+00:00');
INSERT INTO "intent" VALUES('QK7Q2MD9','task','Tasks','9100000000000000020','retain','{}','','adopted','done',0,NULL,NULL,'9300000000000000020',NULL,'','','2011-12-09T01:00:00+00:00');
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "meta" VALUES('organisation','572576000000000123');
INSERT INTO "meta" VALUES('tiers','{"large_from": 1000.0, "medium_from": 300.0}');
CREATE TABLE ours (
    record_id TEXT NOT NULL,
    field     TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (record_id, field)
) STRICT, WITHOUT ROWID;
INSERT INTO "ours" VALUES('9100000000000000003','Loyalty','"fairly_loyal"');
INSERT INTO "ours" VALUES('9100000000000000003','Tier','"large"');
INSERT INTO "ours" VALUES('9100000000000000020','Tier','"small"');
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
INSERT INTO "run" VALUES('20111208-010000-b3fz','sync','2011-12-08T01:00:00+00:00','2011-12-08T01:00:00+00:00','done','2011-12-08','p0','{"credits": 3}');
INSERT INTO "run" VALUES('20111209-010000-k7q2','sync','2011-12-09T01:00:00+00:00',NULL,'running','2011-12-09','p1','{}');
CREATE INDEX intent_by_state ON intent (state, kind);
CREATE INDEX intent_by_record ON intent (record_id, kind, purpose);
CREATE INDEX intent_by_run ON intent (run_id);
PRAGMA user_version=1;
COMMIT;
