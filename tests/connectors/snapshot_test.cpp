#include "connectors/snapshot.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "connectors/snapshot_seal.h"
#include "parser/base/error.h"
#include "tests/connectors/catalog_text.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = "/tmp/assay-test-XXXXXX";
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const char* name) const { return path_ / name; }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), {})); }

 private:
  fs::path path_;
};

ColumnStatistics full_statistics() {
  ColumnStatistics s;
  s.null_fraction = 0.1;
  s.average_width = 7;
  s.distinct = -0.25;
  s.inherited = true;
  s.most_common_values = "{a,\"b c\"}";
  s.most_common_frequencies = "{0.5,0.25}";
  s.histogram_bounds = "{d,e}";
  s.correlation = -1.0 / 3;
  s.most_common_elements = "{x}";
  s.most_common_element_frequencies = "{1,1,1}";
  s.element_count_histogram = "{1,2,1.5}";
  s.range_length_histogram = "{1,Infinity}";
  s.range_empty_fraction = 0.125;
  s.range_bounds_histogram = "{\"[1,2)\"}";
  return s;
}

/// Every member differs from its default.
Catalog full_catalog() {
  Catalog c;
  c.source = CatalogSource::kServer;
  c.database = "crm";
  c.server_version = 150018;
  c.taken_at = ZonedTime{Timestamp(Microseconds(1'763'800'000'123'456)), UtcOffset(60)};
  c.statistics_reset = ZonedTime{Timestamp(Microseconds(1'700'000'000'000'000)), UtcOffset(-210)};
  c.has_statistics = true;
  c.settings = {{"work_mem", "4MB"}, {"jit", "off"}};
  c.extensions = {{"plpgsql", "1.0"}, {"citext", "1.6"}};
  c.redacted_columns = 8;
  c.hidden_statistics = {"s.hidden"};
  c.functions = {{"s", "f", "a integer", "sql", "SELECT 1", 'p', 'i'}, {}};
  c.builtin_functions = {{"lower", 'i'}, {"random", 'v'}};
  c.triggers = {{"s", "T 1", "x", "s", "f", 'b', true, true, true, true, true, false}, {}};
  c.operators = {{"s", "<->", 's'}, {}};
  c.casts = {{"s.pair", "text", true, 'i'}, {}};
  c.extended_statistics = {{"s", "x", true, {{3, "c"}, {7, "b"}}, "0a", "0b", "0c", {full_statistics(), {}}}, {}};
  c.search_path = {"b", "a"};
  c.hidden_tables = {"s.secret"};
  c.ddl = {"CREATE TABLE s.\"T 1\" (a int)", "SELECT 'ü\n'"};
  Table t;
  t.schema = "s";
  t.name = "T 1";
  t.kind = 'p';
  t.rows = 1e9 + 0.5;
  t.pages = 1LL << 40;
  t.all_visible_pages = 3;
  t.parents = {{"r", "R"}, {"s", "x"}};
  t.definition = "SELECT 1";
  t.row_security = true;
  t.row_security_forced = true;
  t.policies = 7;
  t.has_rules = true;
  t.counters = TableCounters{1, 2, 3, 4, 5, 6};
  t.dead_rows = DeadRows{7, c.taken_at};
  t.columns = {{"a", "integer", true, {full_statistics(), ColumnStatistics()}}, {"b", "text", false, {}}};
  c.tables = {t, Table()};
  Index i;
  i.definition = {"s",   "T 1",  "i",
                  "gin", true,   {{"a", "", true, true, "ops", "C"}, {"", "lower(b)", false, false, "", ""}},
                  {"b"}, "a > 0"};
  i.sql = "CREATE INDEX";
  i.constraint = "k";
  i.primary = true;
  i.valid = false;
  i.rows = 12;
  i.pages = 34;
  i.height = 2;
  i.scans = 56;
  i.expression_statistics = {{}, {full_statistics()}};
  c.indexes = {i, Index()};
  c.foreign_keys = {{"f", "s", "T 1", {"a", "b"}, "r", "R", {"x", "y"}, 'c', 'd'}};
  return c;
}

std::string failure_of(const fs::path& path) {
  try {
    load_catalog(path);
    return "loaded";
  } catch (const Error& error) {
    const std::string start = "cannot read the snapshot " + path.string() + ": ";
    const std::string message = error.what();
    CHECK_FALSE(error.hint().empty());
    return message.starts_with(start) ? message.substr(start.size()) : message;
  }
}

/// A sound snapshot, changed by a statement and sealed again, as a forger would.
fs::path changed(const Folder& folder, const std::string& sql) {
  const fs::path path = folder / "changed";
  save_snapshot(full_catalog(), path);
  SQLite::Database(path.string(), SQLite::OPEN_READWRITE).exec(sql);
  seal(path);
  return path;
}

}  // namespace

TEST_CASE("a snapshot gives back the catalog that was saved") {
  const Folder folder;
  for (const Catalog& catalog : {full_catalog(), Catalog()}) {
    save_snapshot(catalog, folder / "s");
    CHECK(is_snapshot(folder / "s"));
    const Catalog loaded = load_catalog(folder / "s");
    CHECK(all_of(loaded) == all_of(catalog));
    CHECK(loaded.source == CatalogSource::kSnapshot);
  }
  CHECK(fs::status(folder / "s").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("the same catalog gives the same bytes") {
  const Folder folder;
  const auto bytes = [&](const char* name) {
    save_snapshot(full_catalog(), folder / name);
    std::ifstream file(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  CHECK(bytes("a") == bytes("b"));
}

TEST_CASE("a snapshot is written whole or not at all") {
  const Folder folder;
  save_snapshot(full_catalog(), folder / "s");
  Catalog other = full_catalog();
  other.tables[0].columns[0].statistics[0].null_fraction = 0.5;
  save_snapshot(other, folder / "s");
  CHECK(all_of(load_catalog(folder / "s")) == all_of(other));
  CHECK(folder.files() == 1);
  CHECK_THROWS_WITH(save_snapshot(other, folder / "none" / "s"), Catch::Contains("No such file or directory"));
  CHECK_THROWS_WITH(save_snapshot(other, "/dev/null"), "cannot write the snapshot /dev/null: it is no regular file");
  CHECK(folder.files() == 1);
}

TEST_CASE("what is no snapshot is not taken for one") {
  const Folder folder;
  std::ofstream(folder / "text") << "CREATE TABLE t (a int);";
  SQLite::Database((folder / "other").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE t (a)");
  for (const char* name : {"text", "other", "missing", ""}) {
    INFO(name);
    CHECK_FALSE(is_snapshot(folder / name));
    CHECK(failure_of(folder / name) == "it is missing or no snapshot");
  }
}

TEST_CASE("a snapshot of version 2 is read, and known to tell no rules") {
  const Folder folder;
  const Catalog loaded = load_catalog(
      changed(folder,
              "DROP TABLE rules; DROP TABLE operators; DROP TABLE casts; DROP TABLE dead_rows; PRAGMA user_version = "
              "2"));
  CHECK_FALSE(loaded.knows_rules);
  CHECK(loaded.operators.empty());
  CHECK_FALSE(loaded.tables[0].has_rules);
  CHECK_FALSE(loaded.tables[0].dead_rows);
  CHECK(loaded.triggers.size() == full_catalog().triggers.size());
  CHECK(failure_of(changed(folder, "PRAGMA user_version = 2")) == "its tables are not those of a snapshot");
}

TEST_CASE("a hostile or damaged snapshot is refused") {
  const Folder folder;
  CHECK(failure_of(changed(folder, "PRAGMA user_version = 7")) ==
        "the snapshot " + (folder / "changed").string() + " has format version 7, this assay reads versions 2 to 3");
  const std::string foreign = "its tables are not those of a snapshot";
  CHECK(failure_of(changed(folder,
                           "DROP TABLE ddl; CREATE VIEW ddl AS WITH RECURSIVE r(statement) AS "
                           "(SELECT 'x' UNION ALL SELECT statement FROM r) SELECT * FROM r")) == foreign);
  CHECK(failure_of(changed(folder, "CREATE TRIGGER x AFTER INSERT ON ddl BEGIN DELETE FROM ddl; END")) == foreign);
  CHECK(failure_of(changed(folder, "CREATE TABLE more (a)")) == foreign);
  CHECK(failure_of(changed(folder, "INSERT INTO columns VALUES (9, 0, 'a', 'b', 0)")) == "a row belongs to nothing");
  CHECK(failure_of(changed(folder, "UPDATE columns SET position = 9 WHERE position = 0")) ==
        "the rows are not numbered in order");
  CHECK(failure_of(changed(folder, "UPDATE column_statistics SET position = -1")) == "a row belongs to nothing");
  CHECK(failure_of(changed(folder, "UPDATE tables SET kind = 'zz'")) == "a row of an unknown kind");
  CHECK(failure_of(changed(folder, "UPDATE functions SET volatility = 'x'")) == "a row of an unknown kind");
  CHECK(failure_of(changed(folder, "UPDATE operators SET volatility = ''")) == "a row of an unknown kind");
  CHECK(failure_of(changed(folder, "UPDATE extended_statistics_keys SET parent = 9")) == "a row belongs to nothing");
  CHECK(failure_of(changed(folder, "UPDATE column_statistics SET parent = 9 WHERE of = 'expression'")) ==
        "a row belongs to nothing");
}

namespace {

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

const std::string kChanged = "its checksum is wrong: it was cut short or changed on its way here";

}  // namespace

TEST_CASE("one flipped bit, one byte too many or too few, and the snapshot is refused") {
  const Folder folder;
  const fs::path path = folder / "s";
  save_snapshot(full_catalog(), path);
  const std::string sound = bytes_of(path);
  CHECK(failure_of(path) == "loaded");
  for (std::size_t bit = 100 * 8; bit < sound.size() * 8;
       bit += 1013) {  // the header's first 100 bytes name the format
    std::string damaged = sound;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    write(path, damaged);
    INFO("bit " << bit);
    CHECK(failure_of(path) == kChanged);
  }
  for (const std::size_t size : {sound.size() - 1, sound.size() / 2, std::size_t{4096}, std::size_t{100}}) {
    write(path, sound.substr(0, size));
    CHECK(failure_of(path) == kChanged);
  }
  write(path, sound + "x");
  CHECK(failure_of(path) == kChanged);
}

TEST_CASE("whatever bytes of a sealed snapshot are wrong, it is refused or read, and nothing else happens") {
  const Folder folder;
  const fs::path path = folder / "s";
  save_snapshot(full_catalog(), path);
  const std::string sound = bytes_of(path).substr(0, bytes_of(path).size() - 32);
  std::uint32_t random = 1;
  const auto next = [&random] { return random = random * 1664525 + 1013904223; };
  int loaded = 0, refused = 0;
  for (int round = 0; round < 600; ++round) {
    std::string damaged = sound;
    for (std::uint32_t change = 0; change <= next() % 4; ++change) {
      damaged[100 + next() % (damaged.size() - 100)] = static_cast<char>(next() >> 24);
    }
    write(path, damaged);
    seal(path);
    ++(failure_of(path) == "loaded" ? loaded : refused);
  }
  CHECK(loaded > 0);
  CHECK(refused > 0);
}

}  // namespace assay
