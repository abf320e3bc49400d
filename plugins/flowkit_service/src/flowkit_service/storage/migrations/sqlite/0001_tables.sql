CREATE TABLE numbers (latest INTEGER NOT NULL);
INSERT INTO numbers (latest) VALUES (0);
CREATE TABLE flows (
    flow_id TEXT PRIMARY KEY,
    user_name TEXT,
    ts_epoch INTEGER NOT NULL,
    tags TEXT NOT NULL,
    system_tags TEXT NOT NULL
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    flow_id TEXT NOT NULL REFERENCES flows (flow_id),
    run_id TEXT NOT NULL,
    user_name TEXT,
    ts_epoch INTEGER NOT NULL,
    created_at REAL NOT NULL,
    heartbeat_at REAL,
    finished_at REAL,
    status TEXT NOT NULL,
    tags TEXT NOT NULL,
    system_tags TEXT NOT NULL,
    token TEXT,
    record TEXT,
    UNIQUE (flow_id, run_id)
);
CREATE INDEX runs_by_creation ON runs (flow_id, created_at, id);
CREATE INDEX runs_by_user ON runs (user_name, created_at);
CREATE INDEX running_runs ON runs (heartbeat_at) WHERE status = 'running';
CREATE TABLE run_tags (
    run INTEGER NOT NULL REFERENCES runs (id),
    tag TEXT NOT NULL,
    is_system INTEGER NOT NULL,
    PRIMARY KEY (run, tag)
) WITHOUT ROWID;
CREATE INDEX run_tags_by_tag ON run_tags (tag);
CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    user_name TEXT,
    ts_epoch INTEGER NOT NULL,
    created_at REAL NOT NULL,
    UNIQUE (run, step_name)
);
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    user_name TEXT,
    ts_epoch INTEGER NOT NULL,
    created_at REAL NOT NULL,
    heartbeat_at REAL,
    ordinal INTEGER NOT NULL,
    status TEXT NOT NULL,
    index_path TEXT NOT NULL,
    record TEXT,
    UNIQUE (run, step_name, task_id)
);
CREATE INDEX tasks_by_ordinal ON tasks (run, ordinal, id);
CREATE INDEX tasks_by_step ON tasks (run, step_name, ordinal, id);
CREATE INDEX tasks_by_index_path ON tasks (run, index_path);
CREATE INDEX tasks_by_status ON tasks (run, status, ordinal, id);
CREATE TABLE attempts (
    run INTEGER NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    status TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (run, step_name, task_id, attempt)
) WITHOUT ROWID;
CREATE TABLE metadata (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    source INTEGER NOT NULL,
    field_name TEXT NOT NULL,
    value TEXT,
    exact TEXT,
    type TEXT,
    user_name TEXT,
    ts_epoch INTEGER NOT NULL,
    tags TEXT NOT NULL,
    system_tags TEXT NOT NULL
);
CREATE INDEX metadata_by_task ON metadata (run, step_name, task_id);
CREATE INDEX metadata_by_field ON metadata (run, field_name);
CREATE TABLE artifacts (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    attempt_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    location TEXT,
    ds_type TEXT,
    sha TEXT,
    type TEXT,
    content_type TEXT,
    user_name TEXT,
    ts_epoch INTEGER NOT NULL,
    UNIQUE (run, step_name, task_id, attempt_id, name)
)
