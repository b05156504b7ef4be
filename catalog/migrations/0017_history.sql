-- All events have their number from one sequence, so that those of different tables have an order.
CREATE SEQUENCE catalog_history_seq;

-- The context of what is being written: that which the site has named, else one for the transaction that says which
-- role and which program wrote.
CREATE FUNCTION catalog_history_context() RETURNS uuid LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF coalesce(current_setting('pghistory.context_id', true), '') = '' THEN
        PERFORM set_config('pghistory.context_id', gen_random_uuid()::text, true),
            set_config('pghistory.context_metadata', jsonb_build_object(
                'kind', 'sql', 'role', session_user, 'program', current_setting('application_name')
            )::text, true);
    END IF;
    RETURN _pgh_attach_context();
END
$$;
