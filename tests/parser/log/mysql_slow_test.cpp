// Slow query logs of MySQL, MariaDB and Percona Server: one test a thing that they tell, or that breaks readers.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace std::string_literals;
using namespace assay::test;

namespace {

using Strings = std::vector<std::string>;

constexpr std::string_view kBanner =
    "/usr/sbin/mysqld, Version: 5.5.62-log (MySQL Community Server). started with:\n"
    "Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\n"
    "Time                 Id Command    Argument\n";

constexpr std::string_view kHeader =
    "# Time: 2026-11-22T09:01:02.250000Z\n"
    "# User@Host: web[web] @ app1 [10.0.0.7]  Id:    12\n"
    "# Query_time: 0.001500  Lock_time: 0.000010  Rows_sent: 2  Rows_examined: 30\n"
    "SET timestamp=1795338062;\n";

std::string record(std::string_view statement) { return fmt::format("{}{};\n", kHeader, statement); }

/// The old form: no time, no database.
std::string old_record(std::string_view prologue, std::string_view statement) {
  return fmt::format(
      "# User@Host: web[web] @ localhost []\n# Query_time: 1.000000  Lock_time: 0.000000  Rows_sent: 0  "
      "Rows_examined: 0\n{}{};\n",
      prologue, statement);
}

template <typename Tell>
Strings read(std::string_view text, Tell tell, const ReadOptions& options = {}) {
  const TemporaryFile file(text);
  Strings told;
  Diagnostics diagnostics;
  read_log(
      file.path(), options, [&](const LogRecord& record) { told.push_back(tell(record)); }, diagnostics);
  return told;
}

Strings statements(std::string_view text) {
  return read(text, [](const LogRecord& record) { return std::string(record.sql); });
}

Strings times(std::string_view text, const ReadOptions& options = {}) {
  return read(
      text, [](const LogRecord& record) { return to_iso8601(record.time); }, options);
}

Strings databases(std::string_view text) {
  return read(text, [](const LogRecord& record) { return std::string(record.database); });
}

std::string reasons(std::string_view text) {
  const auto reading = read_text(text);
  check_account(reading.account, text);
  std::string out;
  for (const auto& skip : reading.account.skipped)
    out += fmt::format("{} {} {};", skip.first_line, skip.count, skip.reason);
  return out;
}

}  // namespace

TEST_CASE("a record of MySQL 5.7 and later") {
  const auto told = read(record("SELECT 1"), [](const LogRecord& r) {
    return fmt::format("{} {}@{} {} us lock {} us sent {} examined {} x{} mysql {} {}", r.process, r.user, r.host,
                       r.duration.count(), r.lock_time.count(), r.rows_sent, r.rows_examined, r.weight,
                       r.dialect == SqlDialect::kMysql, r.sql);
  });
  CHECK(told == Strings{"12 web@app1 1500 us lock 10 us sent 2 examined 30 x1 mysql true SELECT 1"});
  CHECK(times(record("SELECT 1")) == Strings{"2026-11-22T09:01:02.250000+00:00"});
  CHECK(read_text(record("SELECT 1")).account.format == "mysql-slow");
}

TEST_CASE("a record of MariaDB, with everything that log_slow_verbosity adds") {
  const std::string text =
      "# Time: 261122  9:01:02\n"
      "# User@Host: root[root] @ localhost [localhost]\n"
      "# Thread_id: 4  Schema: billing archive  QC_hit: No\n"
      "# Query_time: 0.000661  Lock_time: 0.000501  Rows_sent: 0  Rows_examined: 5\n"
      "# Rows_affected: 0  Bytes_sent: 168\n"
      "# Tmp_tables: 1  Tmp_disk_tables: 0  Tmp_table_sizes: 126976\n"
      "# Stored_routine: crm.close_orders\n"
      "# Full_scan: Yes  Full_join: No  Tmp_table: No  Tmp_table_on_disk: No\n"
      "# Filesort: No  Filesort_on_disk: No  Merge_passes: 0  Priority_queue: No\n"
      "#\n"
      "# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tExtra\n"
      "# explain: 1\tSIMPLE\tRows_sent: 7\tindex\tNULL\tPRIMARY\t4\tNULL\t2\t1.00\tUsing index\n"
      "#\n"
      "use `billing archive`;\n"
      "SET timestamp=1795338062;\n"
      "SELECT COUNT(*)\nFROM invoices;\n";
  const auto told = read(text, [](const LogRecord& r) {
    return fmt::format("{} {}@{} [{}] {} {} {} {}", r.process, r.user, r.host, r.database, r.duration.count(),
                       r.rows_sent, r.rows_examined, r.sql);
  });
  CHECK(told == Strings{"4 root@localhost [billing archive] 661 0 5 SELECT COUNT(*)\nFROM invoices"});
  const auto account = read_text(text).account;
  CHECK(account.record_lines == 1);
  CHECK(account.continuation_lines == 16);
}

