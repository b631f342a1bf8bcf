-- Some of the alerts that are not paused, with what they add up: each sum of
-- an organization, a scope and a window is made once, however many share it.
--
-- What must not be low is not judged before the organization has costs as new
-- as the window: a bill that is late is no end of all costs.
--
-- params: $1 organizations integer[] or null for all,
--   $2 after organization integer, $3 after id integer, $4 most integer;
--   of every kind of condition: $5 metrics text[], $6 operators text[],
--   $7 baselines text[] ('': none), $8 firsts date[] and $9 lasts date[] of
--   the metric's windows, $10 and $11 those of the baselines' date[]
-- returns: organization integer, id integer, version integer, metric text,
--   operator text, baseline text or null, value numeric,
--   cooldown integer (seconds), open boolean,
--   last triggered epoch seconds bigint (0: never),
--   now epoch seconds bigint, currency text,
--   amount numeric (null: there is nothing to judge),
--   before numeric (null: the same)
-- rows: 0..most, by organization and id
SELECT * FROM alerts_batch($1::integer[], $2::integer, $3::integer,
                           $4::integer, $5::text[], $6::text[], $7::text[],
                           $8::date[], $9::date[], $10::date[], $11::date[])
