-- An editor's change of a text that an import had written keeps what the import said, by whatever way it is made: that
-- is the base by which the next import merges the two. An import changes `imported`, and sets `base` itself; whoever
-- else writes `base` has read the row before it was kept.
CREATE FUNCTION catalog_keep_base() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept jsonb := coalesce(OLD.base, '{}');
BEGIN
    IF OLD.body <> NEW.body AND OLD.imported ? 'body' THEN
        IF NOT kept ? 'body' THEN
            kept := kept || jsonb_build_object('body', OLD.body);
        ELSIF kept ->> 'body' = NEW.body THEN
            kept := kept - 'body';
        END IF;
    END IF;
    IF OLD.summary <> NEW.summary AND OLD.imported ? 'summary' THEN
        IF NOT kept ? 'summary' THEN
            kept := kept || jsonb_build_object('summary', OLD.summary);
        ELSIF kept ->> 'summary' = NEW.summary THEN
            kept := kept - 'summary';
        END IF;
    END IF;
    NEW.base := nullif(kept, '{}');
    RETURN NEW;
END
$$;

CREATE TRIGGER keep_base BEFORE UPDATE OF body, summary, base ON catalog_case FOR EACH ROW
    WHEN (OLD.imported IS NOT DISTINCT FROM NEW.imported
          AND (OLD.body, OLD.summary, OLD.base) IS DISTINCT FROM (NEW.body, NEW.summary, NEW.base))
    EXECUTE FUNCTION catalog_keep_base();
