-- Version 3: how many accounts each owner had in each class, day by day, from which trends are read.
CREATE TABLE snapshot (
    day       TEXT NOT NULL,
    dimension TEXT NOT NULL,
    code      TEXT NOT NULL,
    owner     TEXT NOT NULL,
    accounts  INTEGER NOT NULL CHECK (accounts > 0),
    PRIMARY KEY (day, dimension, code, owner)
) STRICT, WITHOUT ROWID;
