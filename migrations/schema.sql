-- Written by "npm run db:dump" from the migrations; read it, do not change it.

CREATE SCHEMA api;

CREATE SCHEMA audit;

CREATE SCHEMA auth;

CREATE SCHEMA contributions;

CREATE SCHEMA economy;

CREATE SCHEMA governance;

CREATE SCHEMA identity;

CREATE SCHEMA ledger;

CREATE SCHEMA staking;

CREATE SCHEMA webhooks;

CREATE TYPE contributions.contribution_type AS ENUM (
    'creation',
    'major_edit',
    'minor_edit',
    'review',
    'translation'
);

CREATE FUNCTION audit.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION contributions.refuse_article_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if old.import is not null and not exists (select from contributions.contribution where article = old.id) then
    return old;
  end if;
  raise exception 'The article % has contributions: it stays', old.id using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION contributions.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION contributions.refuse_contributor_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if old.import is not null
    and not exists (select from contributions.contribution where contributor = old.id)
    and not exists (select from contributions.token_reward where contributor = old.id)
  then
    return old;
  end if;
  raise exception 'The contributor % has contributed: they stay', old.id using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION contributions.refuse_distributed_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if exists (select from contributions.weekly_distribution where week_start = old.week_start) then
    raise exception 'The week % was distributed: its contributions do not change', old.week_start
      using errcode = 'restrict_violation';
  end if;
  if tg_op = 'DELETE' and old.import is null then
    raise exception 'The contribution % was not imported: it stays', old.id using errcode = 'restrict_violation';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end
$$;

CREATE FUNCTION contributions.refuse_review_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if old.score_e2 is null and exists (
    select
    from contributions.contribution
    where id = old.contribution
      and import is not null
      and not exists (
        select from contributions.weekly_distribution where week_start = contribution.week_start
      )
  ) then
    return old;
  end if;
  raise exception 'The review % was not imported: it stays', old.id using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION contributions.refuse_views_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if old.import is not null then
    return old;
  end if;
  raise exception 'The views % were not imported: they stay', old.id using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION governance.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION ledger.protect_tables(of_schema text) RETURNS void
    LANGUAGE plpgsql
    AS $$
declare
  target regclass;
begin
  for target in
    select pg_class.oid
    from pg_class
    where relnamespace = of_schema::regnamespace and relkind in ('r', 'p') and not relrowsecurity
  loop
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('create policy everything on %s to ":service", ":owner" using (true) with check (true)', target);
  end loop;
end
$$;

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '%.% is append-only', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION ledger.refuse_entry_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  if new.salt is null and new.metadata is null and new.actor is null
    and (new.id, new.effective_at, new.recorded_at, new.kind, new.reference, new.reverses)
      is not distinct from (old.id, old.effective_at, old.recorded_at, old.kind, old.reference, old.reverses)
    and exists (select from ledger.redaction where redaction.entry = old.id)
  then
    return new;
  end if;
  raise exception 'ledger.entry is append-only' using errcode = 'restrict_violation';
end
$$;

CREATE FUNCTION staking.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '%.%: what was agreed does not change', tg_table_schema, tg_table_name
    using errcode = 'restrict_violation';
end
$$;

CREATE TABLE api.answer (
    id uuid NOT NULL,
    fingerprint bytea NOT NULL,
    status integer,
    body jsonb,
    claimed_at timestamp(3) with time zone NOT NULL
);

ALTER TABLE ONLY api.answer FORCE ROW LEVEL SECURITY;

CREATE TABLE audit.event (
    id bigint NOT NULL,
    at timestamp(3) with time zone NOT NULL,
    actor text,
    action text NOT NULL,
    subject text NOT NULL,
    diff jsonb,
    salt bytea NOT NULL
);

ALTER TABLE ONLY audit.event FORCE ROW LEVEL SECURITY;

ALTER TABLE audit.event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE auth.account (
    id text NOT NULL,
    account_id text NOT NULL,
    provider_id text NOT NULL,
    user_id text NOT NULL,
    access_token text,
    refresh_token text,
    id_token text,
    access_token_expires_at timestamp(3) with time zone,
    refresh_token_expires_at timestamp(3) with time zone,
    scope text,
    password text,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL
);

ALTER TABLE ONLY auth.account FORCE ROW LEVEL SECURITY;

CREATE TABLE auth.attempt (
    key bytea NOT NULL,
    count integer NOT NULL,
    ends_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT attempt_key_check CHECK ((octet_length(key) = 32))
);

ALTER TABLE ONLY auth.attempt FORCE ROW LEVEL SECURITY;

CREATE TABLE auth.login (
    id text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    email_verified boolean DEFAULT false NOT NULL,
    image text,
    two_factor_enabled boolean DEFAULT false,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT login_email_check CHECK (((length(email) >= 3) AND (length(email) <= 320))),
    CONSTRAINT login_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100)))
);

ALTER TABLE ONLY auth.login FORCE ROW LEVEL SECURITY;

CREATE TABLE auth.mail (
    id bigint NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    text text,
    created_at timestamp(3) with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    next_try_at timestamp(3) with time zone,
    sent_at timestamp(3) with time zone,
    CONSTRAINT mail_recipient_check CHECK (((length(recipient) >= 3) AND (length(recipient) <= 320))),
    CONSTRAINT mail_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)))
);

ALTER TABLE ONLY auth.mail FORCE ROW LEVEL SECURITY;

ALTER TABLE auth.mail ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME auth.mail_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE auth.passkey (
    id text NOT NULL,
    name text,
    public_key text NOT NULL,
    user_id text NOT NULL,
    credential_id text NOT NULL,
    counter integer NOT NULL,
    device_type text NOT NULL,
    backed_up boolean NOT NULL,
    transports text,
    created_at timestamp(3) with time zone,
    aaguid text
);

ALTER TABLE ONLY auth.passkey FORCE ROW LEVEL SECURITY;

CREATE TABLE auth.session (
    id text NOT NULL,
    token text NOT NULL,
    user_id text NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    ip_address text,
    user_agent text,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    last_seen_at timestamp(3) with time zone,
    CONSTRAINT session_token_check CHECK ((length(token) = 43))
);

ALTER TABLE ONLY auth.session FORCE ROW LEVEL SECURITY;

CREATE TABLE auth.two_factor (
    id text NOT NULL,
    secret text NOT NULL,
    backup_codes text NOT NULL,
    user_id text NOT NULL,
    verified boolean DEFAULT true,
    failed_verification_count integer DEFAULT 0,
    locked_until timestamp(3) with time zone
);

ALTER TABLE ONLY auth.two_factor FORCE ROW LEVEL SECURITY;

CREATE TABLE auth.verification (
    id text NOT NULL,
    identifier text NOT NULL,
    value text NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL
);

ALTER TABLE ONLY auth.verification FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.article (
    id bigint NOT NULL,
    name text NOT NULL,
    staff_demand_e2 smallint,
    views_demand_e2 smallint,
    demand_e2 smallint GENERATED ALWAYS AS (COALESCE((staff_demand_e2)::integer, (views_demand_e2)::integer, 100)) STORED NOT NULL,
    featured boolean DEFAULT false NOT NULL,
    expert_reviewed boolean DEFAULT false NOT NULL,
    contribution_count integer DEFAULT 0 NOT NULL,
    last_contribution_date timestamp(3) with time zone,
    scored_contributions integer DEFAULT 0 NOT NULL,
    quality_sum_e2 bigint DEFAULT 0 NOT NULL,
    total_tokens_earned numeric(38,0) DEFAULT 0 NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    import integer,
    CONSTRAINT article_name_check CHECK (((length(name) >= 1) AND (length(name) <= 300))),
    CONSTRAINT article_staff_demand_e2_check CHECK (((staff_demand_e2 >= 10) AND (staff_demand_e2 <= 1000))),
    CONSTRAINT article_views_demand_e2_check CHECK (((views_demand_e2 >= 10) AND (views_demand_e2 <= 1000)))
)
WITH (fillfactor='70');

ALTER TABLE ONLY contributions.article FORCE ROW LEVEL SECURITY;

ALTER TABLE contributions.article ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contributions.article_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE contributions.article_views (
    id bigint NOT NULL,
    article bigint NOT NULL,
    day date NOT NULL,
    views bigint NOT NULL,
    import integer,
    actor text NOT NULL,
    recorded_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT article_views_views_check CHECK (((views >= 0) AND (views <= '1000000000000'::bigint)))
);

ALTER TABLE ONLY contributions.article_views FORCE ROW LEVEL SECURITY;

ALTER TABLE contributions.article_views ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contributions.article_views_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE contributions.contribution (
    id bigint NOT NULL,
    contributor bigint NOT NULL,
    article bigint NOT NULL,
    change bigint NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone,
    week_start date NOT NULL,
    type contributions.contribution_type NOT NULL,
    base_points integer NOT NULL,
    total_points integer NOT NULL,
    quality_e2 smallint DEFAULT 100 NOT NULL,
    reputation_e4 smallint NOT NULL,
    demand_e2 smallint NOT NULL,
    scored boolean DEFAULT false NOT NULL,
    import integer,
    line bigint,
    word_count integer,
    images_added integer,
    links_added integer,
    sources_cited integer,
    description text,
    scores smallint DEFAULT 0 NOT NULL,
    CONSTRAINT contribution_base_points_check CHECK (((base_points >= 0) AND (base_points <= 10000))),
    CONSTRAINT contribution_demand_e2_check CHECK (((demand_e2 >= 10) AND (demand_e2 <= 1000))),
    CONSTRAINT contribution_description_check CHECK (((length(description) >= 1) AND (length(description) <= 2000))),
    CONSTRAINT contribution_images_added_check CHECK (((images_added >= 0) AND (images_added <= 1000000))),
    CONSTRAINT contribution_links_added_check CHECK (((links_added >= 0) AND (links_added <= 1000000))),
    CONSTRAINT contribution_quality_e2_check CHECK (((quality_e2 >= 1) AND (quality_e2 <= 1000))),
    CONSTRAINT contribution_reputation_e4_check CHECK (((reputation_e4 >= 1) AND (reputation_e4 <= 30000))),
    CONSTRAINT contribution_scores_check CHECK ((scores >= 0)),
    CONSTRAINT contribution_sources_cited_check CHECK (((sources_cited >= 0) AND (sources_cited <= 1000000))),
    CONSTRAINT contribution_total_points CHECK ((total_points = (((((((2)::bigint * base_points) * quality_e2) * reputation_e4) * demand_e2) + 100000000) / 200000000))),
    CONSTRAINT contribution_week_start_check CHECK ((EXTRACT(isodow FROM week_start) = (1)::numeric)),
    CONSTRAINT contribution_word_count_check CHECK (((word_count >= 0) AND (word_count <= 1000000)))
);

ALTER TABLE ONLY contributions.contribution FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE contributions.contribution_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE contributions.contribution_id OWNED BY contributions.contribution.id;

CREATE TABLE contributions.contributor (
    id bigint NOT NULL,
    person uuid NOT NULL,
    reputation_e4 smallint DEFAULT 10000 NOT NULL,
    total_contributions integer DEFAULT 0 NOT NULL,
    total_points bigint DEFAULT 0 NOT NULL,
    carried_points bigint DEFAULT 0 NOT NULL,
    carried_since date,
    created_at timestamp(3) with time zone NOT NULL,
    import integer,
    CONSTRAINT contributor_carried CHECK (((carried_points > 0) = (carried_since IS NOT NULL))),
    CONSTRAINT contributor_carried_points_check CHECK ((carried_points >= 0)),
    CONSTRAINT contributor_reputation_e4_check CHECK (((reputation_e4 >= 1) AND (reputation_e4 <= 30000)))
)
WITH (fillfactor='70');

