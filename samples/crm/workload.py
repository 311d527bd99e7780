#!/usr/bin/python3
"""Sends the work of a CRM to a PostgreSQL server loaded with schema.sql and generate.sql.

    workload.py --host DIR [--seconds 120] [--sessions 8] [--think 0.5] [--profile day|evening]

--sessions web sessions (extended protocol), two report sessions and two job workers (simple
protocol) run at once. The same seed gives each session the same choices; how far it gets depends
on the server. Needs psycopg 3.
"""
import argparse
import collections
import datetime
import random
import threading
import time
from dataclasses import dataclass, field

import psycopg

from statements import ALL, In, Rows

TODAY = datetime.datetime(2026, 11, 20, 16, 30, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))


@dataclass
class Profile:
    """What differs between two days: who is at work, what they look for, how much of what."""
    skew: float                  # exponent of the choice among users; higher is more skewed
    newest_first: float          # exponent of the choice among records
    words: list
    surnames: list
    tenant_shift: int            # which tenants are the busy ones
    factor: dict = field(default_factory=dict)    # statement or page -> times its weight


PROFILES = {
    "day": Profile(
        1.6, 2.5, ["Alpine", "Blue", "Harbour", "Lumen", "Logistics", "tech", "Optics", "Zenith", "& Sons", "north"],
        ["berg", "Hart", "O'Bar", "Rosen", "Grün", "wood"], 0),
    # Fewer clerks and more support, machines and month-end reports; other customers are awake.
    "evening": Profile(
        1.2, 1.4, ["Cedar", "Quartz", "Software", "Dairy", "line", "Kraft", "100%", "Pioneer"],
        ["sen", "Quill", "Birk", "escu", "Wester"], 7,
        {"my deals": 0.4, "account page": 0.5, "ticket page": 2.5, "dashboard": 0.3, "single": 1.3, "lead inbox": 0.3,
         "comments_of_ticket": 3, "tickets_of_account": 3, "contact_by_phone": 4, "contact_search": 0.4, "countries": 0.2,
         "accounts_by_field": 0.2, "leads_by_utm": 3, "product_sales": 3, "activities_between": 0.3, "open_rate": 3,
         "purge_audit": 3, "changed_contacts": 2, "unopened_emails": 3, "campaigns_of_contact": 3, "opps_mine": 0.5}),
}

SENTENCES = ["Called, nobody there.", "Wants the offer until Friday", "it's urgent!", "They said: \"not before Q1\"", "Besuch in Köln – gut gelaufen",
             "価格表を送付", "Path is C:\\temp\\export.csv", "100% agreed; see §4", "line one\nline two\n\tand a tab", "👍 from the CEO",
             "Don't call 'Bob' again", "rollout -- phase 2 /* maybe */"]


def load_world(conninfo):
    """Reads which records belong to which tenant; as a superuser, to stay out of the log."""
    quiet = " ".join(f"-c {s}" for s in ["log_min_duration_statement=-1", "auto_explain.log_min_duration=-1", "log_temp_files=-1",
                                         "log_connections=off", "log_disconnections=off"])
    with psycopg.connect(conninfo, user="postgres", options=quiet, application_name="crm-setup") as db:
        world = {}
        for table, extra in [("accounts", "NULL"), ("contacts", "email"), ("leads", "email"), ("opportunities", "NULL"),
                             ("tickets", "NULL"), ("activities", "NULL"), ("tags", "NULL"), ("campaigns", "NULL"),
                             ("products", "NULL"), ("users", "email"), ("pipelines", "NULL")]:
            rows = db.execute(f"""
                SELECT tenant_id, array_agg(id ORDER BY id DESC), array_agg(x ORDER BY id DESC)
                FROM (SELECT tenant_id, id, {extra} AS x, row_number() OVER (PARTITION BY tenant_id ORDER BY id DESC) AS n
                      FROM {table}) t
                WHERE n <= 400 GROUP BY tenant_id""")
            world[table] = {tenant: (ids, extras) for tenant, ids, extras in rows}
        world["stages"] = collections.defaultdict(list)
        for tenant, stage in db.execute("SELECT p.tenant_id, s.id FROM opportunity_stages s JOIN pipelines p ON p.id = s.pipeline_id ORDER BY s.id"):
            world["stages"][tenant].append(stage)
        world["user_list"] = db.execute("SELECT id, tenant_id, email FROM users WHERE is_active ORDER BY tenant_id, id").fetchall()
        world["subdomains"] = dict(db.execute("SELECT id, subdomain FROM tenants"))
        world["oldest_audit"] = db.execute("SELECT min(created_at) FROM audit_log").fetchone()[0]
        world["tokens"] = [t for t, in db.execute("SELECT token FROM user_sessions ORDER BY id DESC LIMIT 3000")]
        return world


