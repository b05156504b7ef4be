-- What entries of the search are made from: cases with the links to their products, and the names of banks, chapters
-- and products. Each statement that changes any of it marks the cases concerned, in its transaction. Where rows are
-- restored from a dump the search path is empty, therefore the functions have their own.

-- By this a writer tells its own marks from those of others. Django knows nothing of it.
ALTER TABLE catalog_changedcase ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();

-- A large import marks and settles every case of its own: every search looks whether there is a mark, and is not to look
-- through what is left of these for long.
ALTER TABLE catalog_changedcase SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE FUNCTION catalog_mark_cases() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO catalog_changedcase (case_id) SELECT id FROM new_rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO catalog_changedcase (case_id) SELECT id FROM old_rows;
    ELSIF TG_OP = 'TRUNCATE' THEN
        INSERT INTO catalog_changedcase (case_id) SELECT case_id FROM catalog_searchentry;
    ELSE
        INSERT INTO catalog_changedcase (case_id)
        SELECT id FROM (
            SELECT id, title, subtitle, status, bank_id, branch, category_id, summary, body, captions, authors,
                   published_on, source_id, number, updated_at
            FROM old_rows
            EXCEPT ALL
            SELECT id, title, subtitle, status, bank_id, branch, category_id, summary, body, captions, authors,
                   published_on, source_id, number, updated_at
            FROM new_rows
        ) AS before
        UNION
        SELECT id FROM (SELECT id FROM new_rows EXCEPT SELECT id FROM old_rows) AS renumbered;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER mark_inserted AFTER INSERT ON catalog_case REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_cases();
CREATE TRIGGER mark_updated AFTER UPDATE ON catalog_case REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_cases();
CREATE TRIGGER mark_deleted AFTER DELETE ON catalog_case REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_cases();
CREATE TRIGGER mark_truncated AFTER TRUNCATE ON catalog_case
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_cases();

CREATE FUNCTION catalog_mark_linked_cases() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        INSERT INTO catalog_changedcase (case_id) SELECT DISTINCT case_id FROM new_rows;
    END IF;
    IF TG_OP IN ('DELETE', 'UPDATE') THEN
        INSERT INTO catalog_changedcase (case_id) SELECT DISTINCT case_id FROM old_rows;
    END IF;
    IF TG_OP = 'TRUNCATE' THEN
        INSERT INTO catalog_changedcase (case_id) SELECT case_id FROM catalog_searchentry WHERE products <> '{}';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER mark_inserted AFTER INSERT ON catalog_case_products REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_linked_cases();
CREATE TRIGGER mark_updated AFTER UPDATE ON catalog_case_products
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_linked_cases();
CREATE TRIGGER mark_deleted AFTER DELETE ON catalog_case_products REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_linked_cases();
CREATE TRIGGER mark_truncated AFTER TRUNCATE ON catalog_case_products
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_linked_cases();

-- The other names of banks and products are known to the query alone, where they serve from the moment they are written.
CREATE FUNCTION catalog_mark_cases_of_renamed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_TABLE_NAME = 'catalog_bank' THEN
        INSERT INTO catalog_changedcase (case_id)
        SELECT id FROM catalog_case WHERE bank_id IN (
            SELECT id FROM old_rows JOIN new_rows USING (id) WHERE old_rows.name <> new_rows.name
        );
    ELSIF TG_TABLE_NAME = 'catalog_category' THEN
        INSERT INTO catalog_changedcase (case_id)
        SELECT id FROM catalog_case WHERE category_id IN (
            SELECT id FROM old_rows JOIN new_rows USING (id) WHERE old_rows.name <> new_rows.name
        );
    ELSE
        INSERT INTO catalog_changedcase (case_id)
        SELECT DISTINCT case_id FROM catalog_case_products WHERE product_id IN (
            SELECT id FROM old_rows JOIN new_rows USING (id) WHERE old_rows.name <> new_rows.name
        );
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER mark_renamed AFTER UPDATE ON catalog_bank REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_cases_of_renamed();
CREATE TRIGGER mark_renamed AFTER UPDATE ON catalog_category REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_cases_of_renamed();
CREATE TRIGGER mark_renamed AFTER UPDATE ON catalog_product REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_mark_cases_of_renamed();

-- A rebuild that was broken off has the old tables.
DROP SCHEMA IF EXISTS search_next CASCADE;

-- Cases that came as rows had no title to be suggested by.
INSERT INTO catalog_changedcase (case_id)
SELECT id FROM catalog_case WHERE NOT EXISTS (SELECT FROM catalog_casetitle WHERE case_id = id);

-- Databases that began before 0007 have an extension that nothing uses any more. Who may not drop it keeps it.
DO $$
BEGIN
    DROP EXTENSION IF EXISTS vector;
EXCEPTION
    WHEN insufficient_privilege OR dependent_objects_still_exist THEN NULL;
END
$$;