ALTER TABLE ONLY contributions.contributor FORCE ROW LEVEL SECURITY;

ALTER TABLE contributions.contributor ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contributions.contributor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE contributions.demand_week (
    week_start date NOT NULL,
    views_through bigint NOT NULL,
    articles integer NOT NULL,
    computed_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT demand_week_week_start_check CHECK ((EXTRACT(isodow FROM week_start) = (1)::numeric))
);

ALTER TABLE ONLY contributions.demand_week FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.earning (
    contributor bigint NOT NULL,
    tokens numeric(38,0) NOT NULL,
    last_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT earning_tokens_check CHECK ((tokens > (0)::numeric))
)
WITH (fillfactor='70');

ALTER TABLE ONLY contributions.earning FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.import (
    id integer NOT NULL,
    format text NOT NULL,
    file text NOT NULL,
    head bytea NOT NULL,
    lines bigint DEFAULT 0 NOT NULL,
    digest bytea NOT NULL,
    refused bigint DEFAULT 0 NOT NULL,
    contributions bigint DEFAULT 0 NOT NULL,
    people bigint DEFAULT 0 NOT NULL,
    articles bigint DEFAULT 0 NOT NULL,
    actor text NOT NULL,
    started_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    completed_at timestamp(3) with time zone,
    done bigint DEFAULT 0 NOT NULL,
    total bigint,
    views bigint DEFAULT 0 NOT NULL,
    differences bigint DEFAULT 0 NOT NULL,
    rolled_back_at timestamp(3) with time zone,
    rolled_back_by text,
    CONSTRAINT import_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT import_file_check CHECK (((length(file) >= 1) AND (length(file) <= 300))),
    CONSTRAINT import_format_check CHECK ((format = ANY (ARRAY['wiki-history'::text, 'git'::text, 'views'::text, 'users'::text, 'articles'::text]))),
    CONSTRAINT import_head_check CHECK ((octet_length(head) = 32)),
    CONSTRAINT import_rolled_back CHECK (((rolled_back_at IS NULL) = (rolled_back_by IS NULL)))
);

ALTER TABLE ONLY contributions.import FORCE ROW LEVEL SECURITY;

ALTER TABLE contributions.import ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contributions.import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE contributions.import_refusal (
    import integer NOT NULL,
    line bigint NOT NULL,
    field text,
    code text NOT NULL,
    message text NOT NULL,
    CONSTRAINT import_refusal_line_check CHECK ((line > 0)),
    CONSTRAINT import_refusal_message_check CHECK ((length(message) <= 1000))
);

ALTER TABLE ONLY contributions.import_refusal FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.imported_person (
    person uuid NOT NULL,
    import integer NOT NULL
);

ALTER TABLE ONLY contributions.imported_person FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.page (
    article bigint NOT NULL,
    language text NOT NULL,
    import integer
);

ALTER TABLE ONLY contributions.page FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.payment (
    distribution integer NOT NULL,
    no integer NOT NULL,
    first_reward integer NOT NULL,
    last_reward integer NOT NULL,
    amount numeric(38,0) NOT NULL,
    hold uuid NOT NULL,
    entry bigint,
    paid_at timestamp(3) with time zone,
    CONSTRAINT payment_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT payment_paid CHECK (((entry IS NULL) = (paid_at IS NULL))),
    CONSTRAINT payment_rewards CHECK ((first_reward <= last_reward))
);

ALTER TABLE ONLY contributions.payment FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.pseudonym_key (
    one boolean DEFAULT true NOT NULL,
    key bytea NOT NULL,
    CONSTRAINT pseudonym_key_key_check CHECK ((octet_length(key) = 32)),
    CONSTRAINT pseudonym_key_one_check CHECK (one)
);

ALTER TABLE ONLY contributions.pseudonym_key FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.quality_change (
    id bigint NOT NULL,
    change bigint NOT NULL,
    review bigint NOT NULL,
    before_e2 smallint NOT NULL,
    after_e2 smallint NOT NULL,
    at timestamp(3) with time zone NOT NULL
);

ALTER TABLE ONLY contributions.quality_change FORCE ROW LEVEL SECURITY;

ALTER TABLE contributions.quality_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contributions.quality_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE contributions.reputation_change (
    contributor bigint NOT NULL,
    week_start date NOT NULL,
    quality_sum_e2 bigint NOT NULL,
    scored integer NOT NULL,
    before_e4 smallint NOT NULL,
    after_e4 smallint NOT NULL,
    CONSTRAINT reputation_change_scored_check CHECK ((scored > 0))
);

ALTER TABLE ONLY contributions.reputation_change FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.review (
    id bigint NOT NULL,
    change bigint NOT NULL,
    reviewer bigint,
    staff boolean DEFAULT false NOT NULL,
    score_e2 smallint,
    comment text,
    contribution bigint,
    actor text,
    created_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT review_by_somebody CHECK (((reviewer IS NOT NULL) OR (staff AND (actor IS NOT NULL)))),
    CONSTRAINT review_comment_check CHECK (((length(comment) >= 1) AND (length(comment) <= 2000))),
    CONSTRAINT review_score_e2_check CHECK (((score_e2 >= 1) AND (score_e2 <= 1000)))
);

ALTER TABLE ONLY contributions.review FORCE ROW LEVEL SECURITY;

ALTER TABLE contributions.review ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contributions.review_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE contributions.tally (
    week_start date NOT NULL,
    shard smallint NOT NULL,
    contributions bigint NOT NULL,
    points bigint NOT NULL,
    contributors bigint DEFAULT 0 NOT NULL,
    articles bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='50');

ALTER TABLE ONLY contributions.tally FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.token_reward (
    distribution integer NOT NULL,
    no integer NOT NULL,
    contributor bigint NOT NULL,
    paid_from date NOT NULL,
    total_points bigint NOT NULL,
    carried_points bigint NOT NULL,
    staking_multiplier_e6 integer NOT NULL,
    token_amount numeric(38,0) NOT NULL,
    CONSTRAINT token_reward_check CHECK (((carried_points >= 0) AND (carried_points <= total_points))),
    CONSTRAINT token_reward_staking_multiplier_e6_check CHECK ((staking_multiplier_e6 >= 1000000)),
    CONSTRAINT token_reward_token_amount_check CHECK ((token_amount > (0)::numeric)),
    CONSTRAINT token_reward_total_points_check CHECK ((total_points > 0))
);

ALTER TABLE ONLY contributions.token_reward FORCE ROW LEVEL SECURITY;

CREATE TABLE contributions.weekly_distribution (
    id integer NOT NULL,
    week_start date NOT NULL,
    status text NOT NULL,
    asset text NOT NULL,
    weekly_pool numeric(38,0) NOT NULL,
    pool numeric(38,0) NOT NULL,
    total_tokens numeric(38,0) NOT NULL,
    new_points bigint NOT NULL,
    total_points bigint NOT NULL,
    effective_points_e6 numeric(38,0) NOT NULL,
    carried_points bigint NOT NULL,
    user_count integer NOT NULL,
    carried_count integer NOT NULL,
    actor text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    started_at timestamp(3) with time zone,
    completed_at timestamp(3) with time zone,
    failure text,
    CONSTRAINT weekly_distribution_check CHECK (((pool >= (0)::numeric) AND (pool <= weekly_pool))),
    CONSTRAINT weekly_distribution_check1 CHECK (((total_tokens >= (0)::numeric) AND (total_tokens <= pool))),
    CONSTRAINT weekly_distribution_completed CHECK (((status = 'completed'::text) = (completed_at IS NOT NULL))),
    CONSTRAINT weekly_distribution_failed CHECK (((status = 'failed'::text) = (failure IS NOT NULL))),
    CONSTRAINT weekly_distribution_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text]))),
    CONSTRAINT weekly_distribution_week_start_check CHECK ((EXTRACT(isodow FROM week_start) = (1)::numeric)),
    CONSTRAINT weekly_distribution_weekly_pool_check CHECK ((weekly_pool >= (0)::numeric))
);

ALTER TABLE ONLY contributions.weekly_distribution FORCE ROW LEVEL SECURITY;

ALTER TABLE contributions.weekly_distribution ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME contributions.weekly_distribution_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE economy.parameter (
    name text NOT NULL,
    module text NOT NULL,
    description text NOT NULL,
    shape jsonb NOT NULL,
    governable boolean DEFAULT false NOT NULL,
    aliases text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT parameter_name_check CHECK ((name ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
    CONSTRAINT parameter_shape_check CHECK ((shape ? 'type'::text))
);

ALTER TABLE ONLY economy.parameter FORCE ROW LEVEL SECURITY;

CREATE TABLE economy.parameter_value (
    id bigint NOT NULL,
    name text NOT NULL,
    value jsonb NOT NULL,
    in_force_from timestamp(3) with time zone NOT NULL,
    set_at timestamp(3) with time zone NOT NULL,
    actor text NOT NULL
);

ALTER TABLE ONLY economy.parameter_value FORCE ROW LEVEL SECURITY;

ALTER TABLE economy.parameter_value ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME economy.parameter_value_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE governance.allocation (
    proposal uuid NOT NULL,
    account text NOT NULL,
    asset text NOT NULL,
    amount numeric(38,0) NOT NULL,
    quarter date NOT NULL,
    quarter_limit numeric(38,0) NOT NULL,
    reserved_at timestamp(3) with time zone NOT NULL,
    paid_at timestamp(3) with time zone,
    released_at timestamp(3) with time zone,
    CONSTRAINT allocation_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT allocation_check CHECK ((amount <= quarter_limit)),
    CONSTRAINT allocation_ends_once CHECK ((num_nonnulls(paid_at, released_at) <= 1))
);

ALTER TABLE ONLY governance.allocation FORCE ROW LEVEL SECURITY;

CREATE TABLE governance.proposal (
    id uuid NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    proposer uuid NOT NULL,
    type text NOT NULL,
    parameters jsonb NOT NULL,
    asset text NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    due_at timestamp(3) with time zone,
    submitted_at timestamp(3) with time zone,
    voting_start timestamp(3) with time zone,
    voting_end timestamp(3) with time zone,
    tree_size bigint,
    circulating numeric(38,0),
    quorum_required numeric(38,0),
    stake_weight smallint,
    staked_before timestamp(3) with time zone,
    extension_hours smallint,
    timelock_hours smallint,
    votes_for numeric(38,0) DEFAULT 0 NOT NULL,
    votes_against numeric(38,0) DEFAULT 0 NOT NULL,
    votes_abstain numeric(38,0) DEFAULT 0 NOT NULL,
    voters integer DEFAULT 0 NOT NULL,
    extended_at timestamp(3) with time zone,
    decided_at timestamp(3) with time zone,
    execute_at timestamp(3) with time zone,
    executed_at timestamp(3) with time zone,
    cancelled_by text,
    cancel_reason text,
    failure text,
    CONSTRAINT proposal_cancel_reason_check CHECK (((length(cancel_reason) >= 1) AND (length(cancel_reason) <= 500))),
    CONSTRAINT proposal_cancelled CHECK (((status = 'cancelled'::text) = (cancelled_by IS NOT NULL))),
    CONSTRAINT proposal_decided CHECK ((decided_at >= voting_end)),
    CONSTRAINT proposal_delay CHECK ((voting_start > submitted_at)),
    CONSTRAINT proposal_description_check CHECK (((length(description) >= 1) AND (length(description) <= 10000))),
    CONSTRAINT proposal_draft CHECK (((status <> 'draft'::text) OR (tree_size IS NULL))),
    CONSTRAINT proposal_executed CHECK ((((status = 'executed'::text) = (executed_at IS NOT NULL)) AND (executed_at >= execute_at))),
    CONSTRAINT proposal_extension_hours_check CHECK ((extension_hours > 0)),
    CONSTRAINT proposal_lost CHECK (((status <> 'rejected'::text) OR (votes_for <= votes_against) OR ((votes_for + votes_abstain) < quorum_required))),
    CONSTRAINT proposal_opened CHECK (((status = ANY (ARRAY['draft'::text, 'cancelled'::text])) OR (tree_size IS NOT NULL))),
    CONSTRAINT proposal_over CHECK (((status = ANY (ARRAY['draft'::text, 'active'::text, 'passed'::text])) OR (due_at IS NULL))),
    CONSTRAINT proposal_quorum_required_check CHECK ((quorum_required > (0)::numeric)),
    CONSTRAINT proposal_snapshot CHECK ((num_nonnulls(tree_size, voting_end, circulating, quorum_required, stake_weight, staked_before, extension_hours, timelock_hours) = ANY (ARRAY[0, 8]))),
    CONSTRAINT proposal_stake_weight_check CHECK ((stake_weight > 0)),
    CONSTRAINT proposal_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'passed'::text, 'rejected'::text, 'executed'::text, 'cancelled'::text, 'expired'::text]))),
    CONSTRAINT proposal_submitted CHECK (((submitted_at IS NULL) = (voting_start IS NULL))),
    CONSTRAINT proposal_timed CHECK (((status <> ALL (ARRAY['active'::text, 'passed'::text])) OR (due_at IS NOT NULL))),
    CONSTRAINT proposal_timelock_hours_check CHECK ((timelock_hours > 0)),
    CONSTRAINT proposal_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200))),
    CONSTRAINT proposal_tree_size_check CHECK ((tree_size > 0)),
    CONSTRAINT proposal_type_check CHECK ((type ~ '^[a-z][a-z_]{0,62}$'::text)),
    CONSTRAINT proposal_voters_check CHECK ((voters >= 0)),
    CONSTRAINT proposal_votes_abstain_check CHECK ((votes_abstain >= (0)::numeric)),
    CONSTRAINT proposal_votes_against_check CHECK ((votes_against >= (0)::numeric)),
    CONSTRAINT proposal_votes_for_check CHECK ((votes_for >= (0)::numeric)),
    CONSTRAINT proposal_won CHECK (((status <> ALL (ARRAY['passed'::text, 'executed'::text])) OR ((votes_for > votes_against) AND ((votes_for + votes_abstain) >= quorum_required) AND (execute_at > decided_at))))
)
WITH (fillfactor='50');

