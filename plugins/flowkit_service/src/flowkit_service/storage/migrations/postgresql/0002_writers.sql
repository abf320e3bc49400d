CREATE TABLE writers (
    writer TEXT PRIMARY KEY,
    number BIGINT NOT NULL,
    day INTEGER NOT NULL
);
CREATE INDEX writers_by_day ON writers (day)
