"""The statements of the sample CRM: name, weight, text and how its parameters are drawn.

web()    crm-web,     extended protocol: parameters travel beside the text.
report() crm-reports, simple protocol: literals in the text.
job()    crm-jobs,    simple protocol.

The weight says how often a statement is sent on its own; weight 0 means that only a page or a
job of workload.py sends it. In a text, {in} becomes one placeholder for each element of an In(),
{rows} one group for each tuple of a Rows(), and {trace} a fresh sqlcommenter trace id.
"""
from dataclasses import dataclass
from typing import Callable


class In(list):
    """The elements of an IN list."""


class Rows(list):
    """The rows of a multi-row INSERT."""


@dataclass
class Statement:
    name: str
    app: str
    weight: float
    sql: str
    params: Callable


ALL: dict[str, Statement] = {}


def _add(app, name, weight, sql, params):
    if name in ALL:
        raise ValueError(f"two statements are called {name}")
    ALL[name] = Statement(name, app, weight, sql.strip(), params or (lambda w: ()))


def web(name, weight, sql, params=None):
    _add("crm-web", name, weight, sql, params)


def report(name, weight, sql, params=None):
    _add("crm-reports", name, weight, sql, params)


def job(name, weight, sql, params=None):
    _add("crm-jobs", name, weight, sql, params)


# Look-ups that repeat all day ------------------------------------------------------------------

web("session_by_token", 0, """
SELECT "user_sessions".* FROM "user_sessions" WHERE "user_sessions"."token" = %s LIMIT %s
""", lambda w: (w.token(), 1))

web("user_by_id", 6, """
SELECT "users".* FROM "users" WHERE "users"."id" = %s LIMIT %s
""", lambda w: (w.user, 1))

web("user_by_email", 1, """
SELECT id, tenant_id, full_name, role FROM users WHERE lower(email) = lower(%s) AND is_active
""", lambda w: (w.user_email(),))

web("tenant_by_id", 6, """
SELECT "tenants".* FROM "tenants" WHERE "tenants"."id" = %s LIMIT %s
""", lambda w: (w.tenant, 1))

web("tenant_by_subdomain", 2, """
SELECT "tenants".* FROM "tenants" WHERE "tenants"."subdomain" = %s AND "tenants"."suspended_at" IS NULL LIMIT %s
""", lambda w: (w.subdomain(), 1))

web("preferences", 4, """
SELECT "p"."userId", "p"."timeZone", "p"."settingsJson" FROM "UserPreferences" AS "p" WHERE "p"."userId" = %s
""", lambda w: (w.user,))

web("countries", 5, "SELECT code, name FROM countries ORDER BY name")

web("currency_rate", 6, "SELECT rate_to_eur FROM currencies WHERE code = %s",
    lambda w: (w.rng.choice(["EUR", "EUR", "USD", "GBP", "CHF"]),))

web("industries", 3, "select i1_0.id,i1_0.name from industries i1_0 order by i1_0.name")

web("default_pipeline", 4, """
SELECT "pipelines".* FROM "pipelines" WHERE "pipelines"."tenant_id" = %s AND "pipelines"."is_default" = %s
ORDER BY "pipelines"."id" ASC LIMIT %s
""", lambda w: (w.tenant, True, 1))

web("stages_of_pipeline", 5, """
SELECT "opportunity_stages".* FROM "opportunity_stages"
WHERE "opportunity_stages"."pipeline_id" = %s ORDER BY "opportunity_stages"."position" ASC
""", lambda w: (w.pipeline(),))

web("stage_by_id", 4, """
select s1_0.id,s1_0.name,s1_0.pipeline_id,s1_0.position,s1_0.probability from opportunity_stages s1_0 where s1_0.id=%s
""", lambda w: (w.stage(),))

web("custom_fields", 4, """
SELECT key, label, field_type, options FROM custom_field_definitions WHERE tenant_id = %s AND entity = %s
""", lambda w: (w.tenant, w.rng.choice(["accounts", "contacts", "leads", "opportunities"])))

web("saved_views", 3, """
SELECT "saved_views".* FROM "saved_views" WHERE "saved_views"."user_id" = %s AND "saved_views"."entity" = %s
ORDER BY "saved_views"."position" ASC
""", lambda w: (w.user, w.rng.choice(["accounts", "leads", "opportunities", "tickets"])))

web("tags_of_tenant", 3, """
SELECT "tags"."id", "tags"."name", "tags"."color" FROM "tags" WHERE "tags"."tenant_id" = %s ORDER BY "tags"."name" ASC
""", lambda w: (w.tenant,))

web("teams_of_user", 2, """
select t1_0.id,t1_0.name,t1_0.manager_id
from teams t1_0 join team_members m1_0 on m1_0.team_id=t1_0.id
where m1_0.user_id=%s
""", lambda w: (w.user,))

