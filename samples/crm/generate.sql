-- Fills the CRM with skewed data:  psql -v scale=1 -f generate.sql
--
-- scale 1 is about 2.4 million rows. Every value is a hash of its row number and a salt, so the
-- same scale always gives the same data; the dates end at a fixed day (2026-11-20), not today.
-- All names are put together from word lists.
\set ON_ERROR_STOP on
\if :{?scale} \else \set scale 1 \endif

SET client_min_messages = warning;
SET timezone = 'Europe/Berlin';
SET work_mem = '64MB';
-- The keys are right by construction; checking them would double the time.
SET session_replication_role = replica;

SELECT greatest(20, (200 * :scale)::int)     AS n_tenants,
       greatest(200, (2500 * :scale)::int)   AS n_users,
       greatest(600, (60000 * :scale)::int)  AS n_accounts,
       greatest(900, (180000 * :scale)::int) AS n_contacts,
       greatest(600, (120000 * :scale)::int) AS n_leads,
       greatest(750, (150000 * :scale)::int) AS n_opportunities,
       greatest(900, (330000 * :scale)::int) AS n_line_items,
       greatest(900, (450000 * :scale)::int) AS n_activities,
       greatest(500, (90000 * :scale)::int)  AS n_tickets,
       greatest(900, (260000 * :scale)::int) AS n_comments,
       greatest(900, (160000 * :scale)::int) AS n_emails,
       greatest(600, (120000 * :scale)::int) AS n_notes,
       greatest(700, (160000 * :scale)::int) AS n_taggings,
       greatest(400, (40000 * :scale)::int)  AS n_jobs,
       greatest(300, (30000 * :scale)::int)  AS n_sessions,
       greatest(900, (110000 * :scale)::int) AS n_members,
       greatest(900, (350000 * :scale)::int) AS n_audit \gset

-- Helpers live in a schema of their own, dropped at the end. ------------------------------------
CREATE SCHEMA gen;
SET search_path = gen, public;

-- u(id, salt): evenly spread in [0, 1). nth(list, u): an element of a list.
CREATE FUNCTION u(bigint, bigint) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashint8extended($1, $2) & 1099511627775)::float8 / 1099511627776.0 $$;
CREATE FUNCTION nth(text[], float8) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT $1[1 + floor($2 * array_length($1, 1))::int] $$;
CREATE FUNCTION nth(bigint[], float8) RETURNS bigint IMMUTABLE LANGUAGE sql AS
$$ SELECT $1[1 + floor($2 * array_length($1, 1))::int] $$;
-- at(id, n, salt): the slot of the calendar below for row id of n; nearly in the order of id.
CREATE FUNCTION at(bigint, bigint, bigint) RETURNS int IMMUTABLE LANGUAGE sql AS
$$ SELECT least(9999, greatest(0, floor(10000.0 * $1 / $2 - 60 * u($1, $3)))::int) $$;

-- Ten thousand slots over four years: growing business, busy quarter ends, quiet August and
-- Christmas, hardly anything on weekends.
CREATE TABLE calendar AS
WITH days AS (
    SELECT d::date AS day,
           (1 + 2.2 * row_number() OVER (ORDER BY d) / 1460)
           * CASE WHEN extract(isodow FROM d) > 5 THEN 0.06 ELSE 1 END
           * CASE WHEN extract(month FROM d) = 8 THEN 0.65
                  WHEN to_char(d, 'MMDD') >= '1222' THEN 0.25
                  WHEN extract(month FROM d)::int % 3 = 0 THEN 1.35 ELSE 1 END AS weight
    FROM generate_series('2022-11-21'::timestamp, '2026-11-19', '1 day') d
), summed AS MATERIALIZED (
    SELECT day, sum(weight) OVER (ORDER BY day) / sum(weight) OVER () AS upto FROM days
)
SELECT slot, (SELECT min(day) FROM summed WHERE upto >= slot / 10000.0) AS day
FROM generate_series(0, 9999) slot;
ALTER TABLE calendar ADD PRIMARY KEY (slot);
-- office(day, u, v): a time in the office hours of that day.
CREATE FUNCTION office(date, float8, float8) RETURNS timestamptz STABLE LANGUAGE sql AS
$$ SELECT $1 + interval '7 hours' + interval '1 second' * floor(21600 * ($2 + $3)) $$;

