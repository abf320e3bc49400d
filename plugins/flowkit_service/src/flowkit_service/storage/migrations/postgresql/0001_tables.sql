CREATE TABLE migrations (number INTEGER PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT now());
CREATE SEQUENCE numbers;
CREATE TABLE flows (
    flow_id TEXT COLLATE "C" PRIMARY KEY,
    user_name TEXT,
    ts_epoch BIGINT NOT NULL,
    tags TEXT NOT NULL,
    system_tags TEXT NOT NULL
);
CREATE TABLE runs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flow_id TEXT COLLATE "C" NOT NULL REFERENCES flows (flow_id),
    run_id TEXT NOT NULL,
    user_name TEXT,
    ts_epoch BIGINT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    heartbeat_at DOUBLE PRECISION,
    finished_at DOUBLE PRECISION,
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
    run BIGINT NOT NULL REFERENCES runs (id),
    tag TEXT NOT NULL,
    is_system INTEGER NOT NULL,
    PRIMARY KEY (run, tag)
);
CREATE INDEX run_tags_by_tag ON run_tags (tag);
CREATE TABLE steps (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run BIGINT NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    user_name TEXT,
    ts_epoch BIGINT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    UNIQUE (run, step_name)
);
CREATE TABLE tasks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run BIGINT NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    user_name TEXT,
    ts_epoch BIGINT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    heartbeat_at DOUBLE PRECISION,
    ordinal BIGINT NOT NULL,
    status TEXT NOT NULL,
    index_path TEXT COLLATE "C" NOT NULL,
    record TEXT,
    UNIQUE (run, step_name, task_id)
);
CREATE INDEX tasks_by_ordinal ON tasks (run, ordinal, id);
CREATE INDEX tasks_by_step ON tasks (run, step_name, ordinal, id);
CREATE INDEX tasks_by_index_path ON tasks (run, index_path);
CREATE INDEX tasks_by_status ON tasks (run, status, ordinal, id);
CREATE TABLE attempts (
    run BIGINT NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    status TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (run, step_name, task_id, attempt)
);
CREATE TABLE metadata (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run BIGINT NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    source INTEGER NOT NULL,
    field_name TEXT NOT NULL,
    value TEXT,
    exact TEXT,
    type TEXT,
    user_name TEXT,
    ts_epoch BIGINT NOT NULL,
    tags TEXT NOT NULL,
    system_tags TEXT NOT NULL
);
CREATE INDEX metadata_by_task ON metadata (run, step_name, task_id);
CREATE INDEX metadata_by_field ON metadata (run, field_name);
CREATE TABLE artifacts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run BIGINT NOT NULL REFERENCES runs (id),
    step_name TEXT NOT NULL,
    task_id TEXT NOT NULL,
    attempt_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    location TEXT,
    ds_type TEXT,
    sha TEXT,
    type TEXT,
    content_type TEXT,
    user_name TEXT,
    ts_epoch BIGINT NOT NULL,
    UNIQUE (run, step_name, task_id, attempt_id, name)
)