web("product_by_sku", 3, "SELECT id, name, list_price, currency_code FROM products WHERE tenant_id = %s AND sku = %s",
    lambda w: (w.tenant, f"P-{w.rng.randint(1, 30):04d}"))

web("product_picker", 2, """
SELECT id, sku, name, list_price FROM products WHERE tenant_id = %s AND is_active ORDER BY name LIMIT 20
""", lambda w: (w.tenant,))

# List views ------------------------------------------------------------------------------------

web("opps_mine", 5, """
SELECT "opportunities".* FROM "opportunities"
WHERE "opportunities"."deleted_at" IS NULL AND "opportunities"."owner_id" = %s
ORDER BY "opportunities"."created_at" DESC LIMIT %s
/*application:crm,controller:opportunities,action:index*/
""", lambda w: (w.user, 25))

web("opps_page", 0.7, """
SELECT "opportunities".* FROM "opportunities"
WHERE "opportunities"."deleted_at" IS NULL AND "opportunities"."tenant_id" = %s AND "opportunities"."status" = %s
ORDER BY "opportunities"."amount" DESC LIMIT %s OFFSET %s
""", lambda w: (w.tenant, w.rng.choice(["open", "open", "won", "lost"]), 25, w.page() * 25))

web("opps_older", 1.2, """
SELECT id, name, amount, status, created_at
FROM opportunities
WHERE tenant_id = %s AND (created_at, id) < (%s, %s)
ORDER BY created_at DESC, id DESC
LIMIT 50
""", lambda w: (w.tenant, w.ago(w.rng.randint(1, 300)), w.opportunity()))

web("accounts_page", 2, """
select a1_0.id,a1_0.account_type,a1_0.country_code,a1_0.name,a1_0.owner_id,a1_0.phone,a1_0.website
from accounts a1_0
where a1_0.tenant_id=%s and a1_0.deleted_at is null
order by a1_0.name
offset %s rows fetch first %s rows only
""", lambda w: (w.tenant, w.page() * 20, 20))

web("contacts_page", 1.2, """
SELECT * FROM active_contacts WHERE tenant_id = %s ORDER BY last_name, first_name LIMIT 50 OFFSET %s
""", lambda w: (w.tenant, w.page() * 50))

web("leads_inbox", 2, """
SELECT l.id, l.full_name, l.company, l.score, l.source, l.created_at
FROM leads l
WHERE l.tenant_id = %s
  AND l.status IN ({in})
  AND l.deleted_at IS NULL
ORDER BY l.score DESC, l.created_at
LIMIT 30
""", lambda w: (w.tenant, In(w.rng.sample(["new", "working", "qualified"], w.rng.randint(1, 3)))))

web("tickets_open", 3, """
select t1_0.id,t1_0.subject,t1_0.status,t1_0.priority,t1_0.created_at,u1_0.id,u1_0.full_name
from tickets t1_0
left join users u1_0 on u1_0.id=t1_0.assignee_id
where t1_0.tenant_id=%s and t1_0.status=%s
order by t1_0.priority desc,t1_0.created_at
fetch first %s rows only
""", lambda w: (w.tenant, w.rng.choice(["open", "open", "pending"]), 30))

web("tickets_urgent", 2, """
SELECT id, subject, created_at FROM tickets
WHERE tenant_id = %s AND priority = 'urgent' AND status = 'open' ORDER BY created_at
""", lambda w: (w.tenant,))

web("tickets_mine", 2.5, """
SELECT "tickets".* FROM "tickets" WHERE "tickets"."assignee_id" = %s AND "tickets"."status" != %s
ORDER BY "tickets"."updated_at" DESC LIMIT %s
/*application:crm,controller:tickets,action:mine*/
""", lambda w: (w.user, "closed", 20))

web("tasks_due", 3, """
SELECT id, kind, subject, due_at, account_id
FROM activities
WHERE owner_id = %s
  AND completed_at IS NULL   -- still to do
  AND due_at < %s
ORDER BY due_at
LIMIT 20
""", lambda w: (w.user, w.ago(-7)))

web("activities_recent", 1, """
SELECT ac.id, ac.kind, ac.subject, ac.created_at, u.full_name
FROM activities ac JOIN users u ON u.id = ac.owner_id
WHERE ac.tenant_id = %s AND ac.created_at >= %s
ORDER BY ac.created_at DESC
LIMIT 40
""", lambda w: (w.tenant, w.ago(w.rng.choice([1, 7, 7, 30]))))

web("campaign_list", 1, """
SELECT "campaigns"."id", "campaigns"."name", "campaigns"."channel", "campaigns"."starts_on"
FROM "campaigns" WHERE "campaigns"."tenant_id" = %s ORDER BY "campaigns"."starts_on" DESC LIMIT 21
""", lambda w: (w.tenant,))

