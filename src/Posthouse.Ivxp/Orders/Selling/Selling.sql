-- What a seller looks at: orders by state and by service, those that changed last first, and what each service earned, without a look at the rows.
ALTER TABLE ivxp_order ADD COLUMN work_job TEXT;             -- the job that does the work; NULL: paid before this was kept
DROP INDEX ivxp_order_state;
CREATE INDEX ivxp_order_state ON ivxp_order (state, change_no);
CREATE INDEX ivxp_order_sold ON ivxp_order (service_type, state, change_no, paid_at, price_units);