TEST_CASE("log_slow_extra of MySQL 8, a statement that failed among them") {
  const auto with_errno = [](int code) {
    return fmt::format(
        "# Time: 2026-11-22T09:01:04.500000Z\n"
        "# User@Host: web[web] @ localhost []  Id:     9\n"
        "# Query_time: 2.250000  Lock_time: 0.000004 Rows_sent: 0  Rows_examined: 0 Thread_id: 9 Errno: {} Killed: 0 "
        "Bytes_received: 31 Bytes_sent: 66 Read_first: 0 Start: 2026-11-22T09:01:02.250000Z End: "
        "2026-11-22T09:01:04.500000Z\n"
        "SET timestamp=1795338062;\nINSERT INTO t VALUES (1);\n",
        code);
  };
  const auto tell = [](const LogRecord& r) { return fmt::format("{} {}", told(r), to_iso8601(r.time)); };
  CHECK(read(with_errno(0), tell) ==
        Strings{"web@ 2250.000ms INSERT INTO t VALUES (1) 2026-11-22T09:01:04.500000+00:00"});
  CHECK(read(with_errno(1062), tell) ==
        Strings{"error Errno: 1062 | INSERT INTO t VALUES (1) 2026-11-22T09:01:04.500000+00:00"});
  CHECK(read(with_errno(1062), [](const LogRecord& r) { return std::to_string(r.duration.count()); }) ==
        Strings{"2250000"});
}

TEST_CASE("Percona Server: a record stands for as many as its rate limit says, unless it is always written") {
  const auto with_time = [](std::string_view seconds) {
    return fmt::format(
        "# Time: 261122  9:01:02.058915\n"
        "# User@Host: web[web] @ localhost []  Id:    42\n"
        "# Schema: crm  Last_errno: 0  Killed: 0\n"
        "# Query_time: {}  Lock_time: 0.000328  Rows_sent: 4  Rows_examined: 1543720  Rows_affected: 0\n"
        "# Bytes_sent: 272  Tmp_tables: 0  Tmp_disk_tables: 0  Tmp_table_sizes: 0\n"
        "# InnoDB_trx_id: 1500\n"
        "#   InnoDB_IO_r_ops: 0  InnoDB_IO_r_bytes: 0  InnoDB_IO_r_wait: 0.000000\n"
        "# Log_slow_rate_type: query  Log_slow_rate_limit: 100\n"
        "SET timestamp=1795338062;\nSELECT 1;\n",
        seconds);
  };
  const auto tell = [](const LogRecord& r) {
    return fmt::format("{} {} x{} {}", r.process, r.database, r.weight, to_iso8601(r.time));
  };
  CHECK(read(with_time("7.725616"), tell) == Strings{"42 crm x100 2026-11-22T09:01:02.058915+00:00"});
  CHECK(read(with_time("12.5"), tell) == Strings{"42 crm x1 2026-11-22T09:01:02.058915+00:00"});
}

TEST_CASE("whole seconds of MySQL 5.0, and no timestamp: the time is that of the record before") {
  const std::string text =
      "# Time: 071015 21:43:52\n"
      "# User@Host: root[root] @ localhost []\n"
      "# Query_time: 2  Lock_time: 1  Rows_sent: 1  Rows_examined: 0\n"
      "use test;\n"
      "select sleep(2) from n;\n"
      "# User@Host: root[root] @ localhost []\n"
      "# Query_time: 3  Lock_time: 0  Rows_sent: 1  Rows_examined: 0\n"
      "select 2;\n";
  CHECK(read_text(text).records ==
        Strings{"root@test 2000.000ms select sleep(2) from n", "root@test 3000.000ms select 2"});
  CHECK(times(text) == Strings(2, "2007-10-15T21:43:52+00:00"));
  ReadOptions options;
  options.zone = UtcOffset(120);
  CHECK(times(text, options) == Strings(2, "2007-10-15T21:43:52+02:00"));
}