web("campaign_members", 0.8, """
SELECT c.id, c.first_name, c.last_name, m.status
FROM campaign_members m JOIN contacts c ON c.id = m.contact_id
WHERE m.campaign_id = %s AND m.status <> 'bounced' ORDER BY c.last_name LIMIT 100
""", lambda w: (w.campaign(),))

# Search ----------------------------------------------------------------------------------------

web("account_search", 3, """
SELECT id, name, website, account_type FROM accounts
WHERE name ILIKE %s AND tenant_id = %s AND deleted_at IS NULL ORDER BY name LIMIT 10
""", lambda w: (f"%{w.word()}%", w.tenant))

web("contact_search", 2, """
SELECT "contacts"."id", "contacts"."first_name", "contacts"."last_name", "contacts"."email" FROM "contacts"
WHERE (("contacts"."first_name" || ' ' || "contacts"."last_name") ILIKE %s OR "contacts"."email" ILIKE %s)
  AND "contacts"."deleted_at" IS NULL LIMIT 15
/*controller='search',action='contacts',traceparent='{trace}'*/
""", lambda w: (f"%{w.surname()}%", f"%{w.surname()}%"))

web("account_prefix", 3, """
SELECT id, name FROM accounts WHERE tenant_id = %s AND name LIKE %s ORDER BY name LIMIT 8
""", lambda w: (w.tenant, w.word()[: w.rng.randint(2, 5)] + "%"))

web("contact_by_email", 4, """
SELECT id, account_id, first_name, last_name FROM contacts WHERE lower(email) = %s AND deleted_at IS NULL
""", lambda w: (w.contact_email(),))

web("lead_by_email", 1.5, """
SELECT "leads"."id", "leads"."status" FROM "leads" WHERE LOWER("leads"."email") = LOWER(%s) AND "leads"."tenant_id" = %s LIMIT %s
""", lambda w: (w.lead_email(), w.tenant, 1))

web("contact_by_phone", 0.8, """
SELECT id, first_name, last_name FROM contacts WHERE phone = %s AND deleted_at IS NULL
""", lambda w: (f"+44 20 7946 {w.rng.randint(0, 9999):04d}",))

web("search_everything", 0.7, """
WITH hits AS (
    SELECT 'account' AS kind, id, name::text AS title FROM accounts WHERE tenant_id = %(tenant)s AND name ILIKE %(q)s
    UNION ALL
    SELECT 'opportunity', id, name FROM opportunities WHERE tenant_id = %(tenant)s AND name ILIKE %(q)s
    UNION ALL
    SELECT 'ticket', id, subject FROM tickets WHERE tenant_id = %(tenant)s AND subject ILIKE %(q)s
)
SELECT kind, id, title FROM hits ORDER BY title LIMIT 20
""", lambda w: {"tenant": w.tenant, "q": f"%{w.word()}%"})

web("accounts_by_field", 1.5, """
SELECT id, name, custom_fields FROM accounts
WHERE custom_fields @> %s::jsonb AND deleted_at IS NULL LIMIT 50
""", lambda w: (w.rng.choice(['{{"erp_id": "ERP-{}"}}'.format(100000 + w.account()),
                              '{"segment": "high", "renewal_month": %d}' % w.rng.randint(1, 12)]),))

web("leads_by_utm", 1, """
SELECT count(*) FROM leads WHERE custom_fields ->> 'utm_campaign' = %s AND created_at >= %s
""", lambda w: (f"c{int(300 * w.rng.random() ** 2)}", w.ago(120)))

web("contacts_of_domain", 0.5, """
SELECT id, email FROM contacts WHERE split_part(email, '@', 2) = %s
""", lambda w: (f"{w.word().lower()}{w.account()}.example",))

# A record and what belongs to it ---------------------------------------------------------------

web("account_by_id", 3, """
select a1_0.id,a1_0.account_type,a1_0.annual_revenue,a1_0.country_code,a1_0.created_at,a1_0.currency_code,a1_0.custom_fields,a1_0.deleted_at,a1_0.employee_count,a1_0.industry_id,a1_0.name,a1_0.owner_id,a1_0.parent_account_id,a1_0.phone,a1_0.tenant_id,a1_0.updated_at,a1_0.website from accounts a1_0 where a1_0.id=%s
""", lambda w: (w.account(),))

web("contact_by_id", 3, """
SELECT "contacts"."id", "contacts"."tenant_id", "contacts"."account_id", "contacts"."first_name", "contacts"."last_name", "contacts"."email", "contacts"."phone", "contacts"."job_title" FROM "contacts" WHERE "contacts"."id" = %s LIMIT 21
""", lambda w: (w.contact(),))

web("contact_version", 1, "SELECT xmin, updated_at FROM contacts WHERE id = %s", lambda w: (w.contact(),))

web("lead_by_id", 2, """
SELECT "leads".* FROM "leads" WHERE "leads"."deleted_at" IS NULL AND "leads"."id" = %s LIMIT %s
""", lambda w: (w.lead(), 1))

