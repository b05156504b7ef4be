-- Cases that are deleted stay deleted, and what their source says of them stays unseen: whoever deletes them.
CREATE FUNCTION catalog_remember_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE catalog_source
    SET removed = removed || ARRAY(SELECT ref FROM unnest(gone.refs) AS ref WHERE ref <> ALL (removed)),
        withheld = withheld || gone.entries
    FROM (
        SELECT source_id,
               array_agg(ref) FILTER (WHERE ref IS NOT NULL) AS refs,
               jsonb_agg(jsonb_build_object(
                   'ref', ref,
                   'title', title,
                   'subtitle', subtitle,
                   'lines', jsonb_path_query_array(provenance, '$[*].lines[*]') || CASE
                       WHEN first_line IS NULL THEN '[]'::jsonb
                       ELSE jsonb_build_array(jsonb_build_array(first_line, last_line))
                   END
               )) AS entries
        FROM old_rows
        WHERE source_id IS NOT NULL
        GROUP BY source_id
    ) AS gone
    WHERE catalog_source.id = gone.source_id;
    RETURN NULL;
END
$$;

-- Of a statement, not of each row: a document of thousands of cases is written once.
CREATE TRIGGER remember_deleted AFTER DELETE ON catalog_case REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_remember_deleted();