TEST_CASE("the server's zone is the difference of its local time and the timestamp") {
  const std::string text = "# Time: 261122 14:31:02\n" + old_record("SET timestamp=1795338062;\n", "SELECT 1") +
                           old_record("SET timestamp=1795338063;\n", "SELECT 2");
  CHECK(times(text) == Strings{"2026-11-22T14:31:02+05:30", "2026-11-22T14:31:03+05:30"});
}

TEST_CASE("the database is the one that was told last, by whatever connection, until the server starts again") {
  const std::string text = old_record("use crm;\n", "SELECT 1") + old_record("", "SELECT 2") +
                           old_record("use `we``ird`;\n", "SELECT 3") + old_record("", "SELECT 4") +
                           std::string(kBanner) + old_record("", "SELECT 5");
  CHECK(databases(text) == Strings{"crm", "crm", "we``ird", "we``ird", "", ""});
}

TEST_CASE("a connection without a database, where the log tells the schema") {
  const auto with_schema = [](std::string_view schema) {
    return fmt::format(
        "# User@Host: web[web] @ localhost []\n# Thread_id: 3  Schema: {}  QC_hit: No\n"
        "# Query_time: 1.0  Lock_time: 0.0  Rows_sent: 0  Rows_examined: 0\nSET timestamp=1795338062;\nSELECT 1;\n",
        schema);
  };
  CHECK(databases(with_schema("crm") + with_schema("") + with_schema("crm")) == Strings{"crm", "", "crm"});
}

TEST_CASE("what the server puts before a statement, and what a client sends that looks like it") {
  CHECK(statements(old_record("SET last_insert_id=3,insert_id=4,timestamp=1795338062;\n",
                              "INSERT INTO t VALUES (1)")) == Strings{"INSERT INTO t VALUES (1)"});
  CHECK(statements(record("SET timestamp=5")) == Strings{"SET timestamp=5"});
  CHECK(statements(record("use crm")) == Strings{"use crm"});
  CHECK(statements(old_record("", "use crm")) == Strings{"use crm"});
  CHECK(statements(record("SET NAMES utf8;\nSELECT 1")) == Strings{"SET NAMES utf8;\nSELECT 1"});
}

TEST_CASE("administrator commands are executions of a text that says so") {
  const std::string text = old_record("SET timestamp=1795338062;\n", "# administrator command: Prepare") +
                           old_record("", "# administrator command: Quit");
  CHECK(read_text(text).records ==
        Strings{"web@ 1000.000ms administrator command: Prepare", "web@ 1000.000ms administrator command: Quit"});
}

TEST_CASE("the account, the name that was given, and hosts without a name") {
  const auto who = [](std::string_view line) {
    const auto text = fmt::format(
        "# User@Host: {}\n# Query_time: 1.0  Lock_time: 0.0  Rows_sent: 0  Rows_examined: 0\nSELECT 1;\n", line);
    return read(text, [](const LogRecord& r) { return fmt::format("{}|{}|{}", r.user, r.host, r.process); })[0];
  };
  CHECK(who("web[web] @ app1 [10.0.0.7]  Id:    12") == "web|app1|12");
  CHECK(who("o'brien[o'brien] @  [10.0.0.7]") == "o'brien|10.0.0.7|0");
  CHECK(who("[SQL_SLAVE] @  []  Id: 3") == "SQL_SLAVE||3");
  CHECK(who("web@corp[web@corp] @ localhost []") == "web@corp|localhost|0");
  CHECK(who("nobody knows") == "||0");
}

TEST_CASE("a banner is a record of its own, also as all that a log holds") {
  const std::string text = record("SELECT 1") + std::string(kBanner) + std::string(kBanner) + record("SELECT 2");
  CHECK(statements(text) == Strings{"SELECT 1", "", "", "SELECT 2"});
  CHECK(reasons(text).empty());
  CHECK(read_text(kBanner).account.record_lines == 1);
}

TEST_CASE("a literal that holds a line like a header's") {
  const Strings sql{"UPDATE t SET note = 'a\n# Time: 261122  9:01:02\nb'", "SELECT \"x;\n# User@Host: a[b] @ c []\n\""};
  CHECK(statements(record(sql[0]) + record(sql[1]) + record("SELECT 3")) == Strings{sql[0], sql[1], "SELECT 3"});
}

