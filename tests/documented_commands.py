#!/usr/bin/env python3
"""Every command in README.md and docs/ runs as it stands there: documented_commands.py ASSAY ROOT.

In a folder with the files that they name, made from the sample CRM, and with a private server behind the names that they
give. Left out: ./dev, which runs this; and packages' installation.
"""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

assay, root = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
recorded = root / "samples/crm/recorded"
BIN = "/usr/lib/postgresql/15/bin"
AS_SERVER = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
ALLOWED = {"assay check": {0, 3}}  # it is what they show


def blocks():
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        for block in re.findall(r"^```(?:sh|console)\n(.*?)^```$", page.read_text(), re.M | re.S):
            yield page.relative_to(root), block.replace("\\\n", " ")


def commands():
    for page, block in blocks():
        for line in block.splitlines():
            line = line.split("    #")[0].strip()
            if re.match(r"(assay|jq|psql) ", line):
                yield page, line


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Listens on 127.0.0.1, where the environment leads every name."""

    def __init__(self, folder):
        self.data, self.port = f"{folder}/data", free_port()
        if AS_SERVER:
            shutil.chown(folder, "postgres", "postgres")
        self.run("initdb", "-D", self.data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C")
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {folder} -c fsync=off"
        self.run("pg_ctl", "-D", self.data, "-l", f"{folder}/start.log", "-w", "-o", options, "start")

    def run(self, *command):
        subprocess.run([*AS_SERVER, f"{BIN}/{command[0]}", *command[1:]], cwd="/", check=True, stdout=subprocess.DEVNULL)

    def psql(self, database, *options):
        self.run("psql", "-X", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database, *options)

    def stop(self):
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")


def lay_out(folder):
    """The files that the documents name."""
    log = subprocess.run(["zstd", "-dcq", recorded / "crm.log.zst"], check=True, stdout=subprocess.PIPE).stdout
    lines = log.splitlines(keepends=True)
    for name in ("test.log", "postgresql-15-main.log", "yesterday.log", "before.log"):
        (folder / name).write_bytes(b"".join(lines[: len(lines) // 4]))
    for name in ("today.log", "after.log"):
        (folder / name).write_bytes(b"".join(lines[len(lines) // 4 : len(lines) // 2]))
    (folder / "queries").mkdir()
    (folder / "queries/a.sql").write_text("SELECT id FROM accounts WHERE id = 7;\nDELETE FROM taggings;\n")
    shutil.copy(recorded / "crm.schema.sql", folder / "migrated.sql")
    shutil.copy(recorded / "crm.schema.sql", folder / "schema.sql")
    for name in ("production.snapshot", "crm.snapshot", "staging.snapshot"):
        shutil.copy(recorded / "crm.snapshot", folder / name)
    (folder / "report.json").write_bytes(
        subprocess.run([assay, "report", "test.log", "--catalog", "crm.snapshot", "--format", "json", "--quiet"], cwd=folder,
                       check=True, stdout=subprocess.PIPE).stdout)


def make_database(server):
    for name in ("crm", "scratch", "template"):
        server.psql("postgres", "-c", f"CREATE DATABASE {name}")
    server.psql("postgres", "-c", "CREATE ROLE reader LOGIN IN ROLE pg_read_all_data")
    for role in ("crm_owner", "crm_app", "crm_jobs", "crm_report"):
        server.psql("postgres", "-c", f"CREATE ROLE {role}")
    for name in ("crm", "template"):
        server.psql(name, "-f", str(recorded / "crm.schema.sql"))


def main():
    failures = 0
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as data:
        os.chmod(place, 0o755)
        folder = pathlib.Path(place)
        lay_out(folder)
        server = Server(data)
        try:
            make_database(server)
            environment = dict(os.environ, PATH=f"{assay.parent}:{BIN}:{os.environ['PATH']}", PGHOSTADDR="127.0.0.1",
                               PGPORT=str(server.port), PGUSER="postgres", XDG_STATE_HOME=place)
            ran = 0
            for page, command in commands():
                here = command.replace("/var/log/postgresql/", "")
                done = subprocess.run(["bash", "-c", here], cwd=folder, env=environment, capture_output=True, text=True)
                ran += 1
                if done.returncode not in ALLOWED.get(" ".join(command.split()[:2]), {0}):
                    failures += 1
                    print(f"{page}: {command}\n  status {done.returncode}\n{done.stderr[-2000:]}", file=sys.stderr)
        finally:
            server.stop()
    print(f"{ran} commands run, {failures} failed")
    sys.exit(failures > 0 or ran < 5)


main()
