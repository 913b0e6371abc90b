-- Written by "npm run db:dump" from the migrations; read it, do not change it.

CREATE SCHEMA control;

CREATE TABLE control.economy (
    name text NOT NULL,
    blueprint text NOT NULL,
    database text NOT NULL,
    url_setting text,
    state text DEFAULT 'creating'::text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT economy_name_check CHECK ((name ~ '^[a-z][a-z0-9-]{0,30}$'::text)),
    CONSTRAINT economy_state_check CHECK ((state = ANY (ARRAY['creating'::text, 'open'::text, 'read_only'::text, 'dropping'::text])))
);

CREATE TABLE control.installation (
    one boolean DEFAULT true NOT NULL,
    id text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT installation_id_check CHECK ((id ~ '^[0-9a-f]{6}$'::text)),
    CONSTRAINT installation_one_check CHECK (one)
);

ALTER TABLE ONLY control.economy
    ADD CONSTRAINT economy_database_key UNIQUE (database);

ALTER TABLE ONLY control.economy
    ADD CONSTRAINT economy_pkey PRIMARY KEY (name);

ALTER TABLE ONLY control.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (one);