TEST_CASE("a literal that holds whole records") {
  const std::string quoted = record("SELECT ''it''''s''") + record("SELECT 2");
  const Strings sql{"INSERT INTO archive VALUES ('" + quoted + "')", "INSERT INTO a VALUES (1, \"" + quoted + "\", 2)",
                    "SELECT '" + quoted + "'"};
  CHECK(statements(record(sql[0]) + record(sql[1]) + record(sql[2]) + record("SELECT 3")) ==
        Strings{sql[0], sql[1], sql[2], "SELECT 3"});
}

TEST_CASE("a literal that never ends takes no record with it") {
  const Strings sql{"SELECT * FROM t WHERE name = 'no end",
                    "SELECT 'a' FROM t",
                    "SELECT 'C:\\'",
                    "SELECT 'C:\\'",
                    "SELECT \"1",
                    "SELECT /* 2",
                    "SELECT `3",
                    "SELECT 4"};
  std::string text;
  for (const auto& statement : sql) text += record(statement);
  CHECK(statements(text) == sql);
}

TEST_CASE("apostrophes in comments and names open nothing") {
  const Strings sql{"SELECT 1 -- don't",        "SELECT 1 # don't",
                    "SELECT /* don't */ 1",     "SELECT `o'brien` FROM t",
                    "SELECT /*!50000 'a' */ 1", "SELECT \"it's\", 'say \"hi', 'it''s', '\\''"};
  std::string text;
  for (const auto& statement : sql) text += record(statement);
  CHECK(statements(text) == sql);
}

TEST_CASE("a time that ran backwards is no time") {
  CHECK(read_text("# User@Host: a[a] @ b []\n# Query_time: 18446744073709.550781  Lock_time: 0.000000  Rows_sent: 1  "
                  "Rows_examined: 99999999999999999999\nSELECT 1;\n")
            .records == Strings{"a@ 0.000ms SELECT 1"});
}

TEST_CASE("bytes that are no text are kept, and so are the carriage returns of a client") {
  const std::string sql = "SELECT '\xE4\xFF\0x\r\ny'"s;
  CHECK(statements(record(sql)) == Strings{sql});
}

TEST_CASE("a log that begins in the middle of a record, and one whose end is cut off") {
  CHECK(reasons("FROM t\nWHERE a;\n" + record("SELECT 1")) == "1 2 the file starts in the middle of a record;");
  CHECK(reasons(record("SELECT 1") + std::string(kHeader)) == "6 4 the last record is cut off;");
  CHECK(reasons(record("SELECT 1") + std::string(kHeader) + "SELECT 2,\n3") == "6 6 the last record is cut off;");
  CHECK(reasons(record("SELECT 1") + std::string(kHeader.substr(0, 60))) == "6 2 the last record is cut off;");
  CHECK(statements(record("SELECT 1") + std::string(kHeader.substr(0, 60))) == Strings{"SELECT 1"});
  CHECK(reasons(old_record("SET timestamp=1795338062;\n", "SELECT 1") +
                old_record("SET timestamp=1795338062;\n", "# administrator command: Quit").substr(0, 150)) ==
        "5 4 the last record is cut off;");
  CHECK(statements(std::string(kHeader) + "SELECT 1") == Strings{});
  CHECK(statements(std::string(kHeader) + "SELECT 1;") == Strings{"SELECT 1"});
}

TEST_CASE("a header whose statement is missing") {
  CHECK(reasons(std::string(kHeader) + record("SELECT 1")) == "1 4 the last record is cut off;");
  CHECK(statements(std::string(kHeader) + record("SELECT 1")) == Strings{"SELECT 1"});
}

TEST_CASE("German texts in a slow log do not make it a German PostgreSQL's") {
  CHECK(statements(record("SELECT 'Dauer: 5'")) == Strings{"SELECT 'Dauer: 5'"});
}

namespace {

/// A record of connection `id` that took so many µs and examined as many rows; `routine` may be empty.
std::string timed_record(int id, int microseconds, std::string_view routine, std::string_view statement) {
  return fmt::format(
      "# User@Host: web[web] @ localhost []\n# Thread_id: {}  Schema: crm  QC_hit: No\n"
      "# Query_time: {:.6f}  Lock_time: {:.6f}  Rows_sent: 0  Rows_examined: {}\n{}SET timestamp=1795338062;\n{};\n",
      id, microseconds / 1e6, microseconds / 2e6, microseconds,
      routine.empty() ? "" : fmt::format("# Stored_routine: {}\n", routine), statement);
}

/// "text=µs/µs of locks/rows examined" of each record.
Strings costs(std::string_view text, std::size_t jobs = 1) {
  ReadOptions options;
  options.jobs = static_cast<unsigned>(jobs);
  return read(
      text,
      [](const LogRecord& record) {
        return fmt::format("{}={}/{}/{}", record.sql, record.duration.count(), record.lock_time.count(),
                           record.rows_examined);
      },
      options);
}

}  // namespace

