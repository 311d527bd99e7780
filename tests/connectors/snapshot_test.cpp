#include "connectors/snapshot.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "analyzer/redaction.h"
#include "parser/base/error.h"

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
  c.extensions = {"plpgsql", "citext"};
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
  t.row_security = true;
  t.counters = TableCounters{1, 2, 3, 4, 5, 6};
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
  c.foreign_keys = {{"f", "s", "T 1", {"a", "b"}, "r", "R", {"x", "y"}}};
  return c;
}

class Writer {
 public:
  template <typename Value>
  Writer& operator<<(const Value& value) {
    text_ << value << '|';
    return *this;
  }
  template <typename Value>
  Writer& operator<<(const std::optional<Value>& value) {
    return value ? *this << *value : *this << "none";
  }
  Writer& operator<<(const std::optional<ZonedTime>& time) { return *this << (time ? to_iso8601(*time) : "none"); }
  template <typename Value>
  Writer& operator<<(const std::vector<Value>& values) {
    *this << values.size();
    for (const Value& value : values) *this << value;
    return *this;
  }
  Writer& operator<<(const ColumnStatistics& s) {
    return *this << s.null_fraction << s.average_width << s.distinct << s.inherited << s.most_common_values
                 << s.most_common_frequencies << s.histogram_bounds << s.correlation << s.most_common_elements
                 << s.most_common_element_frequencies << s.element_count_histogram;
  }
  Writer& operator<<(const Column& c) { return *this << c.name << c.type << c.not_null << c.statistics; }
  Writer& operator<<(const TableCounters& c) {
    return *this << c.sequential_scans << c.index_scans << c.inserted << c.updated << c.hot_updated << c.deleted;
  }
  Writer& operator<<(const Table& t) {
    return *this << t.schema << t.name << t.kind << t.columns << t.rows << t.pages << t.all_visible_pages
                 << t.row_security << t.counters;
  }
  Writer& operator<<(const IndexKey& k) {
    return *this << k.column << k.expression << k.descending << k.nulls_first << k.operator_class << k.collation;
  }
  Writer& operator<<(const Index& i) {
    const IndexDefinition& d = i.definition;
    return *this << d.schema << d.table << d.name << d.method << d.unique << d.keys << d.include << d.predicate << i.sql
                 << i.constraint << i.primary << i.valid << i.rows << i.pages << i.height << i.scans
                 << i.expression_statistics;
  }
  Writer& operator<<(const ForeignKey& k) {
    return *this << k.name << k.schema << k.table << k.columns << k.referenced_schema << k.referenced_table
                 << k.referenced_columns;
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_ = [] {
    std::ostringstream stream;
    stream.precision(17);
    return stream;
  }();
};

/// Every member but the source.
std::string all_of(const Catalog& c) {
  Writer writer;
  writer << c.database << c.server_version << c.taken_at << c.statistics_reset << c.has_statistics << c.extensions
         << c.search_path << c.tables << c.indexes << c.foreign_keys << c.ddl << c.hidden_tables;
  for (const auto& [name, value] : c.settings) writer << name << value;
  return writer.text();
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

/// A sound snapshot, changed by a statement.
fs::path changed(const Folder& folder, const std::string& sql) {
  const fs::path path = folder / "changed";
  save_snapshot(full_catalog(), path);
  SQLite::Database(path.string(), SQLite::OPEN_READWRITE).exec(sql);
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

TEST_CASE("a redacted snapshot holds no text of a row, not even in its free pages") {
  const Folder folder;
  Catalog catalog = full_catalog();
  ColumnStatistics secret = full_statistics();
  secret.most_common_values = "{planted-name,planted-street}";
  secret.histogram_bounds = "{planted-a,planted-z}";
  secret.most_common_elements = "{planted-tag}";
  Table& table = catalog.tables[0];
  table.columns = {{"amount", "numeric(12,2)", true, {full_statistics()}}};
  for (const char* type :
       {"text", "character varying(40)", "jsonb", "uuid", "text[]", "integer[]", "mood", "daterange"})
    table.columns.push_back({type, type, false, {secret}});
  catalog.indexes[0].expression_statistics = {{}, {secret}};
  save_snapshot(redacted(catalog), folder / "s");
  std::ifstream file(folder / "s", std::ios::binary);
  CHECK_THAT(std::string(std::istreambuf_iterator<char>(file), {}), !Catch::Contains("planted"));

  const Catalog loaded = load_catalog(folder / "s");
  CHECK(loaded.redacted_columns == 9);
  CHECK(loaded.tables[0].columns[0].statistics[0].histogram_bounds == "{d,e}");
  CHECK(loaded.tables[0].columns[1].statistics[0].distinct == secret.distinct);
  CHECK_FALSE(loaded.tables[0].columns[1].statistics[0].most_common_frequencies);
  save_snapshot(catalog, folder / "s");
  CHECK_FALSE(load_catalog(folder / "s").redacted_columns);
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

TEST_CASE("a hostile or damaged snapshot is refused") {
  const Folder folder;
  CHECK(failure_of(changed(folder, "PRAGMA user_version = 7")) ==
        "the snapshot " + (folder / "changed").string() + " has format version 7, this assay reads version 1");
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
  CHECK(failure_of(changed(folder, "UPDATE tables SET kind = 'zz'")) == "a table of an unknown kind");

  const fs::path path = folder / "s";
  save_snapshot(full_catalog(), path);
  std::ifstream sound(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(sound), {});
  for (std::size_t at = 100; at < bytes.size();
       at += 97) {  // whatever byte is wrong: an Error or a catalog, never more
    std::string damaged = bytes;
    damaged[at] = '\xff';
    std::ofstream(path, std::ios::binary) << damaged;
    CHECK_NOTHROW(failure_of(path));
  }
  fs::resize_file(path, bytes.size() / 2);
  CHECK(failure_of(path) != "loaded");
}

}  // namespace assay
