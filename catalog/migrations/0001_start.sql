-- What the tables of the catalogue have beside their columns: functions, one index, triggers, storage, first rows.
-- Read by the migration 0001_start_squashed_0007 once all tables stand.


-- Search entries -----------------------------------------------------------------------------------------------------

-- The lexemes of an entry as a tsvector. Dear, so that conditions on it are answered by the index and not by making it
-- again for every row.
CREATE FUNCTION catalog_lexemes(lexemes text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100000
AS $$ BEGIN RETURN array_to_tsvector(string_to_array(lexemes, E'\x02')); END $$;

-- A writer adds its lexemes to the pending list, which is merged later.
CREATE INDEX search_entry_lexemes ON catalog_searchentry USING gin (catalog_lexemes(lexemes)) WITH (fastupdate = on);

-- Long columns out of line, so that a row that is only counted is short.
ALTER TABLE catalog_searchentry SET (toast_tuple_target = 128);
ALTER TABLE catalog_searchentry ALTER COLUMN products SET STORAGE MAIN;
ALTER TABLE catalog_searchtext SET (toast_tuple_target = 128);


-- Changes of names ---------------------------------------------------------------------------------------------------

-- What a reader compares is documented with the model. A statement of fifty tidies up after the others: those lines
-- that nobody else is about to take away, so that it never waits. Where names are restored from a dump the search path
-- is empty, therefore the function has its own.
CREATE FUNCTION catalog_names_changed() RETURNS trigger
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    IF random() < 0.02 THEN
        DELETE FROM catalog_namechange WHERE id IN (
            SELECT id FROM catalog_namechange WHERE what = TG_ARGV[0] FOR UPDATE SKIP LOCKED
        );
    END IF;
    INSERT INTO catalog_namechange (id, what) VALUES (gen_random_uuid(), TG_ARGV[0]);
    RETURN NULL;
END
$$;

CREATE TRIGGER names_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_bank
FOR EACH STATEMENT EXECUTE FUNCTION catalog_names_changed('names');

CREATE TRIGGER names_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_bankalias
FOR EACH STATEMENT EXECUTE FUNCTION catalog_names_changed('names');

CREATE TRIGGER names_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_product
FOR EACH STATEMENT EXECUTE FUNCTION catalog_names_changed('names');

CREATE TRIGGER names_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_productalias
FOR EACH STATEMENT EXECUTE FUNCTION catalog_names_changed('names');

CREATE TRIGGER names_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_synonymgroup
FOR EACH STATEMENT EXECUTE FUNCTION catalog_names_changed('thesaurus');

-- So that the names of two databases never have the same version.
INSERT INTO catalog_namechange (id, what) VALUES (gen_random_uuid(), 'names'), (gen_random_uuid(), 'thesaurus');