web("opp_by_id", 3, """
SELECT "opportunities".* FROM "opportunities" WHERE "opportunities"."deleted_at" IS NULL AND "opportunities"."id" = %s LIMIT %s
""", lambda w: (w.opportunity(), 1))

web("ticket_by_id", 2, """
SELECT "tickets".* FROM "tickets" WHERE "tickets"."id" = %s AND "tickets"."tenant_id" = %s LIMIT %s
""", lambda w: (w.ticket(), w.tenant, 1))

web("contacts_of_account", 2, """
SELECT * FROM contacts WHERE account_id = %s AND deleted_at IS NULL ORDER BY last_name LIMIT 100
""", lambda w: (w.account(),))

web("opps_of_account", 1.5, """
SELECT "opportunities".* FROM "opportunities"
WHERE "opportunities"."deleted_at" IS NULL AND "opportunities"."account_id" = %s
ORDER BY "opportunities"."expected_close_date" DESC
""", lambda w: (w.account(),))

web("tickets_of_account", 1, """
select t1_0.id,t1_0.subject,t1_0.status,t1_0.created_at from tickets t1_0 where t1_0.account_id=%s order by t1_0.created_at desc
""", lambda w: (w.account(),))

web("line_items", 0.6, """
SELECT "opportunity_line_items".* FROM "opportunity_line_items"
WHERE "opportunity_line_items"."opportunity_id" = %s ORDER BY "opportunity_line_items"."position" ASC
""", lambda w: (w.opportunity(),))

web("notes_of_record", 1.5, """
SELECT "notes".* FROM "notes" WHERE "notes"."parent_type" = %s AND "notes"."parent_id" = %s
ORDER BY "notes"."created_at" DESC LIMIT %s
""", lambda w: ("Opportunity", w.opportunity(), 20))

web("tags_of_record", 1.5, """
SELECT "tags".* FROM "tags" INNER JOIN "taggings" ON "tags"."id" = "taggings"."tag_id"
WHERE "taggings"."taggable_id" = %s AND "taggings"."taggable_type" = %s
""", lambda w: (w.contact(), "Contact"))

web("timeline_of_account", 1.5, """
/* account timeline */
SELECT a.id, a.kind, a.subject, a.body, a.created_at, u.full_name AS owner
FROM activities a
JOIN users u ON u.id = a.owner_id
WHERE a.account_id = %s
ORDER BY a.created_at DESC
LIMIT 30
""", lambda w: (w.account(),))

web("emails_of_contact", 1.5, """
SELECT id, direction, subject, sent_at, opened_at FROM emails WHERE contact_id = %s ORDER BY sent_at DESC LIMIT 20
""", lambda w: (w.contact(),))

web("history_of_record", 1, """
SELECT h.action, h.changes, h.created_at, u.full_name
FROM audit_log h LEFT JOIN users u ON u.id = h.user_id
WHERE h.entity_type = %s AND h.entity_id = %s
ORDER BY h.created_at DESC LIMIT 25
""", lambda w: ("Opportunity", w.opportunity()))

web("comments_of_ticket", 1, """
SELECT "ticket_comments".* FROM "ticket_comments" WHERE "ticket_comments"."ticket_id" = %s
ORDER BY "ticket_comments"."created_at" ASC
""", lambda w: (w.ticket(),))

web("campaigns_of_contact", 0.8, """
SELECT c.name, c.channel, m.status, m.responded_at
FROM campaign_members m JOIN campaigns c ON c.id = m.campaign_id
WHERE m.contact_id = %s
""", lambda w: (w.contact(),))

web("account_tree", 0.4, """
WITH RECURSIVE tree AS (
    SELECT id, name, parent_account_id, 0 AS depth FROM accounts WHERE id = %s
    UNION ALL
    SELECT a.id, a.name, a.parent_account_id, t.depth + 1
    FROM accounts a JOIN tree t ON a.parent_account_id = t.id
    WHERE t.depth < 4
)
SELECT id, name, depth FROM tree ORDER BY depth, name
""", lambda w: (w.rng.randint(1, 500),))

web("users_in", 2, """
SELECT "users".* FROM "users" WHERE "users"."id" IN ({in})
""", lambda w: (In(w.some(w.colleague, 2, 12)),))

web("contacts_in", 2, """
select c1_0.id,c1_0.first_name,c1_0.last_name,c1_0.email from contacts c1_0 where c1_0.id in ({in})
""", lambda w: (In(w.some(w.contact, 1, 25)),))

web("opps_any", 1, "SELECT id, name, amount FROM opportunities WHERE id = ANY(%s)",
    lambda w: (w.some(w.opportunity, 3, 40),))

