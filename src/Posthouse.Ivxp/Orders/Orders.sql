-- Orders and what belongs to them. Instants are milliseconds since 1970, amounts are units of 10^-6 USDC.
CREATE TABLE ivxp_order (
    order_id          TEXT   PRIMARY KEY,
    version           BIGINT NOT NULL CHECK (version > 0),   -- every change is compare-and-set on it
    state             TEXT   NOT NULL CHECK (state IN (
        'quoted', 'paid', 'processing', 'ready', 'ready_for_pickup', 'posted', 'delivered', 'client_confirmed',
        'delivery_failed', 'disputed', 'expired_quote', 'expired_retention', 'refunded')),
    protocol          TEXT   NOT NULL,                       -- pinned by the request
    service_type      TEXT   NOT NULL,
    description       TEXT   NOT NULL,
    delivery_format   TEXT,
    deadline          TEXT,
    client_name       TEXT   NOT NULL,
    client_address    TEXT   NOT NULL,                       -- lower case
    contact_endpoint  TEXT,
    client_email      TEXT,                                  -- for one notice; never shown
    price_units       BIGINT NOT NULL CHECK (price_units > 0),
    payment_address   TEXT   NOT NULL,
    network           TEXT   NOT NULL,
    created_at        BIGINT NOT NULL,
    pay_until         BIGINT NOT NULL,
    delivery_endpoint TEXT,                                  -- where pushes go; NULL: the client collects
    tx_hash           TEXT,
    paid_at           BIGINT,
    processing_at     BIGINT,
    completed_at      BIGINT,
    ready_at          BIGINT,
    posted_at         BIGINT,
    delivered_at      BIGINT,
    confirmed_at      BIGINT,
    disputed_at       BIGINT,
    notified_at       BIGINT,                                -- a notice left that the result waits
    keep_until        BIGINT,                                -- until when the result is kept
    kept_from         BIGINT,                                -- the provider's running time when that began; NULL: no content is kept
    content_hash      TEXT,
    push              TEXT   NOT NULL CHECK (push IN ('none', 'scheduled', 'succeeded', 'exhausted', 'disabled')),
    push_job          TEXT,
    push_attempts     BIGINT NOT NULL,
    last_error        TEXT,                                  -- a class such as unreachable, never a text from outside
    webhook_secret    TEXT,                                  -- signs this order's pushes; told to the client once
    satisfaction      BIGINT CHECK (satisfaction BETWEEN 1 AND 5),
    change_no         BIGINT NOT NULL,                       -- rises with every change of any order: the cursor of an inbox
    CHECK ((tx_hash IS NULL) = (paid_at IS NULL)),
    CHECK (state NOT IN ('quoted', 'expired_quote') OR tx_hash IS NULL),
    CHECK (state NOT IN ('ready', 'ready_for_pickup', 'posted', 'delivered') OR content_hash IS NOT NULL)
);

CREATE INDEX ivxp_order_state ON ivxp_order (state);
CREATE UNIQUE INDEX ivxp_order_change ON ivxp_order (change_no);
CREATE INDEX ivxp_order_kept ON ivxp_order (kept_from) WHERE kept_from IS NOT NULL;
CREATE INDEX ivxp_order_judged ON ivxp_order (service_type) WHERE confirmed_at IS NOT NULL OR disputed_at IS NOT NULL;
CREATE INDEX ivxp_order_inbox ON ivxp_order (client_address, change_no);

-- Every change of an order, with who and why.
CREATE TABLE ivxp_order_history (
    order_id   TEXT   NOT NULL REFERENCES ivxp_order (order_id),
    version    BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    event      TEXT   NOT NULL,
    from_state TEXT,
    to_state   TEXT   NOT NULL,
    actor      TEXT   NOT NULL,
    evidence   TEXT,
    PRIMARY KEY (order_id, version)
);

-- One transaction pays one order, whatever two requests do at the same time.
CREATE TABLE ivxp_payment (
    network      TEXT   NOT NULL,
    tx_hash      TEXT   NOT NULL,                            -- lower case
    order_id     TEXT   NOT NULL UNIQUE REFERENCES ivxp_order (order_id),
    units        BIGINT NOT NULL,
    block_number BIGINT NOT NULL,
    block_time   BIGINT NOT NULL,
    signed_text  TEXT   NOT NULL,
    signature    TEXT   NOT NULL,
    UNIQUE (network, tx_hash)
);

-- Proofs that could not be judged when they came, because the chain was away or not sure yet.
CREATE TABLE ivxp_claim (
    order_id          TEXT   NOT NULL REFERENCES ivxp_order (order_id),
    tx_hash           TEXT   NOT NULL,
    signed_text       TEXT   NOT NULL,
    signature         TEXT   NOT NULL,
    delivery_endpoint TEXT,
    made_at           BIGINT NOT NULL,
    PRIMARY KEY (order_id, tx_hash)
);

-- Nonces of proofs: an order sees each with one transaction only.
CREATE TABLE ivxp_nonce (
    order_id TEXT NOT NULL REFERENCES ivxp_order (order_id),
    nonce    TEXT NOT NULL,
    tx_hash  TEXT NOT NULL,
    PRIMARY KEY (order_id, nonce)
);

-- What the client signed about its delivery. The first receipt wins; a dispute may stand beside it.
CREATE TABLE ivxp_receipt (
    order_id     TEXT   NOT NULL REFERENCES ivxp_order (order_id),
    kind         TEXT   NOT NULL CHECK (kind IN ('receipt', 'dispute')),
    form         TEXT   NOT NULL,                            -- C1, C2, C3 or X1: which text was signed
    signed_text  TEXT   NOT NULL,
    signature    TEXT   NOT NULL,
    content_hash TEXT,                                       -- as the client wrote it
    rating       BIGINT CHECK (rating BETWEEN 1 AND 5),
    reason       TEXT,
    at           BIGINT NOT NULL,
    PRIMARY KEY (order_id, kind, at)
);

-- How long the provider has run, by its monotonic clock: one row, written by each look of the sweep.
CREATE TABLE ivxp_clock (
    id        BIGINT PRIMARY KEY CHECK (id = 1),
    ran_ms    BIGINT NOT NULL,
    looked_by TEXT   NOT NULL                                -- the process that looked last
);

-- What was bought: the canonical bytes, written once and sent as they are.
CREATE TABLE ivxp_deliverable (
    order_id      TEXT   PRIMARY KEY REFERENCES ivxp_order (order_id),
    delivery_id   TEXT   NOT NULL,                           -- the same in every push
    type          TEXT   NOT NULL,
    format        TEXT,
    content       BYTEA,                                     -- NULL once its retention is over
    hash          TEXT   NOT NULL,
    hash_raw      TEXT   NOT NULL,
    hash_python   TEXT   NOT NULL,
    signed_text   TEXT   NOT NULL,
    signature     TEXT   NOT NULL
);

-- Through which channels the changes of an order are told: those that were set up when its work ended.
CREATE TABLE ivxp_notice (
    order_id TEXT NOT NULL REFERENCES ivxp_order (order_id),
    channel  TEXT NOT NULL CHECK (channel IN ('webhook', 'chain')),
    PRIMARY KEY (order_id, channel)
);