class Session:
    """One connection and the user who sits behind it; draws the parameters."""

    def __init__(self, args, world, app, number):
        self.args, self.world, self.app = args, world, app
        self.profile = PROFILES[args.profile]
        self.rng = random.Random(f"{args.seed}/{args.profile}/{app}/{number}")
        self.sent = collections.Counter()
        self.failed = collections.Counter()
        user = {"crm-web": "crm_app", "crm-reports": "crm_report", "crm-jobs": "crm_jobs"}[app]
        self.db = psycopg.connect(args.conninfo, user=user, application_name=app, autocommit=True,
                                  cursor_factory=psycopg.Cursor if app == "crm-web" else psycopg.ClientCursor)
        self.singles = [s for s in ALL.values() if s.app == app and s.weight]
        self.weights = [s.weight * self.profile.factor.get(s.name, 1) for s in self.singles]
        self.change_user()

    # Sending -----------------------------------------------------------------------------------

    def run(self, name, *params):
        """Sends a statement; returns its rows, or nothing if the server refuses it."""
        statement = ALL[name]
        params = params or statement.params(self)
        sql = statement.sql.replace("{trace}", f"00-{self.rng.getrandbits(128):032x}-{self.rng.getrandbits(64):016x}-01")
        if not isinstance(params, dict):
            flat = []
            for p in params:
                if isinstance(p, In):
                    sql = sql.replace("{in}", ", ".join(["%s"] * len(p)))
                    flat += p
                elif isinstance(p, Rows):
                    sql = sql.replace("{rows}", ", ".join("(" + ", ".join(["%s"] * len(r)) + ")" for r in p))
                    flat += [v for r in p for v in r]
                else:
                    flat.append(p)
            params = flat
        self.sent[name] += 1
        try:
            cursor = self.db.execute(sql, params)
            return cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            self.failed[f"{name}: {error.sqlstate}"] += 1
            return []

    def single(self):
        self.run(self.rng.choices(self.singles, self.weights)[0].name)

    # Drawing -----------------------------------------------------------------------------------

    def change_user(self):
        users = self.world["user_list"]
        at = int(len(users) * self.rng.random() ** self.profile.skew)
        self.user, self.tenant, self.email = users[(at + self.profile.tenant_shift * len(users) // 20) % len(users)]

    def pick(self, table, extra=False):
        ids, extras = self.world[table].get(self.tenant) or self.world[table][1]
        return (extras if extra else ids)[int(len(ids) * self.rng.random() ** self.profile.newest_first)]

    def account(self): return self.pick("accounts")
    def contact(self): return self.pick("contacts")
    def lead(self): return self.pick("leads")
    def opportunity(self): return self.pick("opportunities")
    def ticket(self): return self.pick("tickets")
    def activity(self): return self.pick("activities")
    def tag(self): return self.pick("tags")
    def campaign(self): return self.pick("campaigns")
    def product(self): return self.pick("products")
    def pipeline(self): return self.pick("pipelines")
    def colleague(self): return self.pick("users")
    def stage(self): return self.rng.choice(self.world["stages"][self.tenant])
    def user_email(self): return self.email
    def contact_email(self): return self.pick("contacts", True) or "nobody@nowhere.example"
    def lead_email(self): return self.pick("leads", True) or "nobody@nowhere.example"
    def token(self): return self.rng.choice(self.world["tokens"])
    def subdomain(self): return self.world["subdomains"][self.tenant]
    def word(self): return self.rng.choice(self.profile.words)
    def surname(self): return self.rng.choice(self.profile.surnames)
    def text(self): return " ".join(self.rng.sample(SENTENCES, self.rng.randint(1, 4)))
    def subject(self): return self.rng.choice(["Follow-up", "Offer", "What's next?", "Rückruf", "Re: your mail"]) + " " + self.word()
    def page(self): return min(40, int(self.rng.expovariate(0.5)))
    def now(self): return TODAY + datetime.timedelta(seconds=time.monotonic() - self.args.start)
    def ago(self, days): return TODAY - datetime.timedelta(days=days)
    def some(self, draw, low, high): return [draw() for _ in range(self.rng.randint(low, high))]
    def big_tenant(self): return self.rng.choice([1, 2])
    def retention(self): return self.world["oldest_audit"] + datetime.timedelta(days=9)

    def other_tenant(self):
        return self.world["user_list"][int(len(self.world["user_list"]) * self.rng.random() ** self.profile.skew)][1]

    def line_items(self):
        opportunity = self.opportunity()
        return Rows((opportunity, self.product(), self.rng.randint(1, 9), self.rng.randint(10, 5000), i + 1) for i in range(self.rng.randint(1, 6)))

    def months(self, n):
        """A range of n whole months."""
        end = TODAY.year * 12 + TODAY.month - 1 - self.rng.choice([0, 0, 0, 1, 2, 5, 11])
        return tuple(datetime.datetime(m // 12, m % 12 + 1, 1, tzinfo=TODAY.tzinfo) for m in (end - n, end))


# Pages: what the web application sends for one click ---------------------------------------------

def login(s):
    s.change_user()
    s.run("tenant_by_subdomain")
    s.run("user_by_email")
    with s.db.transaction():
        s.run("login_session")
        s.run("login_stamp")
    s.run("preferences")
    dashboard(s)


def dashboard(s):
    s.run("count_open_mine")
    s.run("count_new_leads")
    s.run("tickets_urgent")
    s.run("tasks_due")
    if s.rng.random() < 0.3:
        s.run("pipeline_by_stage")


def my_deals(s):
    """A list and its N+1: the account, the stage and the line items of each row."""
    deals = s.run("opps_mine")
    for deal in deals[: s.rng.choice([3, 5, 8])]:
        s.run("account_by_id", deal[2])
        s.run("stage_by_id", deal[5])
        s.run("line_items", deal[0])


def deal_page(s):
    deal = s.opportunity()
    for row in s.run("opp_by_id", deal, 1):
        s.run("account_by_id", row[2])
        s.run("user_by_id", row[3], 1)
    s.run("line_items", deal)
    s.run("notes_of_record", "Opportunity", deal, 20)
    if s.rng.random() < 0.3:
        s.run("history_of_record", "Opportunity", deal)


def account_page(s):
    account = s.account()
    s.run("account_by_id", account)
    s.run("contacts_of_account", account)
    s.run("tags_of_record", account, "Account")
    s.run("notes_of_record", "Account", account, 20)
    s.run("timeline_of_account", account)
    if s.rng.random() < 0.5:
        s.run("opps_of_account", account)


def contact_page(s):
    contact = s.contact()
    s.run("contact_by_id", contact)
    s.run("tags_of_record", contact, "Contact")
    s.run("emails_of_contact", contact)
    s.run("custom_fields", s.tenant, "contacts")


def ticket_page(s):
    ticket = s.ticket()
    s.run("ticket_by_id", ticket, s.tenant, 1)
    for comment in s.run("comments_of_ticket", ticket):
        if comment[2]:
            s.run("user_by_id", comment[2], 1)
    if s.rng.random() < 0.4:
        with s.db.transaction():
            s.run("comment_insert", ticket, s.user, s.text())
            s.run("ticket_answered", "pending", s.user, s.now(), ticket)


def lead_inbox(s):
    for row in s.run("leads_inbox")[: s.rng.randint(2, 10)]:
        s.run("lead_by_id", row[0], 1)


def new_deal(s):
    with s.db.transaction():
        s.run("opp_insert")
        s.run("line_items_insert")
        s.run("audit_insert")


def move_deal(s):
    deal = s.opportunity()
    with s.db.transaction():
        s.run("opp_by_id", deal, 1)
        s.run("opp_move", s.stage(), s.now(), deal)
        s.run("audit_insert")


def convert_lead(s):
    lead = s.lead()
    with s.db.transaction():
        s.run("lead_lock", lead, 1)
        contact = s.run("contact_insert")[0][0]
        s.run("lead_converted", "converted", True, contact, s.now(), lead)
        s.run("audit_insert")


PAGES = [
    ("single", 40, Session.single), ("login", 2, login), ("dashboard", 3, dashboard), ("my deals", 1.6, my_deals), ("deal page", 5, deal_page),
    ("account page", 4, account_page), ("contact page", 4, contact_page), ("ticket page", 4, ticket_page),
    ("lead inbox", 2, lead_inbox), ("new deal", 1, new_deal), ("move deal", 2, move_deal), ("convert lead", 1, convert_lead),
]


# What each kind of session does, step by step ----------------------------------------------------

def web_step(s, _):
    names, weights, pages = zip(*PAGES)
    weights = [w * s.profile.factor.get(n, 1) for n, w in zip(names, weights)]
    page = s.rng.choices(pages, weights)[0]
    s.run("session_by_token")
    s.run("tenant_by_id")
    s.run("user_by_id")
    page(s)
    time.sleep(s.rng.expovariate(1 / s.args.think))


def report_step(s, n):
    s.change_user()
    if n % 50 == 11:
        s.run("report_broken")
    elif n % 50 == 5:                                     # the time-out, and below a cancel
        s.db.execute("SET statement_timeout = '300ms'")
        s.run("report_too_slow")
        s.db.execute("RESET statement_timeout")
    elif n % 50 == 17:
        cancel = threading.Timer(0.4, s.db.cancel)
        cancel.start()
        s.run("report_too_slow")
        cancel.join()
    else:
        s.single()
    time.sleep(s.rng.expovariate(1 / s.args.think) * 2)


def job_step(s, n):
    s.change_user()
    if n == 40:
        lock_wait(s)
    elif s.rng.random() < 0.35:
        with s.db.transaction():
            jobs = s.run("jobs_take")
            if jobs:
                s.run("job_start", f"worker-{s.rng.randint(0, 7)}", In(j[0] for j in jobs))
        for row in jobs:
            s.run("job_done", row[0])
    else:
        s.single()
    time.sleep(s.rng.expovariate(1 / s.args.think) * 0.6)


def lock_wait(s):
    """A job sits on a row for longer than deadlock_timeout while a web session wants it."""
    account = s.account()
    clerk = Session(s.args, s.world, "crm-web", "clerk")
    with s.db.transaction():
        s.run("hold_account", account)
        waiter = threading.Thread(target=clerk.run, args=("account_touch", account))
        waiter.start()
        time.sleep(1.6)
    waiter.join()
    clerk.db.close()
    s.sent += clerk.sent


def work(s, step, until):
    n = 0
    while time.monotonic() < until:
        step(s, n)
        n += 1
    s.db.close()


def main():
    parser = argparse.ArgumentParser(description="Send the work of the sample CRM to a server.")
    parser.add_argument("--host", required=True, help="folder of the server's socket")
    parser.add_argument("--dbname", default="crm")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--sessions", type=int, default=8, help="web sessions")
    parser.add_argument("--think", type=float, default=0.5, help="mean pause of a web session in seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", choices=PROFILES, default="day")
    args = parser.parse_args()
    args.conninfo = f"host={args.host} dbname={args.dbname}"
    world = load_world(args.conninfo)
    args.start = time.monotonic()

    kinds = [("crm-web", web_step)] * args.sessions + [("crm-reports", report_step)] * 2 + [("crm-jobs", job_step)] * 2
    sessions = [Session(args, world, app, i) for i, (app, _) in enumerate(kinds)]
    threads = [threading.Thread(target=work, args=(s, step, args.start + args.seconds), daemon=True) for s, (_, step) in zip(sessions, kinds)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    sent, failed = collections.Counter(), collections.Counter()
    for s in sessions:
        sent += s.sent
        failed += s.failed
    print(f"{sum(sent.values())} executions of {len(sent)} statements, {len(sessions)} sessions")
    for what, n in failed.most_common():
        print(f"  refused {n} x {what}")
    missing = sorted(set(ALL) - set(sent))
    if missing:
        print("  never sent:", ", ".join(missing))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130)