web("last_activities", 0.8, """
SELECT a.id, a.name, l.kind, l.subject, l.created_at
FROM accounts a
CROSS JOIN LATERAL (
    SELECT kind, subject, created_at FROM activities x
    WHERE x.account_id = a.id ORDER BY created_at DESC LIMIT 3
) l
WHERE a.id IN ({in})
""", lambda w: (In(w.some(w.account, 2, 3)),))

web("neglected_accounts", 0.4, """
SELECT a.id, a.name FROM accounts a
WHERE a.tenant_id = %s AND a.account_type = 'customer' AND a.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM activities x WHERE x.account_id = a.id AND x.created_at > %s)
ORDER BY a.annual_revenue DESC NULLS LAST LIMIT 20
""", lambda w: (w.tenant, w.ago(90)))

web("accounts_in_trouble", 0.5, """
SELECT a.id, a.name FROM accounts a
WHERE a.owner_id = %s
  AND EXISTS (SELECT 1 FROM tickets t WHERE t.account_id = a.id AND t.status = 'open' AND t.priority >= 'high')
""", lambda w: (w.user,))

# Dashboards ------------------------------------------------------------------------------------

web("count_open_mine", 2.5, """
SELECT COUNT(*) FROM "opportunities" WHERE "opportunities"."owner_id" = %s AND "opportunities"."status" = %s AND "opportunities"."deleted_at" IS NULL
""", lambda w: (w.user, "open"))

web("tickets_by_status", 1.2, "SELECT status, count(*) FROM tickets WHERE tenant_id = %s GROUP BY status ORDER BY 2 DESC",
    lambda w: (w.tenant,))

web("count_new_leads", 2, """
SELECT COUNT(*) FROM "leads" WHERE "leads"."tenant_id" = %s AND "leads"."status" = %s AND "leads"."deleted_at" IS NULL
""", lambda w: (w.tenant, "new"))

web("pipeline_by_stage", 1, """
SELECT s.name, s.position, count(*) AS deals, sum(o.amount) AS total
FROM opportunities o JOIN opportunity_stages s ON s.id = o.stage_id
WHERE o.tenant_id = %s AND o.status = 'open' AND o.deleted_at IS NULL
GROUP BY s.name, s.position
ORDER BY s.position
""", lambda w: (w.tenant,))

web("leaderboard", 0.5, """
SELECT u.full_name, t.won, rank() OVER (ORDER BY t.won DESC) AS place
FROM (
    SELECT owner_id, sum(amount) AS won FROM opportunities
    WHERE tenant_id = %s AND status = 'won' AND closed_at >= date_trunc('quarter', %s::timestamptz)
    GROUP BY owner_id
) t
JOIN users u ON u.id = t.owner_id
ORDER BY place LIMIT 10
""", lambda w: (w.tenant, w.ago(w.rng.choice([0, 0, 90]))))

web("calls_today", 1, """
SELECT count(*) FROM activities WHERE owner_id = %s AND kind = 'call' AND date(created_at) = %s
""", lambda w: (w.user, w.ago(w.rng.randint(0, 3)).date()))

# Writes ----------------------------------------------------------------------------------------

web("opp_insert", 1, """
INSERT INTO "opportunities" ("tenant_id", "account_id", "owner_id", "stage_id", "name", "amount", "currency_code", "expected_close_date")
VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING "id"
""", lambda w: (w.tenant, w.account(), w.user, w.stage(), f"{w.word()} – {w.rng.choice(['renewal', 'pilot', 'licences'])}",
                w.rng.randint(1, 900) * 100, "EUR", w.ago(-w.rng.randint(10, 90)).date()))

web("line_items_insert", 0, """
INSERT INTO opportunity_line_items (opportunity_id, product_id, quantity, unit_price, position) VALUES {rows}
""", lambda w: (w.line_items(),))

web("opp_move", 2, """
UPDATE "opportunities" SET "stage_id" = %s, "updated_at" = %s WHERE "opportunities"."id" = %s
""", lambda w: (w.stage(), w.now(), w.opportunity()))

web("activity_insert", 3, """
insert into activities (account_id,contact_id,due_at,kind,owner_id,subject,body,tenant_id) values (%s,%s,%s,%s,%s,%s,%s,%s)
""", lambda w: (w.account(), w.rng.choice([None, w.contact()]), w.rng.choice([None, w.ago(-5)]),
                w.rng.choice(["call", "email", "task"]), w.user, w.subject(), w.text(), w.tenant))

web("activity_done", 2, "update activities set completed_at=%s where id=%s", lambda w: (w.now(), w.activity()))

web("note_insert", 2, """
INSERT INTO "notes" ("tenant_id", "parent_type", "parent_id", "author_id", "body") VALUES (%s, %s, %s, %s, %s) RETURNING "id"
""", lambda w: (w.tenant, *w.rng.choice([("Account", w.account()), ("Opportunity", w.opportunity())]), w.user, w.text()))