CREATE TABLE w AS SELECT
    '{Anna,Ben,Clara,David,Elif,Finn,Greta,Hugo,Ines,Jonas,Katja,Liam,Mira,Nils,Olga,Pavel,Quentin,Rosa,Samir,Tara,Uwe,Vera,Wim,Xenia,Yusuf,Zoe,Amélie,Bjørn,Chloë,Dmitri,Eoin,Fatma,Giulia,Håkan,Isla,José,Kemal,Lucía,Mateo,Noor,Óscar,Priya,Rui,Søren,Thandi,Ursula,Viktor,Wanda,Yara,Zbigniew}'::text[] AS first,
    '{Alber,Brand,Corn,Dahl,Eber,Fair,Grün,Hart,Iver,Jans,Kall,Lind,Mar,Nord,O''Bar,Pell,Quill,Rosen,Sander,Thorn,Ulf,Vald,Wester,Yard,Zell,Ash,Birk,Cresc,Dun,Elm}'::text[] AS sur1,
    '{berg,sen,mann,wood,ini,ova,field,ström,hoff,ley,kamp,escu,dal,ford,ez,ander,wick,son,ié,stein}'::text[] AS sur2,
    '{Alpine,Blue,Cedar,Delta,Ever,First,Global,Harbour,Iron,Jade,Kestrel,Lumen,Meridian,North,Orbit,Pioneer,Quartz,River,Silver,Terra,Union,Vertex,West,Zenith,Amber,Bright,Clear,Domain,Echo,Falcon,Granite,Helio,Inter,Juniper,Kraft,Lotus}'::text[] AS co1,
    '{Systems,Logistics,Foods,Media,Energy,Labs,Textiles,Motors,Pharma,Design,Consulting,Networks,Robotics,Travel,Finance,Insurance,Dairy,Steel,Optics,Software,Trading,Marine,Aviation,Ceramics,Printing}'::text[] AS co2,
    '{GmbH,AG,Ltd,Inc,SARL,BV,AB,"& Sons",SpA,Oy}'::text[] AS legal,
    '{"Thank you for the call this morning.","Please find the revised offer attached.","They asked for a discount of ten percent on the second year.","Decision expected after the board meeting.","The integration with their ERP is the open point.","Customer reports that the export stops after 500 rows.","We agreed on a follow-up next week.","Budget is approved, legal still reviews the contract.","The main contact has left the company.","No answer to the last two messages.","Demo went well; the team liked the dashboards.","They compare us with two other suppliers.","Invoice address has changed.","Please call back before noon.","The renewal is at risk because of the open tickets.","Could you send the data sheet again?","Rollout planned in three phases.","User cannot log in since the update.","Answered with the link to the manual.","Escalated to the second level."}'::text[] AS sentence,
    '{"Follow-up call","Quarterly review","Offer sent","Contract question","Invoice wrong","Cannot log in","Demo","Renewal","Price list","Onboarding","Data import fails","Feature request","Introduction","Slow dashboard","Permission missing","Export broken","Re: your offer","Meeting notes","Training","Cancellation"}'::text[] AS subject,
    '{website,referral,trade fair,cold call,partner,webinar,newsletter,advert}'::text[] AS source,
    '{"Head of Sales",CEO,CTO,Buyer,"Project Manager",Accountant,"IT Administrator","Marketing Lead",Assistant,"Operations Manager"}'::text[] AS job,
    '{DE,DE,DE,DE,AT,CH,FR,GB,US,NL,SE,PL,IT,ES,DK,BE,CZ,NO,FI,PT,IE,CA,AU,JP,BR}'::text[] AS country;

-- person(u, v, w), company(u, v, w), talk(id, salt): names and a text of one to six sentences.
CREATE FUNCTION talk(w, bigint, bigint) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT left(concat_ws(' ', nth(($1).sentence, u($2, $3)), nth(($1).sentence, u($2, $3 + 1)),
                        nth(($1).sentence, u($2, $3 + 2)), nth(($1).sentence, u($2, $3 + 3)),
                        nth(($1).sentence, u($2, $3 + 4)), nth(($1).sentence, u($2, $3 + 5))),
               40 + floor(360 * power(u($2, $3 + 6), 2))::int) $$;

-- Reference data -------------------------------------------------------------------------------
INSERT INTO countries VALUES
('DE','Germany','DACH'),('AT','Austria','DACH'),('CH','Switzerland','DACH'),('FR','France','West'),
('GB','United Kingdom','West'),('US','United States','Americas'),('NL','Netherlands','West'),
('SE','Sweden','Nordics'),('PL','Poland','East'),('IT','Italy','South'),('ES','Spain','South'),
('DK','Denmark','Nordics'),('BE','Belgium','West'),('CZ','Czechia','East'),('NO','Norway','Nordics'),
('FI','Finland','Nordics'),('PT','Portugal','South'),('IE','Ireland','West'),
('CA','Canada','Americas'),('AU','Australia','Pacific'),('JP','Japan','Pacific'),
('BR','Brazil','Americas'),('IN','India','Asia'),('ZA','South Africa','Africa'),('TR','Türkiye','South');
INSERT INTO currencies VALUES ('EUR','Euro',1),('USD','US dollar',0.92),('GBP','Pound sterling',1.17),
('CHF','Swiss franc',1.05),('SEK','Swedish krona',0.088),('PLN','Złoty',0.233),
('DKK','Danish krone',0.134),('JPY','Yen',0.0061);
INSERT INTO industries SELECT i, (array['Automotive','Banking','Chemicals','Construction','Education',
'Energy','Food','Government','Health','Hospitality','Insurance','IT services','Legal','Logistics',
'Machinery','Media','Non-profit','Pharma','Real estate','Retail','Software','Telecoms','Textiles','Travel'])[i]
FROM generate_series(1, 24) i;