ALTER TABLE ONLY governance.proposal FORCE ROW LEVEL SECURITY;

CREATE TABLE governance.vote (
    proposal uuid NOT NULL,
    voter uuid NOT NULL,
    choice text NOT NULL,
    power numeric(38,0) NOT NULL,
    balance numeric(38,0) NOT NULL,
    staked numeric(38,0) NOT NULL,
    reason text,
    cast_at timestamp(3) with time zone NOT NULL,
    changes integer DEFAULT 0 NOT NULL,
    CONSTRAINT vote_balance_check CHECK ((balance >= (0)::numeric)),
    CONSTRAINT vote_choice_check CHECK ((choice = ANY (ARRAY['for'::text, 'against'::text, 'abstain'::text]))),
    CONSTRAINT vote_power_check CHECK ((power > (0)::numeric)),
    CONSTRAINT vote_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 1000))),
    CONSTRAINT vote_staked_check CHECK ((staked >= (0)::numeric))
);

ALTER TABLE ONLY governance.vote FORCE ROW LEVEL SECURITY;

CREATE TABLE governance.vote_change (
    proposal uuid NOT NULL,
    voter uuid NOT NULL,
    no integer NOT NULL,
    choice text NOT NULL,
    reason text,
    cast_at timestamp(3) with time zone NOT NULL,
    replaced_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT vote_change_no_check CHECK ((no > 0))
);

ALTER TABLE ONLY governance.vote_change FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.api_key (
    id uuid NOT NULL,
    name text NOT NULL,
    role text,
    hash bytea NOT NULL,
    hint text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    created_by text NOT NULL,
    revoked_at timestamp(3) with time zone,
    revoked_by text,
    person uuid,
    scopes text[],
    expires_at timestamp(3) with time zone,
    CONSTRAINT api_key_check CHECK ((expires_at > created_at)),
    CONSTRAINT api_key_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT api_key_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT api_key_of_staff_or_person CHECK (
CASE
    WHEN (person IS NULL) THEN ((role IS NOT NULL) AND (scopes IS NULL))
    ELSE ((role IS NULL) AND (scopes IS NOT NULL))
END),
    CONSTRAINT api_key_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'finance'::text, 'moderator'::text, 'support'::text, 'auditor'::text]))),
    CONSTRAINT api_key_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['read'::text, 'transfer'::text, 'stake'::text, 'vote'::text])))
);

ALTER TABLE ONLY identity.api_key FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.claim_code (
    id uuid NOT NULL,
    person uuid NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    replaced_at timestamp(3) with time zone,
    redeemed_at timestamp(3) with time zone,
    redeemed_by uuid,
    CONSTRAINT claim_code_check CHECK ((expires_at > created_at)),
    CONSTRAINT claim_code_check1 CHECK (((redeemed_at IS NULL) = (redeemed_by IS NULL))),
    CONSTRAINT claim_code_hash_check CHECK ((octet_length(hash) = 32))
);

ALTER TABLE ONLY identity.claim_code FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.impersonation (
    id uuid NOT NULL,
    person uuid NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    started_at timestamp(3) with time zone NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    ended_at timestamp(3) with time zone,
    CONSTRAINT impersonation_check CHECK ((expires_at > started_at)),
    CONSTRAINT impersonation_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 200)))
);

ALTER TABLE ONLY identity.impersonation FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.invitation (
    id uuid NOT NULL,
    role text NOT NULL,
    note text NOT NULL,
    hash bytea NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp(3) with time zone NOT NULL,
    accepted_at timestamp(3) with time zone,
    accepted_by uuid,
    revoked_at timestamp(3) with time zone,
    revoked_by text,
    CONSTRAINT invitation_check CHECK ((expires_at > created_at)),
    CONSTRAINT invitation_check1 CHECK (((accepted_at IS NULL) = (accepted_by IS NULL))),
    CONSTRAINT invitation_check2 CHECK (((accepted_at IS NULL) OR (revoked_at IS NULL))),
    CONSTRAINT invitation_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT invitation_note_check CHECK (((length(note) >= 1) AND (length(note) <= 200))),
    CONSTRAINT invitation_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'finance'::text, 'moderator'::text, 'support'::text, 'auditor'::text])))
);

ALTER TABLE ONLY identity.invitation FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.person (
    id uuid NOT NULL,
    username text NOT NULL,
    joined_at timestamp(3) with time zone NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    auth_user text,
    became uuid,
    CONSTRAINT person_check CHECK ((became <> id)),
    CONSTRAINT person_username_check CHECK (((length(username) >= 1) AND (length(username) <= 100)))
);

ALTER TABLE ONLY identity.person FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.person_role (
    person uuid NOT NULL,
    role text NOT NULL,
    granted_at timestamp(3) with time zone NOT NULL,
    granted_by text NOT NULL,
    CONSTRAINT person_role_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'operator'::text, 'finance'::text, 'moderator'::text, 'support'::text, 'auditor'::text])))
);

ALTER TABLE ONLY identity.person_role FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.wallet (
    person uuid NOT NULL,
    chain text NOT NULL,
    address text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT wallet_chain_check CHECK ((chain = ANY (ARRAY['evm'::text, 'solana'::text])))
);

ALTER TABLE ONLY identity.wallet FORCE ROW LEVEL SECURITY;

CREATE TABLE identity.wallet_nonce (
    nonce text NOT NULL,
    person uuid,
    expires_at timestamp(3) with time zone NOT NULL,
    text_hash bytea,
    CONSTRAINT wallet_nonce_nonce_check CHECK (((length(nonce) >= 8) AND (length(nonce) <= 64))),
    CONSTRAINT wallet_nonce_purpose CHECK (((person IS NULL) <> (text_hash IS NULL))),
    CONSTRAINT wallet_nonce_text_hash_check CHECK ((octet_length(text_hash) = 32))
);

ALTER TABLE ONLY identity.wallet_nonce FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.account (
    id bigint NOT NULL,
    path text NOT NULL COLLATE pg_catalog."C",
    asset integer NOT NULL,
    owner uuid,
    balance numeric(38,0) DEFAULT 0 NOT NULL,
    reserved numeric(38,0) DEFAULT 0 NOT NULL,
    floor numeric(38,0),
    ceiling numeric(38,0),
    version bigint DEFAULT 0 NOT NULL,
    status text DEFAULT 'open'::text NOT NULL,
    opened_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT account_ceiling CHECK (((ceiling IS NULL) OR (balance <= ceiling))),
    CONSTRAINT account_closed_is_empty CHECK (((status <> 'closed'::text) OR ((balance = (0)::numeric) AND (reserved = (0)::numeric)))),
    CONSTRAINT account_floor CHECK (((floor IS NULL) OR ((balance - reserved) >= floor))),
    CONSTRAINT account_path_check CHECK ((length(path) <= 200)),
    CONSTRAINT account_reserved_check CHECK ((reserved >= (0)::numeric)),
    CONSTRAINT account_status_check CHECK ((status = ANY (ARRAY['open'::text, 'frozen'::text, 'closed'::text])))
)
WITH (fillfactor='70');

ALTER TABLE ONLY ledger.account FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE ledger.account_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE ledger.account_id OWNED BY ledger.account.id;

CREATE TABLE ledger.asset (
    id integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    scale smallint NOT NULL,
    max_supply numeric(38,0) NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT asset_code_check CHECK ((code ~ '^[A-Za-z][A-Za-z0-9:._-]{0,63}$'::text)),
    CONSTRAINT asset_max_supply_check CHECK ((max_supply > (0)::numeric)),
    CONSTRAINT asset_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT asset_scale_check CHECK (((scale >= 0) AND (scale <= 30)))
);

ALTER TABLE ONLY ledger.asset FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.asset ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ledger.asset_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE ledger.block (
    height bigint NOT NULL,
    previous_hash bytea NOT NULL,
    tree_size bigint NOT NULL,
    root bytea NOT NULL,
    "time" timestamp(3) with time zone NOT NULL,
    difficulty bigint DEFAULT 0 NOT NULL,
    nonce bigint DEFAULT 0 NOT NULL,
    origin text NOT NULL,
    hash bytea NOT NULL,
    checkpoint text NOT NULL,
    CONSTRAINT block_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT block_previous_hash_check CHECK ((octet_length(previous_hash) = 32)),
    CONSTRAINT block_root_check CHECK ((octet_length(root) = 32))
);

ALTER TABLE ONLY ledger.block FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.closing (
    id integer NOT NULL,
    closed_before timestamp(3) with time zone NOT NULL,
    closed_at timestamp(3) with time zone NOT NULL,
    actor text NOT NULL
);

ALTER TABLE ONLY ledger.closing FORCE ROW LEVEL SECURITY;

ALTER TABLE ledger.closing ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME ledger.closing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE ledger.entry (
    id bigint NOT NULL,
    effective_at timestamp(3) with time zone NOT NULL,
    recorded_at timestamp(3) with time zone NOT NULL,
    kind text NOT NULL,
    reference text,
    actor text,
    metadata jsonb,
    reverses bigint,
    salt bytea,
    CONSTRAINT entry_effective_not_later CHECK ((effective_at <= recorded_at))
);

