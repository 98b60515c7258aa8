-- What this person buys, and how far each purchase is. A provider's order ids are unique to it alone.
CREATE TABLE ivxp_purchase (
    purchase_id     TEXT   PRIMARY KEY,              -- ours, known before the provider answers
    step            BIGINT NOT NULL CHECK (step BETWEEN 0 AND 8),
    job_id          TEXT,                            -- what takes the step; NULL: nobody until somebody decides
    url             TEXT   NOT NULL,
    service_type    TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    budget_units    BIGINT NOT NULL,
    client_address  TEXT   NOT NULL,
    endpoint        TEXT,
    email           TEXT,
    account         TEXT,                            -- whose allowance it is counted against
    wants           BIGINT NOT NULL,                 -- 1 to pay it, 2 to confirm it
    begun_at        BIGINT NOT NULL,
    provider        TEXT,                            -- its account, from the quote
    order_id        TEXT,
    protocol        TEXT,
    price_units     BIGINT,
    network         TEXT,
    payment_address TEXT,
    quoted_at       BIGINT,
    quote           BYTEA,                           -- the provider's message as it came
    intent_at       BIGINT,                          -- written before money is sent
    raw_transaction TEXT,                            -- signed; written before it is sent
    nonce           BIGINT,
    gas_limit       BIGINT,
    max_fee         BIGINT,                          -- wei per gas, in all
    max_tip         BIGINT,                          -- and of it for who builds the block
    replaced        TEXT,                            -- hashes of the same payment with lower fees; any of them may be the mined one
    tx_hash         TEXT,                            -- written before it is proved
    sent_at         BIGINT,
    proved_at       BIGINT,
    chain_cursor    BIGINT,                          -- the block from which the chain is watched for the result
    status          TEXT   NOT NULL,                 -- the provider's last word
    webhook_secret  TEXT,
    content_hash    TEXT,                            -- exactly as the provider wrote it
    content         BYTEA,
    signed_message  TEXT,                            -- what the provider signed about the content
    signature       TEXT,
    delivery_id     TEXT,                            -- of the push that brought it
    downloaded_at   BIGINT,
    rating          BIGINT CHECK (rating BETWEEN 1 AND 5),
    reason          TEXT,
    receipt         BYTEA,                           -- our signed confirmation or dispute, as it was accepted
    confirmed_at    BIGINT,
    disputed_at     BIGINT,
    failure_code    TEXT,                            -- why nobody takes the step
    failure         TEXT,
    CHECK ((provider IS NULL) = (order_id IS NULL)),
    CHECK (raw_transaction IS NULL OR (tx_hash IS NOT NULL AND nonce IS NOT NULL AND gas_limit IS NOT NULL AND max_fee IS NOT NULL AND max_tip IS NOT NULL)),
    CHECK (tx_hash IS NOT NULL OR proved_at IS NULL)
);

CREATE UNIQUE INDEX ivxp_purchase_order ON ivxp_purchase (provider, order_id);
CREATE INDEX ivxp_purchase_id ON ivxp_purchase (order_id);

-- What was learned about a provider.
CREATE TABLE ivxp_provider (
    url     TEXT   PRIMARY KEY,
    dialect BIGINT,                                  -- the paths it serves
    cursor  TEXT                                     -- how far its inbox was read
);