web("contact_update", 2, """
UPDATE "contacts" SET "phone" = %s, "job_title" = %s, "updated_at" = %s WHERE "contacts"."id" = %s
""", lambda w: (f"+44 20 7946 {w.rng.randint(0, 9999):04d}", w.rng.choice(["CEO", "Buyer", "Head of \"Growth\"", None]), w.now(), w.contact()))

web("account_set_field", 1, """
UPDATE accounts SET custom_fields = custom_fields || %s::jsonb, updated_at = now() WHERE id = %s
""", lambda w: ('{"segment": "%s"}' % w.rng.choice(["low", "mid", "high"]), w.account()))

web("account_soft_delete", 0.2, 'UPDATE "accounts" SET "deleted_at" = %s WHERE "accounts"."id" = %s',
    lambda w: (w.now(), w.account()))

web("ticket_insert", 0.7, """
INSERT INTO tickets (tenant_id, account_id, contact_id, subject, description, priority, channel)
VALUES (%s, %s, %s, %s, %s, %s, %s)
RETURNING id, created_at
""", lambda w: (w.tenant, w.account(), w.contact(), w.subject(), w.text(), w.rng.choice(["normal", "normal", "high", "urgent"]), "web"))

web("comment_insert", 0, """
INSERT INTO "ticket_comments" ("ticket_id", "author_id", "body") VALUES (%s, %s, %s) RETURNING "id"
""", lambda w: (w.ticket(), w.user, w.text()))

web("ticket_answered", 0, """
UPDATE "tickets" SET "status" = %s, "assignee_id" = %s, "updated_at" = %s WHERE "tickets"."id" = %s
""", lambda w: ("pending", w.user, w.now(), w.ticket()))

web("email_insert", 1, """
INSERT INTO emails (tenant_id, contact_id, user_id, message_id, direction, subject, body, sent_at)
VALUES (%s, %s, %s, %s, 'o', %s, %s, %s)
""", lambda w: (w.tenant, w.contact(), w.user, f"<{w.rng.getrandbits(96):024x}@mail.example>", w.subject(), w.text(), w.now()))

web("tagging_insert", 1.5, """
INSERT INTO taggings (tag_id, taggable_type, taggable_id) VALUES {rows} ON CONFLICT DO NOTHING
""", lambda w: (Rows((w.tag(), "Contact", w.contact()) for _ in range(w.rng.randint(1, 6))),))

web("preferences_upsert", 1, """
INSERT INTO "UserPreferences" ("userId", "settingsJson", "updatedAt") VALUES (%s, %s, now())
ON CONFLICT ("userId") DO UPDATE SET "settingsJson" = "UserPreferences"."settingsJson" || EXCLUDED."settingsJson", "updatedAt" = now()
""", lambda w: (w.user, '{"pageSize": %d}' % w.rng.choice([25, 50, 100])))

web("audit_insert", 0, """
INSERT INTO audit_log (tenant_id, user_id, entity_type, entity_id, action, changes, ip) VALUES (%s, %s, %s, %s, %s, %s, %s)
""", lambda w: (w.tenant, w.user, "Opportunity", w.opportunity(), "update", '{"stage_id": [1, 2]}', "10.1.2.3"))

web("login_session", 0, """
INSERT INTO "user_sessions" ("user_id", "token", "ip", "expires_at") VALUES (%s, %s, %s, %s) RETURNING "id"
""", lambda w: (w.user, f"{w.rng.getrandbits(128):032x}", "10.9.8.7", w.ago(-14)))

web("login_stamp", 0, 'UPDATE "users" SET "last_login_at" = %s WHERE "users"."id" = %s', lambda w: (w.now(), w.user))

web("lead_lock", 0, 'SELECT "leads".* FROM "leads" WHERE "leads"."id" = %s LIMIT %s FOR UPDATE', lambda w: (w.lead(), 1))

web("contact_insert", 0, """
INSERT INTO "contacts" ("tenant_id", "account_id", "owner_id", "first_name", "last_name", "email")
VALUES (%s, %s, %s, %s, %s, %s) RETURNING "id"
""", lambda w: (w.tenant, w.account(), w.user, w.rng.choice(["Noor", "Zoe", "José"]), w.surname(), w.lead_email()))

web("lead_converted", 0, """
UPDATE "leads" SET "status" = %s, "is_converted" = %s, "converted_contact_id" = %s, "updated_at" = %s WHERE "leads"."id" = %s
""", lambda w: ("converted", True, w.contact(), w.now(), w.lead()))

web("tag_insert", 0.6, 'INSERT INTO "tags" ("tenant_id", "name") VALUES (%s, %s)',   # always taken: an error
    lambda w: (w.tenant, w.rng.choice(["vip", "cold", "reference"])))

web("account_touch", 0, "UPDATE accounts SET updated_at = now() WHERE id = %s", lambda w: (w.account(),))