ALTER TABLE ONLY ledger.entry FORCE ROW LEVEL SECURITY;

CREATE SEQUENCE ledger.entry_id
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE ledger.entry_id OWNED BY ledger.entry.id;

CREATE TABLE ledger.hold (
    id uuid NOT NULL,
    account bigint NOT NULL,
    amount numeric(38,0) NOT NULL,
    captured numeric(38,0) DEFAULT 0 NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    reference text,
    actor text,
    expires_at timestamp(3) with time zone,
    created_at timestamp(3) with time zone NOT NULL,
    closed_at timestamp(3) with time zone,
    entry bigint,
    CONSTRAINT hold_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT hold_captured CHECK (((status = 'captured'::text) = (entry IS NOT NULL))),
    CONSTRAINT hold_check CHECK (((captured >= (0)::numeric) AND (captured <= amount))),
    CONSTRAINT hold_closed_at CHECK (((status = 'pending'::text) = (closed_at IS NULL))),
    CONSTRAINT hold_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'captured'::text, 'voided'::text, 'expired'::text])))
);

ALTER TABLE ONLY ledger.hold FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.issuance (
    id uuid NOT NULL,
    asset integer NOT NULL,
    to_path text NOT NULL,
    amount numeric(38,0) NOT NULL,
    reason text NOT NULL,
    requested_by text NOT NULL,
    requested_at timestamp(3) with time zone NOT NULL,
    approved_by text,
    approved_at timestamp(3) with time zone,
    entry bigint,
    CONSTRAINT issuance_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT issuance_approved CHECK ((num_nonnulls(approved_by, approved_at, entry) = ANY (ARRAY[0, 3]))),
    CONSTRAINT issuance_two_people CHECK ((approved_by <> requested_by))
);

ALTER TABLE ONLY ledger.issuance FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.key (
    id uuid NOT NULL,
    entry bigint,
    hold uuid,
    fingerprint uuid NOT NULL,
    refusal jsonb,
    CONSTRAINT key_outcome CHECK ((num_nonnulls(entry, hold, refusal) = 1))
);

ALTER TABLE ONLY ledger.key FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.leaf (
    "position" bigint NOT NULL,
    kind smallint NOT NULL,
    ref bigint NOT NULL,
    CONSTRAINT leaf_kind_check CHECK ((kind = ANY (ARRAY[1, 2])))
);

ALTER TABLE ONLY ledger.leaf FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.posting (
    entry bigint NOT NULL,
    no smallint NOT NULL,
    from_account bigint NOT NULL,
    from_version bigint NOT NULL,
    from_balance numeric(38,0) NOT NULL,
    to_account bigint NOT NULL,
    to_version bigint NOT NULL,
    to_balance numeric(38,0) NOT NULL,
    amount numeric(38,0) NOT NULL,
    CONSTRAINT posting_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT posting_moves CHECK ((from_account <> to_account))
);

ALTER TABLE ONLY ledger.posting FORCE ROW LEVEL SECURITY;

CREATE VIEW ledger.line WITH (security_invoker='true') AS
 SELECT posting.from_account AS account,
    posting.from_version AS version,
    posting.entry,
    posting.no,
    (- posting.amount) AS amount,
    (posting.from_balance + posting.amount) AS balance_before,
    posting.from_balance AS balance_after,
    posting.to_account AS counterparty
   FROM ledger.posting
UNION ALL
 SELECT posting.to_account AS account,
    posting.to_version AS version,
    posting.entry,
    posting.no,
    posting.amount,
    (posting.to_balance - posting.amount) AS balance_before,
    posting.to_balance AS balance_after,
    posting.from_account AS counterparty
   FROM ledger.posting;

CREATE TABLE ledger.log (
    one boolean DEFAULT true NOT NULL,
    origin text NOT NULL,
    entry_watermark bigint DEFAULT 0 NOT NULL,
    event_watermark bigint DEFAULT 0 NOT NULL,
    CONSTRAINT log_one_check CHECK (one)
);

ALTER TABLE ONLY ledger.log FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.redaction (
    entry bigint NOT NULL,
    posting_key bytea NOT NULL,
    metadata_digest bytea NOT NULL,
    actor_digest bytea NOT NULL,
    redacted_at timestamp(3) with time zone NOT NULL,
    actor text NOT NULL,
    CONSTRAINT redaction_actor_digest_check CHECK ((octet_length(actor_digest) = 32)),
    CONSTRAINT redaction_metadata_digest_check CHECK ((octet_length(metadata_digest) = 32)),
    CONSTRAINT redaction_posting_key_check CHECK ((octet_length(posting_key) = 16))
);

ALTER TABLE ONLY ledger.redaction FORCE ROW LEVEL SECURITY;

CREATE TABLE ledger.tile (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT tile_hashes_check CHECK ((((octet_length(hashes) >= 32) AND (octet_length(hashes) <= 8192)) AND ((octet_length(hashes) % 32) = 0)))
);
ALTER TABLE ONLY ledger.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

ALTER TABLE ONLY ledger.tile FORCE ROW LEVEL SECURITY;

CREATE TABLE staking.pool (
    code text NOT NULL,
    kind text NOT NULL,
    asset text NOT NULL,
    reward_account text NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT pool_code_check CHECK ((code ~ '^[a-z][a-z0-9_]{0,31}$'::text)),
    CONSTRAINT pool_kind_check CHECK ((kind = 'term'::text))
);

ALTER TABLE ONLY staking.pool FORCE ROW LEVEL SECURITY;

CREATE TABLE staking.stake (
    id uuid NOT NULL,
    pool text NOT NULL,
    person uuid NOT NULL,
    amount numeric(38,0) NOT NULL,
    duration_days integer NOT NULL,
    apy_bps integer NOT NULL,
    multiplier_e6 integer NOT NULL,
    reward numeric(38,0) NOT NULL,
    unstake_delay_days integer NOT NULL,
    unstake_penalty_bps integer NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    starts_at timestamp(3) with time zone NOT NULL,
    ends_at timestamp(3) with time zone NOT NULL,
    unstaked_at timestamp(3) with time zone,
    active_until timestamp(3) with time zone GENERATED ALWAYS AS (COALESCE(unstaked_at, ends_at)) STORED NOT NULL,
    penalty numeric(38,0) DEFAULT 0 NOT NULL,
    due_at timestamp(3) with time zone NOT NULL,
    paid_at timestamp(3) with time zone,
    failure text,
    retry_at timestamp(3) with time zone,
    created_at timestamp(3) with time zone NOT NULL,
    updated_at timestamp(3) with time zone NOT NULL,
    CONSTRAINT stake_amount_check CHECK ((amount > (0)::numeric)),
    CONSTRAINT stake_apy_bps_check CHECK ((apy_bps >= 0)),
    CONSTRAINT stake_check CHECK (((penalty >= (0)::numeric) AND (penalty <= amount))),
    CONSTRAINT stake_completed CHECK (((status <> 'completed'::text) OR (paid_at IS NOT NULL))),
    CONSTRAINT stake_due CHECK ((due_at =
CASE
    WHEN (unstaked_at IS NULL) THEN ends_at
    ELSE (unstaked_at + ((unstake_delay_days)::double precision * '24:00:00'::interval))
END)),
    CONSTRAINT stake_duration_days_check CHECK ((duration_days > 0)),
    CONSTRAINT stake_ends CHECK ((ends_at = (starts_at + ((duration_days)::double precision * '24:00:00'::interval)))),
    CONSTRAINT stake_multiplier_e6_check CHECK ((multiplier_e6 >= 1000000)),
    CONSTRAINT stake_paid CHECK (((paid_at IS NULL) OR ((status <> 'active'::text) AND (paid_at >= due_at)))),
    CONSTRAINT stake_penalty CHECK ((penalty =
CASE
    WHEN (unstaked_at IS NULL) THEN (0)::numeric
    ELSE div(((amount * (unstake_penalty_bps)::numeric) + (9999)::numeric), (10000)::numeric)
END)),
    CONSTRAINT stake_retry CHECK (((num_nonnulls(failure, retry_at) = ANY (ARRAY[0, 2])) AND ((failure IS NULL) OR (paid_at IS NULL)))),
    CONSTRAINT stake_reward CHECK ((reward = div(((amount * (apy_bps)::numeric) * (duration_days)::numeric), (3650000)::numeric))),
    CONSTRAINT stake_reward_check CHECK ((reward >= (0)::numeric)),
    CONSTRAINT stake_status_check CHECK ((status = ANY (ARRAY['active'::text, 'completed'::text, 'unstaked_early'::text]))),
    CONSTRAINT stake_unstake_delay_days_check CHECK ((unstake_delay_days >= 0)),
    CONSTRAINT stake_unstake_penalty_bps_check CHECK (((unstake_penalty_bps >= 0) AND (unstake_penalty_bps <= 10000))),
    CONSTRAINT stake_unstaked CHECK ((((status = 'unstaked_early'::text) = (unstaked_at IS NOT NULL)) AND (unstaked_at < ends_at)))
)
WITH (fillfactor='80');

ALTER TABLE ONLY staking.stake FORCE ROW LEVEL SECURITY;

CREATE TABLE webhooks.attempt (
    id bigint NOT NULL,
    endpoint uuid NOT NULL,
    "position" bigint NOT NULL,
    no integer NOT NULL,
    at timestamp(3) with time zone NOT NULL,
    duration_ms integer NOT NULL,
    http_status integer,
    error text,
    response text,
    CONSTRAINT attempt_outcome CHECK ((num_nonnulls(http_status, error) >= 1))
);

ALTER TABLE ONLY webhooks.attempt FORCE ROW LEVEL SECURITY;

ALTER TABLE webhooks.attempt ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME webhooks.attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE webhooks.delivery (
    endpoint uuid NOT NULL,
    "position" bigint NOT NULL,
    type text NOT NULL,
    subject text NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    due_at timestamp(3) with time zone,
    queued_at timestamp(3) with time zone NOT NULL,
    closed_at timestamp(3) with time zone,
    CONSTRAINT delivery_closed CHECK (((status = 'pending'::text) = (closed_at IS NULL))),
    CONSTRAINT delivery_due CHECK (((status = 'pending'::text) OR (due_at IS NULL))),
    CONSTRAINT delivery_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);

ALTER TABLE ONLY webhooks.delivery FORCE ROW LEVEL SECURITY;

CREATE TABLE webhooks.endpoint (
    id uuid NOT NULL,
    url text NOT NULL,
    description text,
    types text[] NOT NULL,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_until timestamp(3) with time zone,
    status text DEFAULT 'active'::text NOT NULL,
    disabled_reason text,
    "position" bigint NOT NULL,
    created_at timestamp(3) with time zone NOT NULL,
    created_by text NOT NULL,
    CONSTRAINT endpoint_disabled CHECK (((status = 'disabled'::text) OR (disabled_reason IS NULL))),
    CONSTRAINT endpoint_position_check CHECK (("position" >= 0)),
    CONSTRAINT endpoint_previous CHECK (((previous_secret IS NULL) = (previous_until IS NULL))),
    CONSTRAINT endpoint_status_check CHECK ((status = ANY (ARRAY['active'::text, 'disabled'::text, 'deleted'::text]))),
    CONSTRAINT endpoint_types_check CHECK (((cardinality(types) >= 1) AND (cardinality(types) <= 50))),
    CONSTRAINT endpoint_url_check CHECK ((length(url) <= 2000))
);

