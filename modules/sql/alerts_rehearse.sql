-- What a rule that is not stored would have added up: see alerts_evaluate.sql.
-- params: $1 organization integer, $2 scope text, $3 account uuid or null,
--   $4 account integer or null, $5 owner text or null,
--   $6 repository text or null, $7 workflow text or null,
--   $8 per run boolean, $9 firsts date[] and $10 lasts of the windows date[]
-- returns: amount numeric (null: there was no run),
--   judged boolean (there are costs as new as the window)
-- rows: one for each window, in their order; none when there is no such
--   account
WITH account AS MATERIALIZED (
    SELECT CASE WHEN $2::text = 'account' THEN min(a.id)
                ELSE 0 END AS id
      FROM accounts a
     WHERE a.organization_id = $1::integer
       AND (a.uuid = $3::uuid OR a.id = $4::integer)
), place AS MATERIALIZED (
    SELECT $8::boolean OR $2 IN ('repository', 'workflow')
           OR ($2 = 'organization' AND alert_of_runs($1, $5::text))
               AS of_runs,
           CASE WHEN $2 = 'organization' AND NOT alert_of_runs($1, $5)
                THEN NULL ELSE $5 END AS jobs_of,
           (SELECT max(c.last_day) FROM cost_periods c
             WHERE c.organization_id = $1) AS news
), windows AS MATERIALIZED (
    SELECT * FROM unnest($9::date[], $10::date[]) WITH ORDINALITY
                  AS w (first, last, n)
), sums AS MATERIALIZED (
    SELECT w.first, w.last,
           CASE WHEN $8 THEN j.run_amount / nullif(j.runs, 0)
                WHEN p.of_runs THEN j.amount
                ELSE c.amount END AS amount
      FROM (SELECT DISTINCT first, last FROM windows) w
     CROSS JOIN place p
     CROSS JOIN account a
      LEFT JOIN LATERAL ci_between($1, p.jobs_of, $6::text, $7::text,
                                   w.first, w.last) j ON p.of_runs
      LEFT JOIN LATERAL (SELECT cost_between($1, a.id, w.first, w.last)
                                    AS amount) c ON NOT p.of_runs
     WHERE a.id IS NOT NULL
)
SELECT s.amount, p.of_runs OR coalesce(w.last <= p.news, false) AS judged
  FROM windows w
  JOIN sums s ON s.first = w.first AND s.last = w.last
 CROSS JOIN place p
 ORDER BY w.n
