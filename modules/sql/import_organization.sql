-- The organization that an import is for.
-- params: $1 slug text
-- returns: id integer, currency text
-- rows: 0..1
SELECT o.id, o.currency
  FROM organizations o
 WHERE o.slug = $1