-- Tenants, people, set-up ----------------------------------------------------------------------
INSERT INTO tenants
SELECT i, nth(co1, u(i, 1)) || ' ' || nth(co2, u(i, 2)) || ' ' || nth(legal, u(i, 3)),
       lower(nth(co1, u(i, 1)) || '-' || nth(co2, u(i, 2))) || '-' || i,
       CASE WHEN i <= 12 THEN 'enterprise' WHEN i % 5 < 2 THEN 'team' ELSE 'starter' END,
       nth(country, power(u(i, 4), 2)), jsonb_build_object('locale', 'en', 'fiscal_start', 1 + i % 12),
       timestamptz '2022-11-21 09:00+01' + interval '1 day' * floor(1100 * i / :n_tenants),
       CASE WHEN u(i, 5) < 0.06 AND i > 12 THEN timestamptz '2026-08-01 00:00+02' END
FROM generate_series(1, :n_tenants) i, w;

-- The first users are one for each tenant, the others follow the size of the tenants, which falls
-- off by a power law: the biggest tenant has about a sixth of everything.
INSERT INTO users
SELECT i, t, lower(translate(f || '.' || s, '''üöéø', 'xuoeo')) || i || '@tenant' || t || '.example', f || ' ' || s,
       CASE WHEN i <= :n_tenants THEN 'admin' WHEN u(i, 14) < 0.1 THEN 'manager' ELSE 'agent' END,
       u(i, 15) > 0.12,
       CASE WHEN u(i, 15) > 0.05 THEN timestamptz '2026-11-20 16:00+01' - interval '1 hour' * floor(2000 * power(u(i, 16), 4)) END,
       timestamptz '2022-11-21 09:00+01' + interval '1 hour' * floor(24 * 1400.0 * i / :n_users)
FROM (SELECT i, CASE WHEN i <= :n_tenants THEN i ELSE 1 + floor(:n_tenants * power(u(i, 11), 3)) END::bigint AS t,
             nth(first, u(i, 12)) AS f, nth(sur1, u(i, 13)) || nth(sur2, u(i, 17)) AS s
      FROM generate_series(1, :n_users) i, w) x;

INSERT INTO "UserPreferences"
SELECT id, CASE WHEN id % 7 = 0 THEN 'Europe/London' ELSE 'Europe/Berlin' END,
       jsonb_build_object('theme', CASE WHEN id % 3 = 0 THEN 'dark' ELSE 'light' END, 'pageSize', 25 * (1 + id % 4)),
       created_at FROM users WHERE id % 10 <> 3;
INSERT INTO user_sessions
SELECT i, 1 + floor(:n_users * power(u(i, 21), 1.5)), md5(i::text),
       ('10.' || i % 200 || '.' || i % 251 || '.7')::inet, 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || 100 + i % 40,
       ts, ts + interval '14 days'
FROM (SELECT i, timestamptz '2026-11-20 16:00+01' - interval '1 minute' * (3 * (:n_sessions - i)) AS ts
      FROM generate_series(1, :n_sessions) i) x;
INSERT INTO teams (tenant_id, name, manager_id)
SELECT t.id, n.name, (SELECT min(id) FROM users WHERE tenant_id = t.id)
FROM tenants t, unnest('{Sales,Support,Marketing,Key accounts}'::text[]) WITH ORDINALITY AS n (name, k)
WHERE k <= 2 OR t.plan = 'enterprise' ORDER BY t.id, k;
INSERT INTO team_members
SELECT t.id, usr.id, date '2023-01-01' + (usr.id % 1300)::int
FROM users usr JOIN teams t ON t.tenant_id = usr.tenant_id WHERE u(usr.id, t.id) < 0.45;
INSERT INTO pipelines (tenant_id, name, is_default)
SELECT tenants.id, n.name, k = 1 FROM tenants, unnest('{Sales,Renewals}'::text[]) WITH ORDINALITY AS n (name, k)
WHERE k = 1 OR plan <> 'starter' ORDER BY 1, k;
INSERT INTO opportunity_stages (pipeline_id, name, position, probability)
SELECT p.id, s.name, s.k, (array[10, 20, 40, 60, 80, 100, 0])[s.k]
FROM pipelines p, unnest('{New,Qualified,Needs,Offer,Negotiation,Won,Lost}'::text[]) WITH ORDINALITY AS s (name, k)
ORDER BY p.id, s.k;
INSERT INTO products (tenant_id, sku, name, list_price, currency_code)
SELECT t.id, 'P-' || lpad(k::text, 4, '0'), nth(co1, u(t.id * 100 + k, 31)) || ' ' || nth('{licence,module,support,training,hardware}'::text[], u(t.id * 100 + k, 32)),
       round(exp(3 + 5 * u(t.id * 100 + k, 33))::numeric, 2), CASE WHEN t.country_code = 'US' THEN 'USD' ELSE 'EUR' END
FROM tenants t, w, generate_series(1, CASE t.plan WHEN 'enterprise' THEN 90 WHEN 'team' THEN 25 ELSE 8 END) k
ORDER BY t.id, k;
INSERT INTO tags (tenant_id, name)
SELECT t.id, tag FROM tenants t, unnest('{vip,cold,renewal-2027,newsletter,do-not-disturb,partner,reference,at-risk,beta,"trade fair"}'::text[]) tag
ORDER BY t.id, tag;
INSERT INTO custom_field_definitions (tenant_id, entity, key, label, field_type, options)
SELECT t.id, e, k, initcap(replace(k, '_', ' ')), CASE k WHEN 'renewal_month' THEN 'number' ELSE 'text' END, '["low", "mid", "high"]'
FROM tenants t, unnest('{accounts,contacts,leads,opportunities}'::text[]) e, unnest('{segment,renewal_month,erp_id}'::text[]) k
ORDER BY t.id, e, k;
INSERT INTO saved_views (user_id, entity, name, filter, position)
SELECT usr.id, e, nth('{My open items,Closing this month,No contact for 90 days,Hot}'::text[], u(usr.id, k)),
       jsonb_build_object('status', 'open', 'mine', k = 1), k
FROM users usr, unnest('{accounts,leads,opportunities,tickets}'::text[]) WITH ORDINALITY AS n (e, k) WHERE u(usr.id, 40 + k) < 0.5
ORDER BY usr.id, k;
INSERT INTO campaigns (tenant_id, name, channel, budget, starts_on, ends_on)
SELECT t.id, nth('{Spring,Summer,Autumn,Winter}'::text[], u(t.id, k)) || ' ' || 2023 + k % 4 || ' ' || nth('{mailing,webinar,fair,launch}'::text[], u(k, t.id)),
       nth('{email,phone,event}'::text[], u(t.id * 50 + k, 44)), round(1000 + 40000 * u(t.id * 50 + k, 45)::numeric, -2),
       date '2023-01-10' + 45 * k, date '2023-02-20' + 45 * k
FROM tenants t, generate_series(1, CASE t.plan WHEN 'enterprise' THEN 28 WHEN 'team' THEN 8 ELSE 3 END) k ORDER BY t.id, k;

-- What belongs to a tenant, as arrays to draw from.
CREATE TABLE t AS
SELECT te.id AS tid,
       (SELECT array_agg(id ORDER BY id) FROM users x WHERE x.tenant_id = te.id) AS users,
       (SELECT array_agg(id ORDER BY id) FROM products x WHERE x.tenant_id = te.id) AS products,
       (SELECT array_agg(id ORDER BY id) FROM tags x WHERE x.tenant_id = te.id) AS tags,
       (SELECT array_agg(id ORDER BY id) FROM campaigns x WHERE x.tenant_id = te.id) AS campaigns,
       (SELECT array_agg(s.id ORDER BY p.id, s.position) FROM pipelines p JOIN opportunity_stages s ON s.pipeline_id = p.id
        WHERE p.tenant_id = te.id AND p.is_default) AS stages
FROM tenants te;
ALTER TABLE t ADD PRIMARY KEY (tid);
ANALYZE;

-- Customers ------------------------------------------------------------------------------------
\echo accounts, contacts, leads
INSERT INTO accounts
SELECT i, tid, CASE WHEN u(i, 52) > 0.03 THEN nth(users, power(u(i, 53), 2)) END,
       CASE WHEN u(i, 54) < 0.07 AND i > 500 THEN 1 + floor(500 * u(i, 55)) END,
       name, 'https://www.' || lower(replace(split_part(name, ' ', 1), '''', '')) || i || '.example',
       CASE WHEN u(i, 56) < 0.8 THEN '+49 30 555' || lpad((i * 7919 % 1000000)::text, 6, '0') END,
       1 + floor(24 * power(u(i, 57), 1.6)), nth(country, power(u(i, 58), 1.5)), CASE WHEN u(i, 59) < 0.8 THEN 'EUR' ELSE 'USD' END,
       CASE WHEN u(i, 60) < 0.50 THEN 'prospect' WHEN u(i, 60) < 0.88 THEN 'customer' WHEN u(i, 60) < 0.95 THEN 'former' ELSE 'partner' END,
       CASE WHEN u(i, 61) < 0.6 THEN round(exp(11 + 8 * u(i, 62))::numeric, -3) END,
       CASE WHEN u(i, 61) < 0.7 THEN ceil(exp(9 * power(u(i, 63), 2))) END,
       jsonb_strip_nulls(jsonb_build_object('segment', nth('{low,low,low,low,mid,mid,high}'::text[], u(i, 64)),
           'renewal_month', CASE WHEN u(i, 60) BETWEEN 0.5 AND 0.88 THEN 1 + i % 12 END, 'erp_id', CASE WHEN u(i, 65) < 0.5 THEN 'ERP-' || 100000 + i END)),
       ts, ts + interval '1 day' * floor(90 * u(i, 66)), CASE WHEN u(i, 67) < 0.05 THEN ts + interval '100 days' END
FROM (SELECT i, t.*, nth(co1, u(i, 48)) || nth('{" "," "," ","tech ","line ","ware "}'::text[], u(i, 49)) || nth(co2, u(i, 50)) || ' ' || nth(legal, u(i, 51)) AS name,
             country, office(day, u(i, 46), u(i, 47)) AS ts
      FROM generate_series(1, :n_accounts) i JOIN calendar ON slot = at(i, :n_accounts, 41)
      JOIN t ON tid = 1 + floor(:n_tenants * power(u(i, 42), 3)), w ORDER BY i) x;

INSERT INTO contacts
SELECT i, tenant_id, id, owner_id, f, s,
       CASE WHEN u(i, 73) < 0.9 THEN lower(translate(f || '.' || s, '''üöéø', 'xuoeo')) || i % 1000 || '@' || lower(split_part(replace(name, '''', ''), ' ', 1)) || id || '.example' END,
       CASE WHEN u(i, 74) < 0.6 THEN '+44 20 7946 ' || lpad((i % 10000)::text, 4, '0') END, nth(job, power(u(i, 75), 1.5)),
       CASE WHEN u(i, 76) < 0.2 THEN date '1960-01-01' + floor(15000 * u(i, 77))::int END, u(i, 78) < 0.04,
       CASE WHEN u(i, 79) < 0.3 THEN jsonb_build_object('erp_id', 'C' || i, 'segment', nth('{low,mid,high}'::text[], u(i, 80))) ELSE '{}' END,
       ts, ts + interval '1 day' * floor(60 * u(i, 81)), CASE WHEN u(i, 82) < 0.06 THEN ts + interval '150 days' END
FROM (SELECT i, a.id, a.tenant_id, a.owner_id, a.name, nth(first, u(i, 70)) AS f, nth(sur1, u(i, 71)) || nth(sur2, u(i, 72)) AS s, job, office(day, u(i, 83), u(i, 84)) AS ts
      FROM generate_series(1, :n_contacts) i JOIN calendar ON slot = at(i, :n_contacts, 69)
      JOIN accounts a ON a.id = 1 + floor(:n_accounts * power(u(i, 68), 1.4)), w ORDER BY i) x;

INSERT INTO leads
SELECT i, tid, CASE WHEN u(i, 92) < 0.7 THEN nth(users, power(u(i, 93), 2)) END, f || ' ' || s,
       nth(co1, u(i, 94)) || ' ' || nth(co2, u(i, 95)), lower(translate(f || '.' || s, '''üöéø', 'xuoeo')) || i || '@' || 'lead' || i % 977 || '.example',
       CASE WHEN u(i, 96) < 0.5 THEN '+1 212 555 ' || lpad((i % 10000)::text, 4, '0') END, st,
       nth(source, power(u(i, 97), 2)), CASE st WHEN 'converted' THEN 60 ELSE 0 END + floor(40 * u(i, 98)), nth(country, power(u(i, 99), 1.5)), st = 'converted',
       CASE WHEN st = 'converted' THEN 1 + floor(:n_contacts * u(i, 100)) END,
       CASE WHEN u(i, 101) < 0.5 THEN jsonb_build_object('utm_campaign', 'c' || floor(300 * power(u(i, 102), 2)), 'segment', nth('{low,mid,high}'::text[], u(i, 103))) ELSE '{}' END,
       ts, ts + interval '1 day' * floor(20 * u(i, 104)), CASE WHEN u(i, 105) < 0.08 THEN ts + interval '60 days' END
FROM (SELECT i, t.*, w.*, nth(first, u(i, 106)) AS f, nth(sur1, u(i, 107)) || nth(sur2, u(i, 108)) AS s, office(day, u(i, 109), u(i, 110)) AS ts,
             -- Old leads are decided, young ones are not.
             CASE WHEN u(i, 90) < 1 - power(i::float8 / :n_leads, 12) THEN CASE WHEN u(i, 91) < 0.22 THEN 'converted' ELSE 'lost' END
                  WHEN u(i, 91) < 0.5 THEN 'new' WHEN u(i, 91) < 0.8 THEN 'working' ELSE 'qualified' END AS st
      FROM generate_series(1, :n_leads) i JOIN calendar ON slot = at(i, :n_leads, 111)
      JOIN t ON tid = 1 + floor(:n_tenants * power(u(i, 112), 3)), w ORDER BY i) x;

CREATE TABLE first_contact AS SELECT account_id, min(id) AS contact_id FROM contacts GROUP BY 1;
ALTER TABLE first_contact ADD PRIMARY KEY (account_id);
ANALYZE accounts, contacts, first_contact;

\echo opportunities
INSERT INTO opportunities
SELECT i, tid, account_id, CASE WHEN u(i, 122) < 0.75 AND owner_id IS NOT NULL THEN owner_id ELSE nth(users, power(u(i, 123), 2)) END,
       CASE WHEN u(i, 124) < 0.8 THEN contact_id END,
       CASE st WHEN 'won' THEN stages[6] WHEN 'lost' THEN stages[7] ELSE stages[1 + floor(5 * power(u(i, 125), 1.3))] END,
       name || ' – ' || nth('{renewal,licences,extension,pilot,training,new site}'::text[], u(i, 126)), st,
       round(exp(7 + 1.6 * (u(i, 127) + u(i, 128) + u(i, 129)))::numeric, -1), CASE WHEN u(i, 130) < 0.8 THEN 'EUR' ELSE nth('{USD,GBP,CHF,SEK}'::text[], u(i, 131)) END,
       (ts + interval '1 day' * (20 + floor(120 * u(i, 132))))::date,
       CASE WHEN st <> 'open' THEN least(ts + interval '1 hour' * floor(24 * 110 * u(i, 133)), timestamptz '2026-11-20 15:00+01') END,
       CASE WHEN st = 'lost' THEN nth('{price,price,competitor,no budget,no answer,timing}'::text[], u(i, 134)) END,
       CASE WHEN u(i, 135) < 0.4 THEN jsonb_build_object('segment', nth('{low,mid,high}'::text[], u(i, 136)), 'erp_id', 'O' || i) ELSE '{}' END,
       ts, ts + interval '1 day' * floor(30 * u(i, 137)), CASE WHEN u(i, 138) < 0.04 THEN ts + interval '40 days' END
FROM (SELECT i, t.*, a.id AS account_id, a.owner_id, a.name, fc.contact_id, office(day, u(i, 139), u(i, 140)) AS ts,
             CASE WHEN u(i, 141) < 1 - power(i::float8 / :n_opportunities, 15) THEN CASE WHEN u(i, 142) < 0.35 THEN 'won' ELSE 'lost' END ELSE 'open' END AS st
      FROM generate_series(1, :n_opportunities) i JOIN calendar ON slot = at(i, :n_opportunities, 143)
      JOIN accounts a ON a.id = 1 + floor(:n_accounts * power(u(i, 144), 1.5)) JOIN t ON tid = a.tenant_id
      LEFT JOIN first_contact fc ON fc.account_id = a.id ORDER BY i) x;
ANALYZE opportunities;
INSERT INTO opportunity_line_items
SELECT i, o.id, nth(products, power(u(i, 151), 2)), 1 + floor(20 * power(u(i, 152), 4)), round(exp(3 + 5 * u(i, 153))::numeric, 2),
       CASE WHEN u(i, 154) < 0.2 THEN 5 * ceil(5 * u(i, 155)) ELSE 0 END, 1 + i % 5
FROM generate_series(1, :n_line_items) i
JOIN opportunities o ON o.id = least(:n_opportunities, greatest(1, ceil(:n_opportunities * (i::float8 / :n_line_items) - 3 * power(u(i, 150), 2))))
JOIN t ON tid = o.tenant_id ORDER BY i;

-- What happened --------------------------------------------------------------------------------
\echo activities
INSERT INTO activities
SELECT i, tenant_id, CASE WHEN u(i, 161) < 0.8 THEN owner_id ELSE nth(users, power(u(i, 162), 2)) END, account_id,
       CASE WHEN u(i, 163) < 0.55 THEN primary_contact_id END, CASE WHEN u(i, 164) < 0.65 THEN id END,
       nth('{call,call,call,email,email,meeting,task,task}'::text[], u(i, 165)), nth(subject, power(u(i, 166), 1.5)) || ' ' || nth(co1, u(i, 167)),
       CASE WHEN u(i, 168) < 0.45 THEN nth(sentence, u(i, 169)) || ' ' || nth(sentence, u(i, 170)) END,
       CASE WHEN u(i, 165) > 0.74 THEN ts + interval '1 day' * floor(21 * u(i, 171)) END,
       CASE WHEN u(i, 172) < 0.93 - power(i::float8 / :n_activities, 20) THEN ts + interval '1 hour' * floor(200 * u(i, 173)) END, ts
FROM (SELECT i, t.users, w.*, o.*, office(day, u(i, 174), u(i, 175)) AS ts
      FROM generate_series(1, :n_activities) i JOIN calendar ON slot = at(i, :n_activities, 176)
      JOIN opportunities o ON o.id = 1 + floor(:n_opportunities * power(u(i, 177), 1.3)) JOIN t ON tid = o.tenant_id, w ORDER BY i) x;

\echo tickets
INSERT INTO tickets
SELECT i, tenant_id, account_id, id, CASE WHEN u(i, 181) < 0.9 THEN nth(users, power(u(i, 182), 3)) END,
       nth(subject, u(i, 183)) || ': ' || nth(co2, u(i, 184)), CASE WHEN u(i, 185) < 0.8 THEN talk(w, i, 6000) END, st,
       nth('{low,normal,normal,normal,normal,high,high,urgent}'::text[], u(i, 187))::ticket_priority, nth('{email,email,email,web,phone,chat}'::text[], u(i, 188)),
       ts, ts + interval '1 hour' * floor(72 * u(i, 189)), CASE WHEN st IN ('solved', 'closed') THEN ts + interval '1 hour' * floor(400 * power(u(i, 190), 3)) END
FROM (SELECT i, t.users, w, w.*, c.id, c.account_id, c.tenant_id, office(day, u(i, 191), u(i, 192)) AS ts,
             CASE WHEN u(i, 193) < 1 - power(i::float8 / :n_tickets, 25) THEN CASE WHEN u(i, 194) < 0.85 THEN 'closed' ELSE 'solved' END
                  WHEN u(i, 194) < 0.6 THEN 'open' ELSE 'pending' END AS st
      FROM generate_series(1, :n_tickets) i JOIN calendar ON slot = at(i, :n_tickets, 195)
      JOIN contacts c ON c.id = 1 + floor(:n_contacts * power(u(i, 196), 1.8)) JOIN t ON tid = c.tenant_id, w ORDER BY i) x;
ANALYZE tickets;
INSERT INTO ticket_comments
SELECT i, k.id, CASE WHEN u(i, 201) < 0.6 THEN k.assignee_id END, u(i, 202) < 0.15, talk(w, i, 6100),
       least(k.created_at + interval '1 minute' * floor(6000 * power(u(i, 203), 2)), timestamptz '2026-11-20 16:30+01')
FROM generate_series(1, :n_comments) i
JOIN tickets k ON k.id = least(:n_tickets, greatest(1, ceil(:n_tickets * (i::float8 / :n_comments) - 40 * power(u(i, 204), 3)))), w ORDER BY i;

\echo emails, notes
INSERT INTO emails
SELECT i, tenant_id, id, owner_id, '<' || md5('mail' || i) || '@mail.example>', CASE WHEN u(i, 211) < 0.55 THEN 'o' ELSE 'i' END,
       CASE WHEN u(i, 212) < 0.4 THEN 'Re: ' ELSE '' END || nth(subject, u(i, 213)), talk(w, i, 6200), ts,
       CASE WHEN u(i, 214) < 0.5 THEN ts + interval '1 minute' * floor(5000 * power(u(i, 215), 2)) END
FROM (SELECT i, w, w.*, c.*, office(day, u(i, 216), u(i, 217)) AS ts
      FROM generate_series(1, :n_emails) i JOIN calendar ON slot = at(i, :n_emails, 218)
      JOIN contacts c ON c.id = 1 + floor(:n_contacts * power(u(i, 219), 2)), w ORDER BY i) x;

INSERT INTO notes
SELECT i, coalesce(o.tenant_id, a.tenant_id, c.tenant_id), typ, pid, coalesce(o.owner_id, a.owner_id, c.owner_id),
       talk(w, i, 6300), u(i, 221) < 0.03, office(day, u(i, 222), u(i, 223)), office(day, u(i, 222), u(i, 223)) + interval '1 hour' * (i % 50)
FROM (SELECT i, typ, 1 + floor(power(u(i, 225), 1.6) * CASE typ WHEN 'Account' THEN :n_accounts WHEN 'Contact' THEN :n_contacts ELSE :n_opportunities END)::bigint AS pid
      FROM generate_series(1, :n_notes) i, LATERAL (SELECT nth('{Account,Account,Opportunity,Opportunity,Opportunity,Contact}'::text[], u(i, 224)) AS typ) y) x
JOIN calendar ON slot = at(i, :n_notes, 226)
LEFT JOIN accounts a ON typ = 'Account' AND a.id = pid
LEFT JOIN contacts c ON typ = 'Contact' AND c.id = pid
LEFT JOIN opportunities o ON typ = 'Opportunity' AND o.id = pid, w ORDER BY i;

INSERT INTO taggings (tag_id, taggable_type, taggable_id, created_at)
SELECT DISTINCT ON (i) nth(t.tags, power(u(i, 233), 2)), typ, pid, office(day, u(i, 234), u(i, 235))
FROM (SELECT i, typ, 1 + floor(u(i, 231) * CASE typ WHEN 'Account' THEN :n_accounts ELSE :n_contacts END)::bigint AS pid
      FROM generate_series(1, :n_taggings) i, LATERAL (SELECT nth('{Account,Contact}'::text[], u(i, 230)) AS typ) y) x
JOIN calendar ON slot = at(i, :n_taggings, 232)
LEFT JOIN accounts a ON typ = 'Account' AND a.id = pid
LEFT JOIN contacts c ON typ = 'Contact' AND c.id = pid
JOIN t ON tid = coalesce(a.tenant_id, c.tenant_id)
ORDER BY i
ON CONFLICT DO NOTHING;

INSERT INTO campaign_members
SELECT nth(campaigns, u(i, 241)), c.id, nth('{sent,sent,sent,opened,opened,clicked,bounced}'::text[], u(i, 242)),
       CASE WHEN u(i, 243) < 0.12 THEN timestamptz '2026-11-20 12:00+01' - interval '1 hour' * floor(20000 * u(i, 244)) END
FROM generate_series(1, :n_members) i
JOIN contacts c ON c.id = 1 + floor(:n_contacts * u(i, 240)) JOIN t ON tid = c.tenant_id ORDER BY i
ON CONFLICT DO NOTHING;

\echo jobs, audit log
-- Nobody cleans up the finished jobs.
INSERT INTO background_jobs
SELECT i, nth('{default,default,mailers,imports,search}'::text[], u(i, 251)), nth('{SendEmail,SyncContact,Reindex,ScoreLead,ExportReport}'::text[], u(i, 252)),
       jsonb_build_object('tenant_id', 1 + floor(:n_tenants * power(u(i, 253), 3)), 'object_id', floor(:n_contacts * u(i, 254)), 'retry', u(i, 255) < 0.05),
       st, CASE st WHEN 'failed' THEN 5 WHEN 'done' THEN 1 ELSE 0 END, ts, CASE WHEN st <> 'queued' THEN 'worker-' || i % 8 END,
       CASE WHEN st <> 'queued' THEN ts + interval '2 seconds' END
FROM (SELECT i, timestamptz '2026-11-20 16:00+01' - interval '1 second' * (40 * (:n_jobs - i)) AS ts,
             CASE WHEN i > :n_jobs - 1500 THEN 'queued' WHEN u(i, 256) < 0.01 THEN 'failed' ELSE 'done' END AS st
      FROM generate_series(1, :n_jobs) i) x;

-- The audit log is kept for a year, so it covers the last 2500 slots of the calendar only.
INSERT INTO audit_log
SELECT i, tid, CASE WHEN u(i, 261) < 0.9 THEN nth(users, power(u(i, 262), 2)) END, typ,
       1 + floor(power(u(i, 263), 0.7) * CASE typ WHEN 'Account' THEN :n_accounts WHEN 'Contact' THEN :n_contacts WHEN 'Lead' THEN :n_leads ELSE :n_opportunities END),
       nth('{update,update,update,update,update,create,delete}'::text[], u(i, 264)),
       jsonb_build_object(nth('{status,owner_id,stage_id,amount,phone}'::text[], u(i, 265)), jsonb_build_array(floor(100 * u(i, 266)), floor(100 * u(i, 267)))),
       CASE WHEN u(i, 268) < 0.9 THEN ('10.' || i % 200 || '.' || i % 251 || '.7')::inet END, office(day, u(i, 269), u(i, 270))
FROM generate_series(1, :n_audit) i
CROSS JOIN LATERAL (SELECT nth('{Opportunity,Opportunity,Contact,Contact,Account,Lead}'::text[], u(i, 271)) AS typ) y
JOIN calendar ON slot = 7500 + least(2499, i * 2500 / :n_audit)
JOIN t ON tid = 1 + floor(:n_tenants * power(u(i, 272), 3)) ORDER BY i;

-- The identity columns go on after the highest id.
\o /dev/null
SELECT format('SELECT setval(%L, (SELECT max(id) FROM %I))', pg_get_serial_sequence(quote_ident(table_name), 'id'), table_name)
FROM information_schema.columns
WHERE table_schema = 'public' AND column_name = 'id' AND is_identity = 'YES' \gexec

\o
DROP SCHEMA gen CASCADE;
