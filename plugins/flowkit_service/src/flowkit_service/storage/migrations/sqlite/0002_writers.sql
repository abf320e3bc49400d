CREATE TABLE writers (
    writer TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    day INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX writers_by_day ON writers (day)