ALTER TABLE ONLY webhooks.endpoint FORCE ROW LEVEL SECURITY;

ALTER TABLE ONLY ledger.account ALTER COLUMN id SET DEFAULT nextval('ledger.account_id'::regclass);

ALTER TABLE ONLY api.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (id);

ALTER TABLE ONLY audit.event
    ADD CONSTRAINT event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.account
    ADD CONSTRAINT account_provider_id_account_id_key UNIQUE (provider_id, account_id);

ALTER TABLE ONLY auth.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (key);

ALTER TABLE ONLY auth.login
    ADD CONSTRAINT login_email_key UNIQUE (email);

ALTER TABLE ONLY auth.login
    ADD CONSTRAINT login_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.mail
    ADD CONSTRAINT mail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.passkey
    ADD CONSTRAINT passkey_credential_id_key UNIQUE (credential_id);

ALTER TABLE ONLY auth.passkey
    ADD CONSTRAINT passkey_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.session
    ADD CONSTRAINT session_token_key UNIQUE (token);

ALTER TABLE ONLY auth.two_factor
    ADD CONSTRAINT two_factor_pkey PRIMARY KEY (id);

ALTER TABLE ONLY auth.two_factor
    ADD CONSTRAINT two_factor_user_id_key UNIQUE (user_id);

ALTER TABLE ONLY auth.verification
    ADD CONSTRAINT verification_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.article
    ADD CONSTRAINT article_name_key UNIQUE (name);

ALTER TABLE ONLY contributions.article
    ADD CONSTRAINT article_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.article_views
    ADD CONSTRAINT article_views_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.contribution
    ADD CONSTRAINT contribution_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.contributor
    ADD CONSTRAINT contributor_person_key UNIQUE (person);

ALTER TABLE ONLY contributions.contributor
    ADD CONSTRAINT contributor_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.demand_week
    ADD CONSTRAINT demand_week_pkey PRIMARY KEY (week_start);

ALTER TABLE ONLY contributions.earning
    ADD CONSTRAINT earning_pkey PRIMARY KEY (contributor);

ALTER TABLE ONLY contributions.import
    ADD CONSTRAINT import_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.import_refusal
    ADD CONSTRAINT import_refusal_pkey PRIMARY KEY (import, line);

ALTER TABLE ONLY contributions.imported_person
    ADD CONSTRAINT imported_person_pkey PRIMARY KEY (person);

ALTER TABLE ONLY contributions.page
    ADD CONSTRAINT page_pkey PRIMARY KEY (article, language);

ALTER TABLE ONLY contributions.payment
    ADD CONSTRAINT payment_entry_key UNIQUE (entry);

ALTER TABLE ONLY contributions.payment
    ADD CONSTRAINT payment_hold_key UNIQUE (hold);

ALTER TABLE ONLY contributions.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (distribution, no);

ALTER TABLE ONLY contributions.pseudonym_key
    ADD CONSTRAINT pseudonym_key_pkey PRIMARY KEY (one);

ALTER TABLE ONLY contributions.quality_change
    ADD CONSTRAINT quality_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.reputation_change
    ADD CONSTRAINT reputation_change_pkey PRIMARY KEY (contributor, week_start);

ALTER TABLE ONLY contributions.review
    ADD CONSTRAINT review_contribution_key UNIQUE (contribution);

ALTER TABLE ONLY contributions.review
    ADD CONSTRAINT review_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.tally
    ADD CONSTRAINT tally_pkey PRIMARY KEY (week_start, shard);

ALTER TABLE ONLY contributions.token_reward
    ADD CONSTRAINT token_reward_contributor_key UNIQUE (contributor, distribution);

ALTER TABLE ONLY contributions.token_reward
    ADD CONSTRAINT token_reward_pkey PRIMARY KEY (distribution, no);

ALTER TABLE ONLY contributions.weekly_distribution
    ADD CONSTRAINT weekly_distribution_pkey PRIMARY KEY (id);

ALTER TABLE ONLY contributions.weekly_distribution
    ADD CONSTRAINT weekly_distribution_week_start_key UNIQUE (week_start);

ALTER TABLE ONLY economy.parameter
    ADD CONSTRAINT parameter_pkey PRIMARY KEY (name);

ALTER TABLE ONLY economy.parameter_value
    ADD CONSTRAINT parameter_value_pkey PRIMARY KEY (id);

ALTER TABLE ONLY governance.allocation
    ADD CONSTRAINT allocation_pkey PRIMARY KEY (proposal);

ALTER TABLE ONLY governance.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY governance.vote_change
    ADD CONSTRAINT vote_change_pkey PRIMARY KEY (proposal, voter, no);

ALTER TABLE ONLY governance.vote
    ADD CONSTRAINT vote_pkey PRIMARY KEY (proposal, voter);

ALTER TABLE ONLY identity.api_key
    ADD CONSTRAINT api_key_hash_key UNIQUE (hash);

ALTER TABLE ONLY identity.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.claim_code
    ADD CONSTRAINT claim_code_hash_key UNIQUE (hash);

ALTER TABLE ONLY identity.claim_code
    ADD CONSTRAINT claim_code_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.impersonation
    ADD CONSTRAINT impersonation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.invitation
    ADD CONSTRAINT invitation_hash_key UNIQUE (hash);

ALTER TABLE ONLY identity.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.person
    ADD CONSTRAINT person_auth_user_key UNIQUE (auth_user);

ALTER TABLE ONLY identity.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

ALTER TABLE ONLY identity.person_role
    ADD CONSTRAINT person_role_pkey PRIMARY KEY (person);

ALTER TABLE ONLY identity.person
    ADD CONSTRAINT person_username_key UNIQUE (username);

ALTER TABLE ONLY identity.wallet_nonce
    ADD CONSTRAINT wallet_nonce_pkey PRIMARY KEY (nonce);

ALTER TABLE ONLY identity.wallet
    ADD CONSTRAINT wallet_person_key UNIQUE (person, chain);

ALTER TABLE ONLY identity.wallet
    ADD CONSTRAINT wallet_pkey PRIMARY KEY (chain, address);

ALTER TABLE ONLY ledger.account
    ADD CONSTRAINT account_path_asset_key UNIQUE (path, asset);

ALTER TABLE ONLY ledger.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.asset
    ADD CONSTRAINT asset_code_key UNIQUE (code);

ALTER TABLE ONLY ledger.asset
    ADD CONSTRAINT asset_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.block
    ADD CONSTRAINT block_hash_key UNIQUE (hash);

ALTER TABLE ONLY ledger.block
    ADD CONSTRAINT block_pkey PRIMARY KEY (height);

ALTER TABLE ONLY ledger.block
    ADD CONSTRAINT block_previous_hash_key UNIQUE (previous_hash);

ALTER TABLE ONLY ledger.closing
    ADD CONSTRAINT closing_closed_before_key UNIQUE (closed_before);

ALTER TABLE ONLY ledger.closing
    ADD CONSTRAINT closing_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.issuance
    ADD CONSTRAINT issuance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.key
    ADD CONSTRAINT key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY ledger.leaf
    ADD CONSTRAINT leaf_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY ledger.leaf
    ADD CONSTRAINT leaf_ref_key UNIQUE (ref, kind);

ALTER TABLE ONLY ledger.log
    ADD CONSTRAINT log_pkey PRIMARY KEY (one);

ALTER TABLE ONLY ledger.posting
    ADD CONSTRAINT posting_from_version_key UNIQUE (from_account, from_version);

ALTER TABLE ONLY ledger.posting
    ADD CONSTRAINT posting_pkey PRIMARY KEY (entry, no);

ALTER TABLE ONLY ledger.posting
    ADD CONSTRAINT posting_to_version_key UNIQUE (to_account, to_version);

ALTER TABLE ONLY ledger.redaction
    ADD CONSTRAINT redaction_pkey PRIMARY KEY (entry);

ALTER TABLE ONLY ledger.tile
    ADD CONSTRAINT tile_pkey PRIMARY KEY (level, index);

ALTER TABLE ONLY staking.pool
    ADD CONSTRAINT pool_pkey PRIMARY KEY (code);

ALTER TABLE ONLY staking.stake
    ADD CONSTRAINT stake_pkey PRIMARY KEY (id);

ALTER TABLE ONLY webhooks.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY webhooks.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (endpoint, "position");

ALTER TABLE ONLY webhooks.endpoint
    ADD CONSTRAINT endpoint_pkey PRIMARY KEY (id);

CREATE INDEX answer_claimed ON api.answer USING btree (claimed_at);

CREATE INDEX event_action ON audit.event USING btree (action, id);

CREATE INDEX event_actor ON audit.event USING btree (actor, id);

CREATE INDEX event_subject ON audit.event USING btree (subject, id);

CREATE INDEX account_login ON auth.account USING btree (user_id);

CREATE INDEX attempt_ends ON auth.attempt USING btree (ends_at);

CREATE INDEX login_unproven ON auth.login USING btree (created_at) WHERE (NOT email_verified);

CREATE INDEX mail_due ON auth.mail USING btree (next_try_at) WHERE (next_try_at IS NOT NULL);

CREATE INDEX passkey_login ON auth.passkey USING btree (user_id);

CREATE INDEX session_expires ON auth.session USING btree (expires_at);

CREATE INDEX session_login ON auth.session USING btree (user_id);

CREATE INDEX verification_expires ON auth.verification USING btree (expires_at);

CREATE INDEX verification_identifier ON auth.verification USING btree (identifier);

CREATE INDEX article_demand ON contributions.article USING btree (name) WHERE (demand_e2 >= 150);

CREATE INDEX article_featured ON contributions.article USING btree (name) WHERE featured;

CREATE INDEX article_views_of_day ON contributions.article_views USING btree (day, article, id);

CREATE INDEX contribution_article ON contributions.contribution USING btree (article, created_at DESC, id DESC);

CREATE INDEX contribution_contributor ON contributions.contribution USING btree (contributor, created_at DESC, id DESC);

CREATE INDEX contribution_created ON contributions.contribution USING btree (created_at DESC, id DESC);

CREATE INDEX contribution_review_queue ON contributions.contribution USING btree (week_start, id, scores) WHERE ((change = id) AND (type <> 'review'::contributions.contribution_type));

CREATE INDEX contribution_together ON contributions.contribution USING btree (change) WHERE (change <> id);

CREATE INDEX contribution_type ON contributions.contribution USING btree (type, created_at DESC, id DESC);

CREATE INDEX contribution_week ON contributions.contribution USING btree (week_start, contributor);

CREATE INDEX contributor_carried_points ON contributions.contributor USING btree (id) WHERE (carried_points > 0);

CREATE INDEX contributor_reputation ON contributions.contributor USING btree (reputation_e4 DESC, id);

CREATE INDEX contributor_total_contributions ON contributions.contributor USING btree (total_contributions DESC, id);

CREATE INDEX contributor_total_points ON contributions.contributor USING btree (total_points DESC, id);

CREATE INDEX earning_tokens ON contributions.earning USING btree (tokens DESC, contributor);

CREATE UNIQUE INDEX import_head_key ON contributions.import USING btree (head) WHERE (rolled_back_at IS NULL);

CREATE INDEX quality_change_of ON contributions.quality_change USING btree (change, id);

CREATE INDEX review_change ON contributions.review USING btree (change, id);

CREATE UNIQUE INDEX review_first_key ON contributions.review USING btree (change, reviewer) WHERE (contribution IS NOT NULL);

CREATE INDEX weekly_distribution_unfinished ON contributions.weekly_distribution USING btree (week_start) WHERE (status <> 'completed'::text);

