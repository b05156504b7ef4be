-- A case that is deleted stays deleted, and what its source says of it stays unseen: whoever deletes it.
CREATE FUNCTION catalog_remember_deleted() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE catalog_source
    SET removed = CASE
            WHEN OLD.ref IS NULL OR removed @> ARRAY[OLD.ref]::varchar[] THEN removed
            ELSE array_append(removed, OLD.ref)
        END,
        withheld = withheld || jsonb_build_array(jsonb_build_object(
            'ref', OLD.ref,
            'title', OLD.title,
            'lines', jsonb_path_query_array(OLD.provenance, '$[*].lines[*]') || CASE
                WHEN OLD.first_line IS NULL THEN '[]'::jsonb
                ELSE jsonb_build_array(jsonb_build_array(OLD.first_line, OLD.last_line))
            END
        ))
    WHERE id = OLD.source_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER remember_deleted AFTER DELETE ON catalog_case
    FOR EACH ROW WHEN (OLD.source_id IS NOT NULL) EXECUTE FUNCTION catalog_remember_deleted();