# Reports ---------------------------------------------------------------------------------------

report("won_by_month", 3, """
SELECT date_trunc('month', closed_at) AS month, count(*) AS deals, sum(amount) AS revenue
FROM opportunities
WHERE tenant_id = %s AND status = 'won' AND closed_at >= %s AND closed_at < %s
GROUP BY 1 ORDER BY 1
""", lambda w: (w.tenant, *w.months(12)))

report("conversion_by_source", 2, """
SELECT source, to_char(created_at, 'YYYY-MM') AS month,
       count(*) AS leads, count(*) FILTER (WHERE is_converted) AS converted,
       round(100.0 * count(*) FILTER (WHERE is_converted) / count(*), 1) AS percent
FROM leads
WHERE tenant_id = %s AND created_at BETWEEN %s AND %s AND deleted_at IS NULL
GROUP BY source, to_char(created_at, 'YYYY-MM')
ORDER BY month, source
""", lambda w: (w.tenant, *w.months(6)))

report("activity_of_month", 2, """
-- how busy was everybody
SELECT u.full_name, ac.kind, count(*)
FROM activities ac JOIN users u ON u.id = ac.owner_id
WHERE u.tenant_id = %s AND to_char(ac.created_at, 'YYYY-MM') = %s
GROUP BY u.full_name, ac.kind ORDER BY 3 DESC
""", lambda w: (w.tenant, w.ago(w.rng.randint(0, 300)).strftime("%Y-%m")))

report("activities_between", 2, """
SELECT kind, count(*) FROM activities WHERE created_at >= %s AND created_at < %s GROUP BY kind
""", lambda w: w.months(1))

report("top_accounts", 1.5, """
WITH revenue AS (
    SELECT account_id, sum(amount) AS total, count(*) AS deals
    FROM opportunities
    WHERE tenant_id = %s AND status = 'won' AND closed_at >= %s
    GROUP BY account_id
)
SELECT a.name, r.total, r.deals, row_number() OVER (ORDER BY r.total DESC) AS place,
       sum(r.total) OVER (ORDER BY r.total DESC ROWS UNBOUNDED PRECEDING) / sum(r.total) OVER () AS running_share
FROM revenue r JOIN accounts a ON a.id = r.account_id
ORDER BY r.total DESC LIMIT 25
""", lambda w: (w.tenant, w.months(12)[0]))

report("solve_time", 1, """
SELECT priority, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY solved_at - created_at) AS median,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY solved_at - created_at) AS p95
FROM tickets
WHERE tenant_id = %s AND solved_at >= %s
GROUP BY priority ORDER BY priority
""", lambda w: (w.tenant, w.months(3)[0]))

report("product_sales", 1, """
SELECT p.name, extract(quarter FROM o.closed_at) AS quarter, sum(li.quantity * li.unit_price * (1 - li.discount_pct / 100)) AS sales
FROM opportunity_line_items li
JOIN opportunities o ON o.id = li.opportunity_id
JOIN products p ON p.id = li.product_id
WHERE o.tenant_id = %s AND o.status = 'won' AND extract(year FROM o.closed_at) = %s
GROUP BY p.name, extract(quarter FROM o.closed_at)
HAVING sum(li.quantity) > 5
ORDER BY 1, 2
""", lambda w: (w.tenant, w.rng.choice([2024, 2025, 2026])))

report("sales_of_product", 1.5, """
SELECT count(*), sum(quantity) FROM opportunity_line_items WHERE product_id = %s
""", lambda w: (w.product(),))

report("open_rate", 1, """
SELECT extract(isodow FROM sent_at) AS weekday, count(*) AS sent, count(opened_at) AS opened
FROM emails WHERE direction = 'o' AND sent_at >= %s AND sent_at < %s
GROUP BY 1 ORDER BY 1
""", lambda w: w.months(1))

report("campaign_effect", 1, """
SELECT c.name, count(*) AS members, count(m.responded_at) AS responses
FROM campaigns c JOIN campaign_members m ON m.campaign_id = c.id
WHERE c.tenant_id = %s AND c.starts_on >= %s
GROUP BY c.id, c.name ORDER BY responses DESC
""", lambda w: (w.tenant, w.months(12)[0].date()))

report("pipeline_forecast", 1.5, """
SELECT owner_name, stage, sum(weighted_eur) FROM open_pipeline
WHERE tenant_id = %s AND expected_close_date BETWEEN %s AND %s
GROUP BY ROLLUP (owner_name, stage)
""", lambda w: (w.tenant, w.ago(30).date(), w.ago(-90).date()))

report("lost_reasons", 1, """
SELECT lost_reason, count(*) FROM opportunities
WHERE status = 'lost' AND closed_at >= %s AND closed_at < %s AND tenant_id IN ({in})
GROUP BY lost_reason ORDER BY 2 DESC
""", lambda w: (*w.months(3), In(w.some(w.other_tenant, 1, 8))))