CREATE INDEX parameter_value_in_force ON economy.parameter_value USING btree (name, in_force_from DESC, id DESC);

CREATE INDEX allocation_quarter ON governance.allocation USING btree (asset, quarter);

CREATE INDEX proposal_due ON governance.proposal USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX proposal_proposer ON governance.proposal USING btree (proposer, id DESC);

CREATE INDEX proposal_status ON governance.proposal USING btree (status, id DESC);

CREATE INDEX proposal_type ON governance.proposal USING btree (type, id DESC);

CREATE INDEX vote_cast ON governance.vote USING btree (proposal, cast_at DESC, voter DESC);

CREATE INDEX vote_voter ON governance.vote USING btree (voter, proposal DESC);

CREATE INDEX api_key_person ON identity.api_key USING btree (person, id) WHERE (person IS NOT NULL);

CREATE UNIQUE INDEX claim_code_open ON identity.claim_code USING btree (person) WHERE ((redeemed_at IS NULL) AND (replaced_at IS NULL));

CREATE INDEX claim_code_person ON identity.claim_code USING btree (person);

CREATE INDEX impersonation_person ON identity.impersonation USING btree (person, id);

CREATE INDEX impersonation_running ON identity.impersonation USING btree (expires_at) WHERE (ended_at IS NULL);

CREATE INDEX person_became ON identity.person USING btree (became) WHERE (became IS NOT NULL);

CREATE INDEX person_search ON identity.person USING btree (lower(username) COLLATE "C", id) WHERE (became IS NULL);

CREATE INDEX wallet_nonce_expires ON identity.wallet_nonce USING btree (expires_at);

CREATE INDEX wallet_nonce_person ON identity.wallet_nonce USING btree (person);

CREATE INDEX account_owner ON ledger.account USING btree (owner) WHERE (owner IS NOT NULL);

CREATE INDEX block_tree_size ON ledger.block USING btree (tree_size);

CREATE INDEX entry_dated_back ON ledger.entry USING btree (effective_at) WHERE (effective_at < recorded_at);

CREATE INDEX entry_kind ON ledger.entry USING btree (kind);

CREATE INDEX entry_metadata ON ledger.entry USING gin (metadata jsonb_path_ops) WHERE (metadata IS NOT NULL);

CREATE INDEX entry_recorded ON ledger.entry USING brin (recorded_at);

CREATE INDEX entry_reference ON ledger.entry USING btree (reference) WHERE (reference IS NOT NULL);

CREATE UNIQUE INDEX entry_reverses_key ON ledger.entry USING btree (reverses) WHERE (reverses IS NOT NULL);

CREATE INDEX hold_account ON ledger.hold USING btree (account, id);

CREATE INDEX hold_due ON ledger.hold USING btree (expires_at) WHERE ((status = 'pending'::text) AND (expires_at IS NOT NULL));

CREATE INDEX hold_entry ON ledger.hold USING btree (entry) WHERE (entry IS NOT NULL);

CREATE INDEX hold_reference ON ledger.hold USING btree (reference) WHERE (reference IS NOT NULL);

CREATE INDEX stake_active ON staking.stake USING btree (active_until);

CREATE INDEX stake_person ON staking.stake USING btree (person, id DESC);

CREATE INDEX stake_to_pay ON staking.stake USING btree (COALESCE(retry_at, due_at), id) WHERE (paid_at IS NULL);

CREATE INDEX attempt_delivery ON webhooks.attempt USING btree (endpoint, "position", id);

CREATE INDEX delivery_closed ON webhooks.delivery USING btree (closed_at) WHERE (closed_at IS NOT NULL);

CREATE INDEX delivery_due ON webhooks.delivery USING btree (endpoint, due_at) WHERE ((status = 'pending'::text) AND (due_at IS NOT NULL));

CREATE INDEX delivery_failed ON webhooks.delivery USING btree (endpoint) WHERE (status = 'failed'::text);

CREATE INDEX delivery_subject ON webhooks.delivery USING btree (endpoint, subject, "position") WHERE (status = 'pending'::text);

CREATE TRIGGER event_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit.event FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

CREATE TRIGGER article_imported BEFORE DELETE ON contributions.article FOR EACH ROW EXECUTE FUNCTION contributions.refuse_article_delete();

CREATE TRIGGER article_views_append_only BEFORE UPDATE OR TRUNCATE ON contributions.article_views FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER article_views_imported BEFORE DELETE ON contributions.article_views FOR EACH ROW EXECUTE FUNCTION contributions.refuse_views_delete();

CREATE TRIGGER contribution_distributed BEFORE DELETE OR UPDATE ON contributions.contribution FOR EACH ROW EXECUTE FUNCTION contributions.refuse_distributed_change();

CREATE TRIGGER contribution_truncate BEFORE TRUNCATE ON contributions.contribution FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER contributor_imported BEFORE DELETE ON contributions.contributor FOR EACH ROW EXECUTE FUNCTION contributions.refuse_contributor_delete();

CREATE TRIGGER payment_frozen BEFORE DELETE OR UPDATE OF distribution, no, first_reward, last_reward, amount, hold ON contributions.payment FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER payment_once BEFORE UPDATE ON contributions.payment FOR EACH ROW WHEN ((old.entry IS NOT NULL)) EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER payment_truncate BEFORE TRUNCATE ON contributions.payment FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER quality_change_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON contributions.quality_change FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER reputation_change_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON contributions.reputation_change FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER review_append_only BEFORE UPDATE OR TRUNCATE ON contributions.review FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER review_imported BEFORE DELETE ON contributions.review FOR EACH ROW EXECUTE FUNCTION contributions.refuse_review_delete();

CREATE TRIGGER token_reward_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON contributions.token_reward FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER weekly_distribution_frozen BEFORE DELETE OR UPDATE OF id, week_start, asset, weekly_pool, pool, total_tokens, new_points, total_points, effective_points_e6, carried_points, user_count, carried_count, actor, created_at ON contributions.weekly_distribution FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER weekly_distribution_truncate BEFORE TRUNCATE ON contributions.weekly_distribution FOR EACH STATEMENT EXECUTE FUNCTION contributions.refuse_change();

CREATE TRIGGER parameter_value_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON economy.parameter_value FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

CREATE TRIGGER allocation_kept BEFORE DELETE OR TRUNCATE ON governance.allocation FOR EACH STATEMENT EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER allocation_over BEFORE UPDATE ON governance.allocation FOR EACH ROW WHEN (((old.paid_at IS NOT NULL) OR (old.released_at IS NOT NULL))) EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER proposal_kept BEFORE DELETE OR TRUNCATE ON governance.proposal FOR EACH STATEMENT EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER proposal_over BEFORE UPDATE ON governance.proposal FOR EACH ROW WHEN ((old.status = ANY (ARRAY['rejected'::text, 'executed'::text, 'cancelled'::text, 'expired'::text]))) EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER proposal_snapshot_frozen BEFORE UPDATE ON governance.proposal FOR EACH ROW WHEN (((old.tree_size IS NOT NULL) AND ((((((new.tree_size IS DISTINCT FROM old.tree_size) OR (new.circulating IS DISTINCT FROM old.circulating)) OR (new.quorum_required IS DISTINCT FROM old.quorum_required)) OR (new.stake_weight IS DISTINCT FROM old.stake_weight)) OR (new.staked_before IS DISTINCT FROM old.staked_before)) OR (new.voting_start IS DISTINCT FROM old.voting_start)))) EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER proposal_votes_counted BEFORE UPDATE ON governance.proposal FOR EACH ROW WHEN (((old.status <> 'active'::text) AND ((((new.votes_for IS DISTINCT FROM old.votes_for) OR (new.votes_against IS DISTINCT FROM old.votes_against)) OR (new.votes_abstain IS DISTINCT FROM old.votes_abstain)) OR (new.voters IS DISTINCT FROM old.voters)))) EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER vote_change_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON governance.vote_change FOR EACH STATEMENT EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER vote_kept BEFORE DELETE OR TRUNCATE ON governance.vote FOR EACH STATEMENT EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER vote_power_frozen BEFORE UPDATE OF proposal, voter, power, balance, staked ON governance.vote FOR EACH STATEMENT EXECUTE FUNCTION governance.refuse_change();

CREATE TRIGGER block_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.block FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER closing_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.closing FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER entry_append_only BEFORE DELETE OR TRUNCATE ON ledger.entry FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER entry_update BEFORE UPDATE ON ledger.entry FOR EACH ROW EXECUTE FUNCTION ledger.refuse_entry_change();

CREATE TRIGGER key_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.key FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER leaf_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.leaf FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER posting_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.posting FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER redaction_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger.redaction FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TRIGGER pool_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON staking.pool FOR EACH STATEMENT EXECUTE FUNCTION staking.refuse_change();

CREATE TRIGGER stake_agreed BEFORE DELETE OR UPDATE OF id, pool, person, amount, duration_days, apy_bps, multiplier_e6, reward, unstake_delay_days, unstake_penalty_bps, starts_at, ends_at, created_at ON staking.stake FOR EACH STATEMENT EXECUTE FUNCTION staking.refuse_change();

CREATE TRIGGER stake_paid_once BEFORE UPDATE ON staking.stake FOR EACH ROW WHEN ((old.paid_at IS NOT NULL)) EXECUTE FUNCTION staking.refuse_change();

CREATE TRIGGER stake_truncate BEFORE TRUNCATE ON staking.stake FOR EACH STATEMENT EXECUTE FUNCTION staking.refuse_change();

