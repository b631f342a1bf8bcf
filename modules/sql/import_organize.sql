-- Makes the organization that an import is for, with its slug for a name;
-- when another import makes it meanwhile, waits for that one and does nothing.
-- params: $1 slug text
-- returns: nothing
INSERT INTO organizations (slug, name)
VALUES ($1, $1)
    ON CONFLICT (slug) DO NOTHING
