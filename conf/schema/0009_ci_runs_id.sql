-- Jobs of workflow runs are read a page at a time, the last to end first.

ALTER TABLE ci_runs ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY;

DROP INDEX ci_runs_completed;

CREATE INDEX ci_runs_completed ON ci_runs (organization_id, completed_at, id);
CREATE UNIQUE INDEX ci_runs_id ON ci_runs (organization_id, id);