ALTER TABLE ONLY auth.account
    ADD CONSTRAINT account_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.login(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.passkey
    ADD CONSTRAINT passkey_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.login(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.session
    ADD CONSTRAINT session_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.login(id) ON DELETE CASCADE;

ALTER TABLE ONLY auth.two_factor
    ADD CONSTRAINT two_factor_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth.login(id) ON DELETE CASCADE;

ALTER TABLE ONLY contributions.article_views
    ADD CONSTRAINT article_views_article_fkey FOREIGN KEY (article) REFERENCES contributions.article(id);

ALTER TABLE ONLY contributions.article_views
    ADD CONSTRAINT article_views_import_fkey FOREIGN KEY (import) REFERENCES contributions.import(id);

ALTER TABLE ONLY contributions.contributor
    ADD CONSTRAINT contributor_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY contributions.earning
    ADD CONSTRAINT earning_contributor_fkey FOREIGN KEY (contributor) REFERENCES contributions.contributor(id);

ALTER TABLE ONLY contributions.import_refusal
    ADD CONSTRAINT import_refusal_import_fkey FOREIGN KEY (import) REFERENCES contributions.import(id);

ALTER TABLE ONLY contributions.imported_person
    ADD CONSTRAINT imported_person_import_fkey FOREIGN KEY (import) REFERENCES contributions.import(id);

ALTER TABLE ONLY contributions.payment
    ADD CONSTRAINT payment_distribution_fkey FOREIGN KEY (distribution) REFERENCES contributions.weekly_distribution(id);

ALTER TABLE ONLY contributions.quality_change
    ADD CONSTRAINT quality_change_change_fkey FOREIGN KEY (change) REFERENCES contributions.contribution(id);

ALTER TABLE ONLY contributions.quality_change
    ADD CONSTRAINT quality_change_review_fkey FOREIGN KEY (review) REFERENCES contributions.review(id);

ALTER TABLE ONLY contributions.reputation_change
    ADD CONSTRAINT reputation_change_contributor_fkey FOREIGN KEY (contributor) REFERENCES contributions.contributor(id);

ALTER TABLE ONLY contributions.review
    ADD CONSTRAINT review_change_fkey FOREIGN KEY (change) REFERENCES contributions.contribution(id);

ALTER TABLE ONLY contributions.review
    ADD CONSTRAINT review_contribution_fkey FOREIGN KEY (contribution) REFERENCES contributions.contribution(id);

ALTER TABLE ONLY contributions.review
    ADD CONSTRAINT review_reviewer_fkey FOREIGN KEY (reviewer) REFERENCES contributions.contributor(id);

ALTER TABLE ONLY economy.parameter_value
    ADD CONSTRAINT parameter_value_name_fkey FOREIGN KEY (name) REFERENCES economy.parameter(name);

ALTER TABLE ONLY governance.allocation
    ADD CONSTRAINT allocation_proposal_fkey FOREIGN KEY (proposal) REFERENCES governance.proposal(id);

ALTER TABLE ONLY governance.proposal
    ADD CONSTRAINT proposal_proposer_fkey FOREIGN KEY (proposer) REFERENCES identity.person(id);

ALTER TABLE ONLY governance.vote_change
    ADD CONSTRAINT vote_change_proposal_voter_fkey FOREIGN KEY (proposal, voter) REFERENCES governance.vote(proposal, voter);

ALTER TABLE ONLY governance.vote
    ADD CONSTRAINT vote_proposal_fkey FOREIGN KEY (proposal) REFERENCES governance.proposal(id);

ALTER TABLE ONLY governance.vote
    ADD CONSTRAINT vote_voter_fkey FOREIGN KEY (voter) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.api_key
    ADD CONSTRAINT api_key_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.claim_code
    ADD CONSTRAINT claim_code_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.claim_code
    ADD CONSTRAINT claim_code_redeemed_by_fkey FOREIGN KEY (redeemed_by) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.impersonation
    ADD CONSTRAINT impersonation_id_fkey FOREIGN KEY (id) REFERENCES identity.api_key(id);

ALTER TABLE ONLY identity.impersonation
    ADD CONSTRAINT impersonation_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.invitation
    ADD CONSTRAINT invitation_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.person
    ADD CONSTRAINT person_auth_user_fkey FOREIGN KEY (auth_user) REFERENCES auth.login(id) ON DELETE SET NULL;

ALTER TABLE ONLY identity.person
    ADD CONSTRAINT person_became_fkey FOREIGN KEY (became) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.person_role
    ADD CONSTRAINT person_role_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.wallet_nonce
    ADD CONSTRAINT wallet_nonce_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY identity.wallet
    ADD CONSTRAINT wallet_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY ledger.account
    ADD CONSTRAINT account_asset_fkey FOREIGN KEY (asset) REFERENCES ledger.asset(id);

ALTER TABLE ONLY ledger.hold
    ADD CONSTRAINT hold_account_fkey FOREIGN KEY (account) REFERENCES ledger.account(id);

ALTER TABLE ONLY ledger.issuance
    ADD CONSTRAINT issuance_asset_fkey FOREIGN KEY (asset) REFERENCES ledger.asset(id);

ALTER TABLE ONLY staking.stake
    ADD CONSTRAINT stake_person_fkey FOREIGN KEY (person) REFERENCES identity.person(id);

ALTER TABLE ONLY staking.stake
    ADD CONSTRAINT stake_pool_fkey FOREIGN KEY (pool) REFERENCES staking.pool(code);

ALTER TABLE ONLY webhooks.attempt
    ADD CONSTRAINT attempt_endpoint_position_fkey FOREIGN KEY (endpoint, "position") REFERENCES webhooks.delivery(endpoint, "position") ON DELETE CASCADE;

ALTER TABLE ONLY webhooks.delivery
    ADD CONSTRAINT delivery_endpoint_fkey FOREIGN KEY (endpoint) REFERENCES webhooks.endpoint(id);

ALTER TABLE api.answer ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON api.answer TO :owner, :service USING (true) WITH CHECK (true);

ALTER TABLE audit.event ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON audit.event TO :owner, :service USING (true) WITH CHECK (true);

ALTER TABLE auth.account ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.attempt ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON auth.account TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON auth.attempt TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON auth.login TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON auth.mail TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON auth.passkey TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON auth.session TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON auth.two_factor TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON auth.verification TO :owner, :service USING (true) WITH CHECK (true);

ALTER TABLE auth.login ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.mail ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.passkey ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.session ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.two_factor ENABLE ROW LEVEL SECURITY;

ALTER TABLE auth.verification ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.article ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.article_views ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.contribution ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.contributor ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.demand_week ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.earning ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON contributions.article TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.article_views TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.contribution TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.contributor TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.demand_week TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.earning TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.import TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.import_refusal TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.imported_person TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.page TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.payment TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.pseudonym_key TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.quality_change TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.reputation_change TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.review TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.tally TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.token_reward TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON contributions.weekly_distribution TO :owner, :service USING (true) WITH CHECK (true);

ALTER TABLE contributions.import ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.import_refusal ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.imported_person ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_contributor ON contributions.contributor FOR SELECT TO :member USING ((person = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

CREATE POLICY own_earning ON contributions.earning FOR SELECT TO :member USING ((contributor IN ( SELECT contributor.id
   FROM contributions.contributor)));

CREATE POLICY own_reputation_change ON contributions.reputation_change FOR SELECT TO :member USING ((contributor IN ( SELECT contributor.id
   FROM contributions.contributor)));

CREATE POLICY own_review ON contributions.review FOR SELECT TO :member USING ((reviewer IN ( SELECT contributor.id
   FROM contributions.contributor)));

CREATE POLICY own_reward ON contributions.token_reward FOR SELECT TO :member USING ((contributor IN ( SELECT contributor.id
   FROM contributions.contributor)));

ALTER TABLE contributions.page ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.payment ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.pseudonym_key ENABLE ROW LEVEL SECURITY;

CREATE POLICY public_article ON contributions.article FOR SELECT TO :member USING (true);

CREATE POLICY public_contribution ON contributions.contribution FOR SELECT TO :member USING (true);

CREATE POLICY public_distribution ON contributions.weekly_distribution FOR SELECT TO :member USING (true);

ALTER TABLE contributions.quality_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.reputation_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.review ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.tally ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.token_reward ENABLE ROW LEVEL SECURITY;

ALTER TABLE contributions.weekly_distribution ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON economy.parameter TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON economy.parameter_value TO :owner, :service USING (true) WITH CHECK (true);

ALTER TABLE economy.parameter ENABLE ROW LEVEL SECURITY;

ALTER TABLE economy.parameter_value ENABLE ROW LEVEL SECURITY;

CREATE POLICY public_parameter ON economy.parameter FOR SELECT TO :member USING (true);

CREATE POLICY public_parameter_value ON economy.parameter_value FOR SELECT TO :member USING (true);

ALTER TABLE governance.allocation ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON governance.allocation TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON governance.proposal TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON governance.vote TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON governance.vote_change TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY own_vote ON governance.vote FOR SELECT TO :member USING ((voter = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

CREATE POLICY own_vote_change ON governance.vote_change FOR SELECT TO :member USING ((voter = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

ALTER TABLE governance.proposal ENABLE ROW LEVEL SECURITY;

CREATE POLICY public_proposal ON governance.proposal FOR SELECT TO :member USING (true);

ALTER TABLE governance.vote ENABLE ROW LEVEL SECURITY;

ALTER TABLE governance.vote_change ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.api_key ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.claim_code ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON identity.api_key TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON identity.claim_code TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON identity.impersonation TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON identity.invitation TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON identity.person TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON identity.person_role TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON identity.wallet TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON identity.wallet_nonce TO :owner, :service USING (true) WITH CHECK (true);

ALTER TABLE identity.impersonation ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.invitation ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_api_key ON identity.api_key FOR SELECT TO :member USING ((person = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

CREATE POLICY own_impersonation ON identity.impersonation FOR SELECT TO :member USING ((person = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

CREATE POLICY own_person ON identity.person FOR SELECT TO :member USING ((id = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

CREATE POLICY own_person_role ON identity.person_role FOR SELECT TO :member USING ((person = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

CREATE POLICY own_wallet ON identity.wallet FOR SELECT TO :member USING ((person = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

ALTER TABLE identity.person ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.person_role ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.wallet ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.wallet_nonce ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.account ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.asset ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.block ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.closing ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.entry ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON ledger.account TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.asset TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.block TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.closing TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.entry TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.hold TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.issuance TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.key TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.leaf TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.log TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.posting TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.redaction TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON ledger.tile TO :owner, :service USING (true) WITH CHECK (true);

ALTER TABLE ledger.hold ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.issuance ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.key ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.leaf ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.log ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_account ON ledger.account FOR SELECT TO :member USING ((owner = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

ALTER TABLE ledger.posting ENABLE ROW LEVEL SECURITY;

CREATE POLICY public_asset ON ledger.asset FOR SELECT TO :member USING (true);

CREATE POLICY public_block ON ledger.block FOR SELECT TO :member USING (true);

ALTER TABLE ledger.redaction ENABLE ROW LEVEL SECURITY;

ALTER TABLE ledger.tile ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON staking.pool TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON staking.stake TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY own_stake ON staking.stake FOR SELECT TO :member USING ((person = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid));

ALTER TABLE staking.pool ENABLE ROW LEVEL SECURITY;

CREATE POLICY public_pool ON staking.pool FOR SELECT TO :member USING (true);

ALTER TABLE staking.stake ENABLE ROW LEVEL SECURITY;

ALTER TABLE webhooks.attempt ENABLE ROW LEVEL SECURITY;

ALTER TABLE webhooks.delivery ENABLE ROW LEVEL SECURITY;

ALTER TABLE webhooks.endpoint ENABLE ROW LEVEL SECURITY;

CREATE POLICY everything ON webhooks.attempt TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON webhooks.delivery TO :owner, :service USING (true) WITH CHECK (true);

CREATE POLICY everything ON webhooks.endpoint TO :owner, :service USING (true) WITH CHECK (true);

GRANT USAGE ON SCHEMA api TO :service;

GRANT USAGE ON SCHEMA audit TO :service;

GRANT USAGE ON SCHEMA auth TO :service;

GRANT USAGE ON SCHEMA contributions TO :service;
GRANT USAGE ON SCHEMA contributions TO :member;

GRANT USAGE ON SCHEMA economy TO :service;
GRANT USAGE ON SCHEMA economy TO :member;

GRANT USAGE ON SCHEMA governance TO :service;
GRANT USAGE ON SCHEMA governance TO :member;

GRANT USAGE ON SCHEMA identity TO :service;
GRANT USAGE ON SCHEMA identity TO :member;

GRANT USAGE ON SCHEMA ledger TO :service;
GRANT USAGE ON SCHEMA ledger TO :member;

GRANT USAGE ON SCHEMA staking TO :service;
GRANT USAGE ON SCHEMA staking TO :member;

GRANT USAGE ON SCHEMA webhooks TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE api.answer TO :service;

GRANT SELECT,INSERT ON TABLE audit.event TO :service;

GRANT SELECT,USAGE ON SEQUENCE audit.event_id_seq TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.account TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.attempt TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.login TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.mail TO :service;

GRANT SELECT,USAGE ON SEQUENCE auth.mail_id_seq TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.passkey TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.session TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.two_factor TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE auth.verification TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contributions.article TO :service;
GRANT SELECT ON TABLE contributions.article TO :member;

GRANT SELECT,USAGE ON SEQUENCE contributions.article_id_seq TO :service;

GRANT SELECT,INSERT,DELETE ON TABLE contributions.article_views TO :service;

GRANT SELECT,USAGE ON SEQUENCE contributions.article_views_id_seq TO :service;

GRANT SELECT,INSERT,DELETE ON TABLE contributions.contribution TO :service;
GRANT SELECT ON TABLE contributions.contribution TO :member;

GRANT UPDATE(updated_at) ON TABLE contributions.contribution TO :service;

GRANT UPDATE(total_points) ON TABLE contributions.contribution TO :service;

GRANT UPDATE(quality_e2) ON TABLE contributions.contribution TO :service;

GRANT UPDATE(reputation_e4) ON TABLE contributions.contribution TO :service;

GRANT UPDATE(scored) ON TABLE contributions.contribution TO :service;

GRANT UPDATE(scores) ON TABLE contributions.contribution TO :service;

GRANT SELECT,USAGE ON SEQUENCE contributions.contribution_id TO :service;

GRANT SELECT,INSERT,DELETE ON TABLE contributions.contributor TO :service;
GRANT SELECT ON TABLE contributions.contributor TO :member;

GRANT UPDATE(reputation_e4) ON TABLE contributions.contributor TO :service;

GRANT UPDATE(total_contributions) ON TABLE contributions.contributor TO :service;

GRANT UPDATE(total_points) ON TABLE contributions.contributor TO :service;

GRANT UPDATE(carried_points) ON TABLE contributions.contributor TO :service;

GRANT UPDATE(carried_since) ON TABLE contributions.contributor TO :service;

GRANT SELECT,USAGE ON SEQUENCE contributions.contributor_id_seq TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE contributions.demand_week TO :service;

GRANT SELECT,INSERT ON TABLE contributions.earning TO :service;
GRANT SELECT ON TABLE contributions.earning TO :member;

GRANT UPDATE(tokens) ON TABLE contributions.earning TO :service;

GRANT UPDATE(last_at) ON TABLE contributions.earning TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE contributions.import TO :service;

GRANT SELECT,USAGE ON SEQUENCE contributions.import_id_seq TO :service;

GRANT SELECT,INSERT ON TABLE contributions.import_refusal TO :service;

GRANT SELECT,INSERT,DELETE ON TABLE contributions.imported_person TO :service;

GRANT SELECT,INSERT,DELETE ON TABLE contributions.page TO :service;

GRANT SELECT,INSERT ON TABLE contributions.payment TO :service;

GRANT UPDATE(entry) ON TABLE contributions.payment TO :service;

GRANT UPDATE(paid_at) ON TABLE contributions.payment TO :service;

GRANT SELECT,INSERT ON TABLE contributions.pseudonym_key TO :service;

GRANT SELECT,INSERT ON TABLE contributions.quality_change TO :service;

GRANT SELECT,USAGE ON SEQUENCE contributions.quality_change_id_seq TO :service;

GRANT SELECT,INSERT ON TABLE contributions.reputation_change TO :service;
GRANT SELECT ON TABLE contributions.reputation_change TO :member;

GRANT SELECT,INSERT,DELETE ON TABLE contributions.review TO :service;
GRANT SELECT ON TABLE contributions.review TO :member;

GRANT SELECT,USAGE ON SEQUENCE contributions.review_id_seq TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE contributions.tally TO :service;

GRANT SELECT,INSERT ON TABLE contributions.token_reward TO :service;
GRANT SELECT ON TABLE contributions.token_reward TO :member;

GRANT SELECT,INSERT ON TABLE contributions.weekly_distribution TO :service;
GRANT SELECT ON TABLE contributions.weekly_distribution TO :member;

GRANT UPDATE(status) ON TABLE contributions.weekly_distribution TO :service;

GRANT UPDATE(started_at) ON TABLE contributions.weekly_distribution TO :service;

GRANT UPDATE(completed_at) ON TABLE contributions.weekly_distribution TO :service;

GRANT UPDATE(failure) ON TABLE contributions.weekly_distribution TO :service;

GRANT SELECT,USAGE ON SEQUENCE contributions.weekly_distribution_id_seq TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE economy.parameter TO :service;
GRANT SELECT ON TABLE economy.parameter TO :member;

GRANT SELECT,INSERT ON TABLE economy.parameter_value TO :service;
GRANT SELECT ON TABLE economy.parameter_value TO :member;

GRANT SELECT,USAGE ON SEQUENCE economy.parameter_value_id_seq TO :service;

GRANT SELECT,INSERT ON TABLE governance.allocation TO :service;

GRANT UPDATE(paid_at) ON TABLE governance.allocation TO :service;

GRANT UPDATE(released_at) ON TABLE governance.allocation TO :service;

GRANT SELECT,INSERT ON TABLE governance.proposal TO :service;
GRANT SELECT ON TABLE governance.proposal TO :member;

GRANT UPDATE(status) ON TABLE governance.proposal TO :service;

GRANT UPDATE(updated_at) ON TABLE governance.proposal TO :service;

GRANT UPDATE(due_at) ON TABLE governance.proposal TO :service;

GRANT UPDATE(submitted_at) ON TABLE governance.proposal TO :service;

GRANT UPDATE(voting_start) ON TABLE governance.proposal TO :service;

GRANT UPDATE(voting_end) ON TABLE governance.proposal TO :service;

GRANT UPDATE(tree_size) ON TABLE governance.proposal TO :service;

GRANT UPDATE(circulating) ON TABLE governance.proposal TO :service;

GRANT UPDATE(quorum_required) ON TABLE governance.proposal TO :service;

GRANT UPDATE(stake_weight) ON TABLE governance.proposal TO :service;

GRANT UPDATE(staked_before) ON TABLE governance.proposal TO :service;

GRANT UPDATE(extension_hours) ON TABLE governance.proposal TO :service;

GRANT UPDATE(timelock_hours) ON TABLE governance.proposal TO :service;

GRANT UPDATE(votes_for) ON TABLE governance.proposal TO :service;

GRANT UPDATE(votes_against) ON TABLE governance.proposal TO :service;

GRANT UPDATE(votes_abstain) ON TABLE governance.proposal TO :service;

GRANT UPDATE(voters) ON TABLE governance.proposal TO :service;

GRANT UPDATE(extended_at) ON TABLE governance.proposal TO :service;

GRANT UPDATE(decided_at) ON TABLE governance.proposal TO :service;

GRANT UPDATE(execute_at) ON TABLE governance.proposal TO :service;

GRANT UPDATE(executed_at) ON TABLE governance.proposal TO :service;

GRANT UPDATE(cancelled_by) ON TABLE governance.proposal TO :service;

GRANT UPDATE(cancel_reason) ON TABLE governance.proposal TO :service;

GRANT UPDATE(failure) ON TABLE governance.proposal TO :service;

GRANT SELECT,INSERT ON TABLE governance.vote TO :service;
GRANT SELECT ON TABLE governance.vote TO :member;

GRANT UPDATE(choice) ON TABLE governance.vote TO :service;

GRANT UPDATE(reason) ON TABLE governance.vote TO :service;

GRANT UPDATE(cast_at) ON TABLE governance.vote TO :service;

GRANT UPDATE(changes) ON TABLE governance.vote TO :service;

GRANT SELECT,INSERT ON TABLE governance.vote_change TO :service;
GRANT SELECT ON TABLE governance.vote_change TO :member;

GRANT SELECT,INSERT,UPDATE ON TABLE identity.api_key TO :service;

GRANT SELECT(id) ON TABLE identity.api_key TO :member;

GRANT SELECT(name) ON TABLE identity.api_key TO :member;

GRANT SELECT(hint) ON TABLE identity.api_key TO :member;

GRANT SELECT(created_at) ON TABLE identity.api_key TO :member;

GRANT SELECT(created_by) ON TABLE identity.api_key TO :member;

GRANT SELECT(revoked_at) ON TABLE identity.api_key TO :member;

GRANT SELECT(revoked_by) ON TABLE identity.api_key TO :member;

GRANT SELECT(person) ON TABLE identity.api_key TO :member;

GRANT SELECT(scopes) ON TABLE identity.api_key TO :member;

GRANT SELECT(expires_at) ON TABLE identity.api_key TO :member;

GRANT SELECT,INSERT,UPDATE ON TABLE identity.claim_code TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE identity.impersonation TO :service;
GRANT SELECT ON TABLE identity.impersonation TO :member;

GRANT SELECT,INSERT,UPDATE ON TABLE identity.invitation TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.person TO :service;
GRANT SELECT ON TABLE identity.person TO :member;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.person_role TO :service;
GRANT SELECT ON TABLE identity.person_role TO :member;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE identity.wallet TO :service;
GRANT SELECT ON TABLE identity.wallet TO :member;

GRANT SELECT,INSERT,DELETE ON TABLE identity.wallet_nonce TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE ledger.account TO :service;
GRANT SELECT ON TABLE ledger.account TO :member;

GRANT SELECT,USAGE ON SEQUENCE ledger.account_id TO :service;

GRANT SELECT,INSERT ON TABLE ledger.asset TO :service;
GRANT SELECT ON TABLE ledger.asset TO :member;

GRANT SELECT,USAGE ON SEQUENCE ledger.asset_id_seq TO :service;

GRANT SELECT,INSERT ON TABLE ledger.block TO :service;
GRANT SELECT ON TABLE ledger.block TO :member;

GRANT SELECT,INSERT ON TABLE ledger.closing TO :service;

GRANT SELECT,USAGE ON SEQUENCE ledger.closing_id_seq TO :service;

GRANT SELECT,INSERT ON TABLE ledger.entry TO :service;

GRANT UPDATE(actor) ON TABLE ledger.entry TO :service;

GRANT UPDATE(metadata) ON TABLE ledger.entry TO :service;

GRANT UPDATE(salt) ON TABLE ledger.entry TO :service;

GRANT SELECT,USAGE ON SEQUENCE ledger.entry_id TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE ledger.hold TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE ledger.issuance TO :service;

GRANT SELECT,INSERT ON TABLE ledger.key TO :service;

GRANT SELECT,INSERT ON TABLE ledger.leaf TO :service;

GRANT SELECT,INSERT ON TABLE ledger.posting TO :service;

GRANT SELECT,INSERT ON TABLE ledger.line TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE ledger.log TO :service;

GRANT SELECT,INSERT ON TABLE ledger.redaction TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE ledger.tile TO :service;

GRANT SELECT,INSERT ON TABLE staking.pool TO :service;
GRANT SELECT ON TABLE staking.pool TO :member;

GRANT SELECT,INSERT ON TABLE staking.stake TO :service;
GRANT SELECT ON TABLE staking.stake TO :member;

GRANT UPDATE(status) ON TABLE staking.stake TO :service;

GRANT UPDATE(unstaked_at) ON TABLE staking.stake TO :service;

GRANT UPDATE(penalty) ON TABLE staking.stake TO :service;

GRANT UPDATE(due_at) ON TABLE staking.stake TO :service;

GRANT UPDATE(paid_at) ON TABLE staking.stake TO :service;

GRANT UPDATE(failure) ON TABLE staking.stake TO :service;

GRANT UPDATE(retry_at) ON TABLE staking.stake TO :service;

GRANT UPDATE(updated_at) ON TABLE staking.stake TO :service;

GRANT SELECT,INSERT,DELETE ON TABLE webhooks.attempt TO :service;

GRANT SELECT,USAGE ON SEQUENCE webhooks.attempt_id_seq TO :service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE webhooks.delivery TO :service;

GRANT SELECT,INSERT,UPDATE ON TABLE webhooks.endpoint TO :service;
