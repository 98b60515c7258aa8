-- The core's tables. Numbers of states, gates and reasons are those of Jobs/JobState.cs and never change.
-- The CHECK constraints repeat the state law: what a row of each state may carry. Times are Unix milliseconds.
CREATE TABLE job (
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order of admission; never a clock
  id           TEXT    NOT NULL UNIQUE,
  name         TEXT    NOT NULL,
  version      INTEGER NOT NULL,
  state        INTEGER NOT NULL,                   -- 0 Pending, 1 Running, 2 Done, 3 Dead
  gate         INTEGER,                            -- what a Pending row waits for: 0 open, 1 time, 2 after, 3 hold
  hold         INTEGER,                            -- why it is held
  reason       INTEGER,                            -- why it is Dead; 1 to 4 need a decision
  destination  TEXT    NOT NULL,
  lane         TEXT,
  dedup        TEXT,
  owner        TEXT,
  account      TEXT,
  priority     INTEGER NOT NULL,
  run_at       INTEGER NOT NULL,
  wait_ms      INTEGER,                            -- the delay that made run_at: the longest wait when the clock goes back; NULL: the caller named a time
  expires_at   INTEGER,
  created_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  claims       INTEGER NOT NULL DEFAULT 0,         -- the fence
  lost         INTEGER NOT NULL DEFAULT 0,
  attempts     INTEGER NOT NULL DEFAULT 0,
  unreached    INTEGER NOT NULL DEFAULT 0,
  max_attempts INTEGER,
  when_dead    INTEGER NOT NULL,
  instance     TEXT,
  lease_until  INTEGER,
  cancel       INTEGER NOT NULL DEFAULT 0,         -- somebody asked to cancel it while it ran
  bytes        INTEGER NOT NULL,
  failure_kind   INTEGER,
  failure_status INTEGER,
  failure_text   TEXT,
  trace        TEXT,
  payload      BLOB    NOT NULL,
  optimistic   BLOB    NOT NULL,
  result       BLOB,
  CHECK (state IN (0, 1, 2, 3)),
  CHECK ((state = 0) = (gate IS NOT NULL)),
  CHECK ((gate IS NOT NULL AND gate = 3) = (hold IS NOT NULL)),
  CHECK ((state = 1) = (lease_until IS NOT NULL)),
  CHECK ((state = 1) = (instance IS NOT NULL)),
  CHECK ((state = 2) = (result IS NOT NULL)),
  CHECK ((state = 3) = (reason IS NOT NULL)),
  CHECK ((state IN (2, 3)) = (ended_at IS NOT NULL))
);
CREATE INDEX job_open      ON job(destination, priority DESC, seq) WHERE state = 0 AND gate = 0;
CREATE INDEX job_time      ON job(run_at)                          WHERE state = 0 AND gate = 1;
CREATE INDEX job_hold      ON job(hold)                            WHERE state = 0 AND gate = 3;
CREATE INDEX job_unreached ON job(destination)                     WHERE state = 0 AND gate = 1 AND unreached > 0;
CREATE INDEX job_expires   ON job(expires_at)                      WHERE state = 0 AND expires_at IS NOT NULL;
CREATE INDEX job_running   ON job(instance, lease_until)           WHERE state = 1;
CREATE INDEX job_lane      ON job(lane, seq)                       WHERE lane IS NOT NULL AND state <> 2;
CREATE INDEX job_dedup     ON job(name, dedup, seq)                WHERE dedup IS NOT NULL AND state < 2;
CREATE INDEX job_failed    ON job(seq)                             WHERE state = 3 AND reason <= 4;
CREATE INDEX job_ended     ON job(ended_at)                        WHERE state = 2;
CREATE INDEX job_closed    ON job(ended_at)                        WHERE state = 3 AND reason > 4;

-- One row is one edge: job waits for after.
CREATE TABLE job_after (
  job   INTEGER NOT NULL,
  after INTEGER NOT NULL,
  PRIMARY KEY (job, after)
) WITHOUT ROWID;
CREATE INDEX job_after_after ON job_after(after, job);

-- Which files a job holds, and what lies in the vault.
CREATE TABLE job_file (
  seq  INTEGER NOT NULL,
  hash TEXT    NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (seq, hash)
) WITHOUT ROWID;
CREATE INDEX job_file_hash ON job_file(hash);
CREATE TABLE vault_file (
  hash         TEXT PRIMARY KEY,
  size         INTEGER NOT NULL,
  staged_until INTEGER NOT NULL
) WITHOUT ROWID;

-- The one event log of all rooms.
CREATE TABLE event (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  at       INTEGER NOT NULL,
  room     TEXT    NOT NULL,
  subject  TEXT    NOT NULL,
  kind     TEXT    NOT NULL,
  owner    TEXT,
  body     BLOB    NOT NULL
);
CREATE INDEX event_owner ON event(owner, position) WHERE owner IS NOT NULL;
CREATE TABLE event_owner_seen (
  owner    TEXT PRIMARY KEY,
  position INTEGER NOT NULL,
  seen_at  INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE instance (
  id         TEXT PRIMARY KEY,
  pid        INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  boot       TEXT    NOT NULL
) WITHOUT ROWID;
CREATE TABLE pause (
  scope TEXT PRIMARY KEY                           -- 'all', or 'to:' and a destination
) WITHOUT ROWID;
CREATE TABLE job_total (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  open       INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,
  file_bytes INTEGER NOT NULL
);
INSERT INTO job_total VALUES (1, 0, 0, 0);

-- The last group each writer committed: after a commit whose end is unknown, this row tells.
CREATE TABLE commit_mark (
  writer TEXT PRIMARY KEY,
  turn   INTEGER NOT NULL,
  at     INTEGER NOT NULL
) WITHOUT ROWID;
