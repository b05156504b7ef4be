-- Names and addresses that are changed or removed are remembered, by whatever way it is done: a former name goes on
-- meaning its row, a removed one is not made again by an import, a former address leads on and is nobody else's.
-- Where rows are restored from a dump the search path is empty, therefore the functions have their own.

-- Whoever merges rows carries their names over, and says so for the transaction: nothing of them is removed.
CREATE FUNCTION catalog_merging() RETURNS boolean LANGUAGE sql STABLE
AS $$ SELECT coalesce(current_setting('catalog.merging', true), '') = 'on' $$;

-- As far as the database can tell that two spellings are of one name; an import, which knows both scripts, tells more.
CREATE FUNCTION catalog_name_key(name text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
AS $$ SELECT lower(regexp_replace(normalize(name, NFKC), '\s', '', 'g')) $$;

CREATE FUNCTION catalog_remember_removed(
    kind text, bank_id bigint, of bigint, name text, code text DEFAULT '', key text DEFAULT NULL
) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF catalog_merging() OR (name = '' AND code = '') THEN
        RETURN;
    END IF;
    INSERT INTO catalog_removedname (kind, bank_id, of, name, code, key)
    VALUES (kind, bank_id, of, name, code, coalesce(key, catalog_name_key(name)))
    ON CONFLICT DO NOTHING;
END
$$;

-- A bank or chapter is there again. Where it has another code, the reference data still does not bring the removed one.
CREATE FUNCTION catalog_forget_removed(kind text, code text, name text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    DELETE FROM catalog_removedname AS removed
    WHERE removed.kind = $1 AND (
        removed.code = $2 AND $2 <> ''
        OR removed.code = '' AND (removed.name = $3 OR removed.key = catalog_name_key($3))
    );
    UPDATE catalog_removedname AS removed SET name = '', key = ''
    WHERE removed.kind = $1 AND removed.name <> '' AND (removed.name = $3 OR removed.key = catalog_name_key($3));
END
$$;


-- Products -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION catalog_names_of_product() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM catalog_remember_removed('product', OLD.bank_id, OLD.id, OLD.name, '', OLD.key);
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.bank_id = NEW.bank_id AND OLD.name = NEW.name AND OLD.key = NEW.key THEN
            RETURN NULL;
        END IF;
        IF OLD.name <> NEW.name THEN
            INSERT INTO catalog_productalias (product_id, name, former) VALUES (NEW.id, OLD.name, true)
            ON CONFLICT DO NOTHING;
        END IF;
        -- At the bank that it has left, its names are not to become products of their own.
        IF OLD.bank_id <> NEW.bank_id THEN
            PERFORM catalog_remember_removed('product', OLD.bank_id, OLD.id, OLD.name, '', OLD.key);
            PERFORM catalog_remember_removed('product', OLD.bank_id, OLD.id, name)
            FROM catalog_productalias WHERE product_id = OLD.id;
        END IF;
    END IF;
    -- What is there again was not removed.
    DELETE FROM catalog_removedname
    WHERE kind IN ('product', 'product_alias') AND bank_id = NEW.bank_id
      AND (name = NEW.name OR key IN (NEW.key, catalog_name_key(NEW.name)));
    RETURN NULL;
END
$$;

CREATE TRIGGER names_of_product AFTER INSERT OR UPDATE OR DELETE ON catalog_product
    FOR EACH ROW EXECUTE FUNCTION catalog_names_of_product();

CREATE FUNCTION catalog_names_of_product_alias() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    bank bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.product_id = NEW.product_id AND OLD.name = NEW.name THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        SELECT bank_id INTO bank FROM catalog_product WHERE id = OLD.product_id;
        PERFORM catalog_remember_removed('product_alias', bank, OLD.product_id, OLD.name);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        DELETE FROM catalog_removedname
        WHERE kind = 'product_alias' AND of = NEW.product_id
          AND (name = NEW.name OR key = catalog_name_key(NEW.name));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER names_of_product_alias AFTER INSERT OR UPDATE OR DELETE ON catalog_productalias
    FOR EACH ROW EXECUTE FUNCTION catalog_names_of_product_alias();

-- An editor who renames and gives the former name as an alias at once, does both.
CREATE FUNCTION catalog_former_name_gives_way() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_TABLE_NAME = 'catalog_productalias' THEN
        DELETE FROM catalog_productalias
        WHERE product_id = NEW.product_id AND name = NEW.name AND former AND id <> NEW.id;
    ELSE
        DELETE FROM catalog_bankalias WHERE name = NEW.name AND former AND id <> NEW.id;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER former_name_gives_way BEFORE INSERT OR UPDATE OF name ON catalog_productalias
    FOR EACH ROW WHEN (NOT NEW.former) EXECUTE FUNCTION catalog_former_name_gives_way();


-- Banks --------------------------------------------------------------------------------------------------------------

CREATE FUNCTION catalog_names_of_bank() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    old_names text[];
    new_names text[];
    former_name text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM catalog_remember_removed('bank', NULL, OLD.id, OLD.name, OLD.code);
        DELETE FROM catalog_removedname WHERE bank_id = OLD.id;
        RETURN NULL;
    END IF;
    new_names := ARRAY[NEW.name, NEW.short_name, NEW.full_name, NEW.english_name, NEW.abbreviation];
    IF TG_OP = 'UPDATE' THEN
        old_names := ARRAY[OLD.name, OLD.short_name, OLD.full_name, OLD.english_name, OLD.abbreviation];
        IF OLD.code = NEW.code AND old_names = new_names THEN
            RETURN NULL;
        END IF;
        -- One that was only taken out, or that another bank has, is a name of this bank no more.
        FOR former_name IN
            SELECT was FROM (VALUES
                (OLD.name, NEW.name), (OLD.short_name, NEW.short_name), (OLD.full_name, NEW.full_name),
                (OLD.english_name, NEW.english_name), (OLD.abbreviation, NEW.abbreviation)
            ) AS names (was, becomes)
            WHERE was <> '' AND becomes <> '' AND was <> ALL (new_names) AND NOT EXISTS (
                SELECT FROM catalog_bank
                WHERE id <> NEW.id AND was IN (name, short_name, full_name, english_name, abbreviation)
            )
        LOOP
            INSERT INTO catalog_bankalias (bank_id, name, former) VALUES (NEW.id, former_name, true) ON CONFLICT DO NOTHING;
        END LOOP;
        PERFORM catalog_remember_removed('bank_alias', NEW.id, NEW.id, was)
        FROM unnest(old_names) AS was
        WHERE was <> ALL (new_names)
          AND NOT EXISTS (SELECT FROM catalog_bankalias WHERE bank_id = NEW.id AND name = was);
    END IF;
    DELETE FROM catalog_bankalias WHERE bank_id <> NEW.id AND former AND name = ANY (new_names);
    PERFORM catalog_forget_removed('bank', NEW.code, NEW.name);
    DELETE FROM catalog_removedname WHERE kind = 'bank_alias' AND of = NEW.id AND name = ANY (new_names);
    RETURN NULL;
END
$$;

CREATE TRIGGER names_of_bank AFTER INSERT OR UPDATE OR DELETE ON catalog_bank
    FOR EACH ROW EXECUTE FUNCTION catalog_names_of_bank();

CREATE FUNCTION catalog_names_of_bank_alias() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.bank_id = NEW.bank_id AND OLD.name = NEW.name THEN
            RETURN NULL;
        END IF;
    END IF;
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        PERFORM catalog_remember_removed('bank_alias', OLD.bank_id, OLD.bank_id, OLD.name);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        DELETE FROM catalog_removedname
        WHERE kind = 'bank_alias' AND of = NEW.bank_id
          AND (name = NEW.name OR key = catalog_name_key(NEW.name));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER names_of_bank_alias AFTER INSERT OR UPDATE OR DELETE ON catalog_bankalias
    FOR EACH ROW EXECUTE FUNCTION catalog_names_of_bank_alias();
CREATE TRIGGER former_name_gives_way BEFORE INSERT OR UPDATE OF name ON catalog_bankalias
    FOR EACH ROW WHEN (NOT NEW.former) EXECUTE FUNCTION catalog_former_name_gives_way();


-- Chapters -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION catalog_names_of_category() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM catalog_remember_removed('category', NULL, OLD.id, OLD.name, OLD.code);
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF OLD.name = NEW.name AND OLD.code = NEW.code THEN
            RETURN NULL;
        END IF;
        IF OLD.name <> NEW.name THEN
            INSERT INTO catalog_categoryalias (category_id, name) VALUES (NEW.id, OLD.name)
            ON CONFLICT (name) DO UPDATE SET category_id = NEW.id;
        END IF;
    END IF;
    DELETE FROM catalog_categoryalias WHERE name = NEW.name;
    PERFORM catalog_forget_removed('category', NEW.code, NEW.name);
    DELETE FROM catalog_removedname
    WHERE kind = 'category_alias' AND (name = NEW.name OR key = catalog_name_key(NEW.name));
    RETURN NULL;
END
$$;

CREATE TRIGGER names_of_category AFTER INSERT OR UPDATE OR DELETE ON catalog_category
    FOR EACH ROW EXECUTE FUNCTION catalog_names_of_category();

CREATE FUNCTION catalog_names_of_category_alias() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND OLD.name <> NEW.name THEN
        PERFORM catalog_remember_removed('category_alias', NULL, OLD.category_id, OLD.name);
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        PERFORM catalog_forget_removed('category', '', NEW.name);
        DELETE FROM catalog_removedname
        WHERE kind = 'category_alias' AND (name = NEW.name OR key = catalog_name_key(NEW.name));
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER names_of_category_alias AFTER INSERT OR UPDATE OR DELETE ON catalog_categoryalias
    FOR EACH ROW EXECUTE FUNCTION catalog_names_of_category_alias();


-- Addresses ----------------------------------------------------------------------------------------------------------

-- After the row is written, when whoever wrote the same address at the same time is known.
CREATE FUNCTION catalog_refuse_former_address(kind text, address text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE unique_violation USING
        MESSAGE = format('the %s address "%s" leads to another row', kind, address),
        CONSTRAINT = 'former_address_once';
END
$$;

CREATE FUNCTION catalog_new_addresses() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    taken text;
BEGIN
    IF TG_ARGV[0] IN ('bank', 'category') THEN
        SELECT former.address INTO taken
        FROM new_rows JOIN catalog_formeraddress AS former ON former.kind = TG_ARGV[0] AND former.address = new_rows.code
        LIMIT 1;
    ELSE
        SELECT former.address INTO taken
        FROM new_rows JOIN catalog_formeraddress AS former ON former.kind = TG_ARGV[0] AND former.address = new_rows.slug
        LIMIT 1;
    END IF;
    IF taken IS NOT NULL THEN
        PERFORM catalog_refuse_former_address(TG_ARGV[0], taken);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION catalog_changed_address() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    old_address text := to_jsonb(OLD) ->> TG_ARGV[1];
    new_address text := to_jsonb(NEW) ->> TG_ARGV[1];
BEGIN
    -- It may have its own back.
    EXECUTE format('DELETE FROM catalog_formeraddress WHERE kind = %L AND address = $1 AND %I = $2',
                   TG_ARGV[0], TG_ARGV[0] || '_id') USING new_address, NEW.id;
    IF EXISTS (SELECT FROM catalog_formeraddress WHERE kind = TG_ARGV[0] AND address = new_address) THEN
        PERFORM catalog_refuse_former_address(TG_ARGV[0], new_address);
    END IF;
    EXECUTE format('INSERT INTO catalog_formeraddress (kind, address, %I) VALUES (%L, $1, $2)',
                   TG_ARGV[0] || '_id', TG_ARGV[0]) USING old_address, NEW.id;
    RETURN NULL;
END
$$;

CREATE TRIGGER new_addresses AFTER INSERT ON catalog_bank REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_new_addresses('bank');
CREATE TRIGGER new_addresses AFTER INSERT ON catalog_category REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_new_addresses('category');
CREATE TRIGGER new_addresses AFTER INSERT ON catalog_product REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_new_addresses('product');
CREATE TRIGGER new_addresses AFTER INSERT ON catalog_case REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_new_addresses('case');
-- Before `names_of_bank`, by its name: what is removed with an address that a row takes back is there again.
CREATE TRIGGER changed_address AFTER UPDATE OF code ON catalog_bank
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION catalog_changed_address('bank', 'code');
CREATE TRIGGER changed_address AFTER UPDATE OF code ON catalog_category
    FOR EACH ROW WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION catalog_changed_address('category', 'code');
CREATE TRIGGER changed_address AFTER UPDATE OF slug ON catalog_product
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug) EXECUTE FUNCTION catalog_changed_address('product', 'slug');
CREATE TRIGGER changed_address AFTER UPDATE OF slug ON catalog_case
    FOR EACH ROW WHEN (OLD.slug <> NEW.slug) EXECUTE FUNCTION catalog_changed_address('case', 'slug');

CREATE FUNCTION catalog_former_address() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    -- Where the row goes for good, what was merged into it is not to come back by its own code.
    IF TG_OP = 'DELETE' THEN
        IF OLD.kind IN ('bank', 'category') THEN
            PERFORM catalog_remember_removed(OLD.kind, NULL, NULL, '', OLD.address);
        END IF;
        RETURN NULL;
    END IF;
    IF (CASE NEW.kind
        WHEN 'bank' THEN EXISTS (SELECT FROM catalog_bank WHERE code = NEW.address)
        WHEN 'category' THEN EXISTS (SELECT FROM catalog_category WHERE code = NEW.address)
        WHEN 'product' THEN EXISTS (SELECT FROM catalog_product WHERE slug = NEW.address)
        ELSE EXISTS (SELECT FROM catalog_case WHERE slug = NEW.address)
    END) THEN
        RAISE unique_violation USING
            MESSAGE = format('a %s has the address "%s"', NEW.kind, NEW.address), CONSTRAINT = 'former_address_once';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER former_address AFTER INSERT OR UPDATE OR DELETE ON catalog_formeraddress
    FOR EACH ROW EXECUTE FUNCTION catalog_former_address();


-- The names that rows had when an import brought them, and have no more ------------------------------------------------

INSERT INTO catalog_bankalias (bank_id, name, former)
SELECT id, imported ->> 'name', true FROM catalog_bank AS bank
WHERE imported ->> 'name' <> name AND imported ->> 'name' <> '' AND NOT EXISTS (
    SELECT FROM catalog_bank AS other
    WHERE bank.imported ->> 'name' IN (other.name, other.short_name, other.full_name, other.english_name, other.abbreviation)
)
ON CONFLICT DO NOTHING;

INSERT INTO catalog_categoryalias (category_id, name)
SELECT id, imported ->> 'name' FROM catalog_category AS category
WHERE imported ->> 'name' <> name AND imported ->> 'name' <> '' AND NOT EXISTS (
    SELECT FROM catalog_category AS other WHERE category.imported ->> 'name' = other.name
)
ON CONFLICT DO NOTHING;
