-- The room of locks and sync. Times are Unix milliseconds.

-- Clones that operations were queued for. Only what is fit to be shown: the address has no user name and no password.
CREATE TABLE vcs_project (
  clone_id  TEXT    PRIMARY KEY,
  root      TEXT    NOT NULL,
  remote    TEXT    NOT NULL,                      -- its name, for example origin
  address   TEXT    NOT NULL,                      -- as it is shown
  seen_at   INTEGER NOT NULL                       -- when a verb was last run in it
) WITHOUT ROWID;

-- The last that is known of each lock, for looks without a network.
CREATE TABLE vcs_lock (
  clone_id TEXT    NOT NULL,
  resource TEXT    NOT NULL,                       -- the key's 40 digits
  path     TEXT    NOT NULL,
  version  TEXT,                                   -- NULL: the register was never written
  record   BLOB,                                   -- NULL: there is none that can be read
  standing INTEGER NOT NULL,                       -- 0 another's or nobody's, 1 mine, 2 was mine and was lost
  seen_at  INTEGER NOT NULL,
  PRIMARY KEY (clone_id, resource)
) WITHOUT ROWID;

-- Since when a register is known to be unchanged, by both clocks of this machine.
CREATE TABLE vcs_sighting (
  resource TEXT    NOT NULL,
  clone_id TEXT    NOT NULL,
  version  TEXT    NOT NULL,
  wall_ms  INTEGER NOT NULL,
  ticks_ms INTEGER NOT NULL,                       -- the monotonic clock
  boot     TEXT    NOT NULL,                       -- which start of the machine that clock counts from
  PRIMARY KEY (clone_id, resource)
) WITHOUT ROWID;

-- What operations were about to write before it left.
CREATE TABLE vcs_built (
  op_id    TEXT    PRIMARY KEY,
  path     TEXT    NOT NULL,
  expected TEXT,
  built    TEXT,                                   -- NULL: the far side names what it makes
  built_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX vcs_built_at ON vcs_built(built_at);

-- Under which prefix each remote lets locks be kept.
CREATE TABLE vcs_prefix (
  address TEXT PRIMARY KEY,
  prefix  TEXT NOT NULL
) WITHOUT ROWID;

-- What is believed about each remote, across verbs.
CREATE TABLE vcs_remote (
  address    TEXT    PRIMARY KEY,
  state      INTEGER NOT NULL,                     -- 0 unknown, 1 online, 2 offline
  checked_at INTEGER NOT NULL,
  not_before INTEGER,                              -- it asked to be left alone until then
  permits    INTEGER NOT NULL,                     -- thousandths of a permit to try again
  worked_at  INTEGER                               -- when it last answered
) WITHOUT ROWID;
