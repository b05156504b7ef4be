-- The record of log-ins and rights (accounts/models.py). Rows are added and never changed; only old ones are deleted,
-- and only by a transaction that says it means to (manage.py forget_records).
CREATE FUNCTION accounts_record_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('accounts.forgetting', true) = 'on'
        AND OLD.at < now() - interval '30 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the record of log-ins and rights is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER accounts_record_guard BEFORE UPDATE OR DELETE ON accounts_record
    FOR EACH ROW EXECUTE FUNCTION accounts_record_guard();

-- One line about an account; the site names who acts, for the transaction (accounts/recording.py).
CREATE FUNCTION accounts_note(kind text, subject text, detail text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO accounts_record (kind, actor, subject, address, detail)
    VALUES (
        kind,
        coalesce(current_setting('accounts.actor', true), ''),
        coalesce(subject, ''),
        nullif(current_setting('accounts.address', true), '')::inet,
        detail
    )
$$;

CREATE FUNCTION accounts_change(label text, before boolean, after boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN before IS DISTINCT FROM after THEN label || CASE WHEN after THEN '：是' ELSE '：否' END END
$$;

CREATE FUNCTION accounts_user_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changes text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM accounts_note('deleted', OLD.username, '');
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM accounts_note('created', NEW.username, concat_ws('，',
            CASE WHEN NEW.is_superuser THEN '超级用户' END, CASE WHEN NEW.is_staff THEN '可进后台' END));
        RETURN NULL;
    END IF;
    changes := concat_ws('，',
        accounts_change('超级用户', OLD.is_superuser, NEW.is_superuser),
        accounts_change('可进后台', OLD.is_staff, NEW.is_staff),
        accounts_change('有效', OLD.is_active, NEW.is_active),
        CASE WHEN OLD.username <> NEW.username THEN '原名 ' || OLD.username END);
    IF changes <> '' THEN
        PERFORM accounts_note('rights', NEW.username, changes);
    END IF;
    IF OLD.password <> NEW.password THEN
        PERFORM accounts_note('password', NEW.username, '');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_user_changed AFTER INSERT OR UPDATE OR DELETE ON auth_user
    FOR EACH ROW EXECUTE FUNCTION accounts_user_changed();

-- A row of a table that ties an account or a group to what it may do.
CREATE FUNCTION accounts_tie_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    tie jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    verb text := CASE WHEN TG_OP = 'DELETE' THEN '收回' ELSE '给予' END;
    account text := (SELECT username FROM auth_user WHERE id = (tie->>'user_id')::bigint);
    group_name text := (SELECT name FROM auth_group WHERE id = (tie->>'group_id')::bigint);
    permission text := (SELECT codename FROM auth_permission WHERE id = (tie->>'permission_id')::bigint);
BEGIN
    PERFORM accounts_note('rights', account, concat_ws(' ',
        verb, CASE WHEN tie ? 'group_id' THEN '组 ' || coalesce(group_name, '（已删）') END,
        CASE WHEN tie ? 'permission_id' THEN '权限 ' || coalesce(permission, '（已删）') END));
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_tie_changed AFTER INSERT OR UPDATE OR DELETE ON auth_user_groups
    FOR EACH ROW EXECUTE FUNCTION accounts_tie_changed();
CREATE TRIGGER accounts_tie_changed AFTER INSERT OR UPDATE OR DELETE ON auth_user_user_permissions
    FOR EACH ROW EXECUTE FUNCTION accounts_tie_changed();
CREATE TRIGGER accounts_tie_changed AFTER INSERT OR UPDATE OR DELETE ON auth_group_permissions
    FOR EACH ROW EXECUTE FUNCTION accounts_tie_changed();

CREATE FUNCTION accounts_group_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM accounts_note('rights', '', '建立组 ' || NEW.name);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM accounts_note('rights', '', '删除组 ' || OLD.name);
    ELSIF OLD.name <> NEW.name THEN
        PERFORM accounts_note('rights', '', '组 ' || OLD.name || ' 改名为 ' || NEW.name);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER accounts_group_changed AFTER INSERT OR UPDATE OR DELETE ON auth_group
    FOR EACH ROW EXECUTE FUNCTION accounts_group_changed();