report("growth", 1, """
SELECT month, n, n - lag(n) OVER (ORDER BY month) AS change
FROM (SELECT date_trunc('month', created_at) AS month, count(*) AS n FROM accounts WHERE tenant_id = %s GROUP BY 1) x
ORDER BY month
""", lambda w: (w.tenant,))

report("contact_export", 0.7, """
SELECT c.*, a.name FROM contacts c LEFT JOIN accounts a ON a.id = c.account_id
WHERE c.tenant_id = %s ORDER BY c.job_title, c.created_at
""", lambda w: (w.big_tenant(),))      # sorts on disk

report("report_too_slow", 0, """
SELECT a.tenant_id, count(*) FROM activities a JOIN emails e ON e.tenant_id = a.tenant_id AND e.sent_at > a.created_at GROUP BY 1
""")                                   # runs into statement_timeout or is cancelled

report("report_broken", 0, "SELECT owner_id, sum(amount) FORM opportunities WHERE tenant_id = %s GROUP BY owner_id",
       lambda w: (w.tenant,))          # a syntax error

# Jobs ------------------------------------------------------------------------------------------

job("jobs_take", 0, """
SELECT id, kind, payload FROM background_jobs
WHERE status = 'queued' AND queue = %s AND run_at <= %s
ORDER BY run_at
LIMIT 5
FOR UPDATE SKIP LOCKED
""", lambda w: (w.rng.choice(["default", "default", "mailers", "search"]), w.now()))

job("job_start", 0, "UPDATE background_jobs SET status = 'running', attempts = attempts + 1, locked_by = %s WHERE id IN ({in})")

job("job_done", 0, "UPDATE background_jobs SET status = 'done', finished_at = now() WHERE id = %s")

job("jobs_enqueue", 3, """
INSERT INTO background_jobs (queue, kind, payload, run_at) VALUES {rows}
""", lambda w: (Rows((w.rng.choice(["default", "mailers", "search"]), w.rng.choice(["SendEmail", "Reindex", "ScoreLead"]),
                      '{"tenant_id": %d, "object_id": %d}' % (w.tenant, w.contact()), w.now()) for _ in range(w.rng.randint(1, 9))),))

job("queue_length", 3, "SELECT queue, count(*) FROM background_jobs WHERE status = 'queued' GROUP BY queue")

job("purge_audit", 0.7, """
DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE created_at < %s ORDER BY created_at LIMIT 200)
""", lambda w: (w.retention(),))

job("purge_sessions", 0.7, "DELETE FROM user_sessions WHERE expires_at < %s", lambda w: (w.ago(w.rng.randint(47, 49)),))

job("score_leads", 0.7, """
UPDATE leads SET score = least(100, score + 5), updated_at = now()
WHERE status = 'working' AND tenant_id = %s AND created_at > %s
""", lambda w: (w.other_tenant(), w.ago(60)))

job("close_stale_tickets", 0.7, """
UPDATE tickets SET status = 'closed', updated_at = now() WHERE tenant_id = %s AND status = 'solved' AND solved_at < %s
""", lambda w: (w.other_tenant(), w.ago(w.rng.randint(700, 900))))

job("changed_contacts", 1.5, """
SELECT id, tenant_id, first_name, last_name, email FROM contacts WHERE updated_at > %s AND id > %s ORDER BY id LIMIT 200
""", lambda w: (w.ago(w.rng.randint(1, 5)), w.rng.choice([0, 0, w.contact()])))

job("changed_opportunities", 2, """
SELECT id, tenant_id, name FROM opportunities WHERE updated_at > %s ORDER BY updated_at LIMIT 200
""", lambda w: (w.ago(w.rng.choice([-5, -5, 1])),))

job("unopened_emails", 0.7, """
SELECT id, contact_id FROM emails WHERE opened_at IS NULL AND direction = 'o' AND sent_at BETWEEN %s AND %s LIMIT 100
""", lambda w: (w.ago(4), w.ago(3)))

job("duplicate_contacts", 0.2, """
SELECT lower(email), array_agg(id), count(*) FROM contacts
WHERE tenant_id = %s AND email IS NOT NULL AND deleted_at IS NULL
GROUP BY lower(email) HAVING count(*) > 1
""", lambda w: (w.other_tenant(),))

job("delete_ticket", 0.4, "DELETE FROM tickets WHERE id = %s", lambda w: (w.ticket(),))

job("message_seen", 3, "SELECT id FROM emails WHERE message_id = %s", lambda w: (f"<{w.rng.getrandbits(96):024x}@mail.example>",))

job("hold_account", 0, "UPDATE accounts SET annual_revenue = annual_revenue WHERE id = %s", lambda w: (w.account(),))

job("heartbeat", 4, "SELECT 1")