TEST_CASE("what a procedure ran is taken off its CALL, and counts by itself", "[mysql][procedures]") {
  const auto log = timed_record(4, 100, "crm.p", "SELECT 1") + timed_record(4, 200, "crm.p", "UPDATE t SET a = 1") +
                   timed_record(4, 1000, "", "CALL p(1)");
  CHECK(costs(log) == Strings{"SELECT 1=100/50/100", "UPDATE t SET a = 1=200/100/200", "CALL p(1)=700/350/700"});
}

TEST_CASE("a CALL inside of a procedure is taken off the outer one once, with all that it ran", "[mysql][procedures]") {
  const auto log = timed_record(4, 10, "crm.p", "SELECT 1") + timed_record(4, 20, "crm.q", "SELECT 2") +
                   timed_record(4, 100, "crm.p", "CALL q()") + timed_record(4, 1000, "", "call p()");
  CHECK(costs(log) == Strings{"SELECT 1=10/5/10", "SELECT 2=20/10/20", "CALL q()=80/40/80", "call p()=890/445/890"});
}

TEST_CASE("procedures of two connections are kept apart", "[mysql][procedures]") {
  const auto log = timed_record(4, 10, "crm.p", "SELECT 1") + timed_record(5, 20, "crm.p", "SELECT 2") +
                   timed_record(5, 100, "", "CALL p()") + timed_record(4, 100, "", "CALL p()");
  CHECK(costs(log) == Strings{"SELECT 1=10/5/10", "SELECT 2=20/10/20", "CALL p()=80/40/80", "CALL p()=90/45/90"});
}

TEST_CASE("where CALLs are not logged nothing is taken off", "[mysql][procedures]") {
  const auto log = timed_record(4, 10, "crm.p", "SELECT 1") + timed_record(4, 50, "", "SELECT 2") +
                   timed_record(4, 100, "", "CALL silent()");
  CHECK(costs(log) == Strings{"SELECT 1=10/5/10", "SELECT 2=50/25/50", "CALL silent()=100/50/100"});
}

TEST_CASE("a restart forgets what ran before it", "[mysql][procedures]") {
  const auto log =
      timed_record(4, 10, "crm.p", "SELECT 1") + std::string(kBanner) + timed_record(4, 100, "", "CALL p()");
  CHECK(costs(log).back() == "CALL p()=100/50/100");
}

TEST_CASE("a CALL never costs less than nothing, however its parts were rounded or forged", "[mysql][procedures]") {
  const auto log = timed_record(4, 2'000'000'000, "crm.p", "SELECT 1") + timed_record(4, 100, "", "CALL p()");
  CHECK(costs(log).back() == "CALL p()=0/0/0");
}

TEST_CASE("the time of a CALL counts once in all, and the account says so", "[mysql][procedures]") {
  const TemporaryFile log(timed_record(4, 736, "crm.close_orders", "SELECT COUNT(*) INTO open_orders FROM orders") +
                          timed_record(4, 759, "", "CALL close_orders(17)"));
  Diagnostics diagnostics;
  Microseconds total{0};
  const InputAccount account = read_log(
      log.path(), {}, [&](const LogRecord& record) { total += record.duration; }, diagnostics);
  CHECK(account.inside_procedures == 1);
  CHECK(total == Microseconds(759));
}

TEST_CASE("the command that chooses a database has no text but the server's own", "[mysql]") {
  const auto log = old_record("use crm;\nSET timestamp=1795338062;\n", "SELECT 1") +
                   "# User@Host: web[web] @ localhost []  Id:    42\n"
                   "# Query_time: 0.000558  Lock_time: 0.000000 Rows_sent: 0  Rows_examined: 0\n"
                   "use `archive`;\nSET timestamp=1795338062;\n" +
                   old_record("SET timestamp=1795338062;\n", "SELECT 2");
  CHECK(statements(log) == Strings{"SELECT 1", "use `archive`", "SELECT 2"});
  CHECK(databases(log) == Strings{"crm", "archive", "archive"});
}
