#include "connectors/snapshot_script.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "connectors/postgres.h"
#include "connectors/snapshot.h"
#include "parser/base/error.h"
#include "tests/connectors/catalog_text.h"
#include "tests/connectors/real_server.h"
#include "tests/connectors/shop_schema.h"

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

 private:
  fs::path path_;
};

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

/// What psql writes when a DBA runs the script.
fs::path output_of_script(const Folder& folder, const RealServer& server, bool redact,
                          std::string_view role = PrivateCluster::kSuperuser) {
  const fs::path script = folder / "snapshot.sql", output = folder / "output.txt";
  write(script, snapshot_script(redact));
  const std::string command = "psql -X -f " + script.string() + " -o " + output.string() + " '" +
                              server.cluster().conninfo("postgres", role) + "' 2>&1";
  REQUIRE(std::system(command.c_str()) == 0);
  return output;
}

/// Values that must not leave a server whose snapshot is redacted, each in another hiding place.
std::vector<std::string> planted_schema() {
  return {
      "CREATE TYPE pair AS (a text, b int)",
      "CREATE TYPE mood AS ENUM ('sad', 'ok')",
      "CREATE DOMAIN word AS text CHECK (VALUE <> 'planted domain')",
      "CREATE TYPE textrange AS RANGE (subtype = text)",
      "CREATE FUNCTION told(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN t || 'planted body'; "
      "END $$",
      "CREATE FUNCTION odd(t text DEFAULT 'planted argument') RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN t; END "
      "$$",
      "CREATE TABLE people (id bigserial PRIMARY KEY, name text DEFAULT 'planted default', "
      "code varchar(30) CHECK (code <> 'planted check'), "
      "fixed char(20), raw bytea, doc jsonb, words text[], search tsvector, mail word, pairs pair, span textrange, "
      "key uuid, address inet, age int, born date, happy boolean, mood mood, ages int[], spell daterange)",
      "INSERT INTO people (name, code, fixed, raw, doc, words, search, mail, pairs, span, key, address, age, born, "
      "happy, mood, ages, spell) "
      "SELECT 'planted name ' || i % 30, 'planted code ' || i, 'planted char ' || i % 9, ('planted raw ' || i % "
      "9)::bytea, "
      "jsonb_build_object('k', 'planted doc ' || i % 20), ARRAY['planted word ' || i % 11], "
      "to_tsvector('simple', 'plantedlexeme' || i % 13), 'planted mail ' || i % 40, ROW('planted pair ' || i % 5, "
      "1)::pair, "
      "textrange('planted from ' || i % 9, 'planted to'), md5((i % 7)::text)::uuid, '10.1.2.3', 4711 + i % 3, "
      "date '1977-01-01' + i % 50, i % 2 = 0, 'ok', ARRAY[815815, i % 3], daterange(date '1666-06-06' + i % 9, "
      "'1777-07-07') FROM generate_series(1, 3000) AS i",
      "CREATE INDEX people_told ON people (told(name))",
      "CREATE INDEX people_lower ON people (lower(name), age)",
      "CREATE STATISTICS people_ab ON name, code, age FROM people",
      "CREATE STATISTICS people_ex ON (upper(name)), (age + 1) FROM people",
      "CREATE STATISTICS people_no ON age, happy FROM people",
      "COMMENT ON TABLE people IS 'planted comment'",
      "CREATE POLICY p ON people USING (name <> 'planted policy')",
      "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
      "VACUUM ANALYZE people",
  };
}

std::string failure_of(const fs::path& path) {
  try {
    catalog_of_script_output(path);
    return "loaded";
  } catch (const Error& error) {
    const std::string start = "cannot read the snapshot script's output " + path.string() + ": ";
    const std::string message = error.what();
    CHECK_FALSE(error.hint().empty());
    return message.starts_with(start) ? message.substr(start.size()) : message;
  }
}

}  // namespace

TEST_CASE("the script's output is the snapshot, value by value") {
  const Folder folder;
  RealServer server;
  server.run(shop_schema());
  server.run({"CREATE STATISTICS shop.st ON state, paid FROM shop.orders",
              "CREATE TABLE shop.\"odd\tname\\\n\" (\"a\rb\" text)",
              "INSERT INTO shop.\"odd\tname\\\n\" SELECT E'\\\\N\\t\\n' || i % 3 FROM generate_series(1, 99) AS i",
              "CREATE ROLE guest LOGIN", "GRANT SELECT ON shop.lines TO guest", "ANALYZE"});
  for (const std::string& role : {std::string(PrivateCluster::kSuperuser), std::string("guest")}) {
    for (const bool redact : {false, true}) {
      INFO(role << (redact ? " redacted" : ""));
      Session session = open_server(server.cluster().conninfo("postgres", role));
      const Catalog direct = read_catalog(session, {redact});
      const fs::path output = output_of_script(folder, server, redact, role);
      CHECK(is_script_output(output));
      CHECK_FALSE(is_snapshot(output));
      const Catalog told = catalog_of_script_output(output);
      CHECK(told.source == CatalogSource::kSnapshot);
      CHECK(all_but_time(told) == all_but_time(direct));
      CHECK(told.taken_at);
    }
  }
}

TEST_CASE("a redacted snapshot holds no text of a row, in no byte of its file, and neither does the script's output") {
  const Folder folder;
  RealServer server;
  server.run(planted_schema());
  const Catalog full = read_catalog(server.session());
  save_snapshot(full, folder / "full");
  CHECK(read(folder / "full").find("planted name 7") != std::string::npos);

  const Catalog redacted = read_catalog(server.session(), {true});
  save_snapshot(redacted, folder / "redacted");
  // Fifteen columns, two index expressions, and upper(name), age + 1 of the statistics object.
  CHECK(redacted.redacted_columns == 19);
  CHECK(load_catalog(folder / "redacted").redacted_columns == 19);
  CHECK_FALSE(full.redacted_columns);
  for (const fs::path& path : {folder / "redacted", output_of_script(folder, server, true)}) {
    const std::string bytes = read(path);
    INFO(path);
    CHECK(bytes.find("planted") == std::string::npos);
    CHECK(bytes.find("706c616e746564") == std::string::npos);  // the same in hexadecimal digits
    CHECK(bytes.find("10.1.2.3") == std::string::npos);
    CHECK(bytes.find("c4ca4238") == std::string::npos);  // of a uuid
    CHECK(bytes.find("815815") == std::string::npos);
    CHECK(bytes.find("1666-06") == std::string::npos);
    for (const char* kept : {"4711", "1977-01-05", "CREATE TABLE public.people", "people_lower"}) {
      CHECK(bytes.find(kept) != std::string::npos);
    }
  }
  const Column* name = find_column(*redacted.find_table("public", "people"), "name");
  CHECK_FALSE(name->statistics.at(0).most_common_values);
  CHECK_FALSE(name->statistics.at(0).most_common_frequencies);
  CHECK(name->statistics.at(0).distinct == 30);
  CHECK(redacted.extended_statistics.size() == 3);
  for (const ExtendedStatistics& statistics : redacted.extended_statistics) {
    CHECK(statistics.most_common.has_value() == (statistics.name == "people_no"));
  }
}

TEST_CASE("what is no output of the script is not taken for one, and a damaged one is refused with its place") {
  const Folder folder;
  const fs::path path = folder / "f";
  const std::string head = "assay-snapshot\t3\tf\n";
  write(path, "CREATE TABLE t (a int);\n-- assay-snapshot\t2\tf\n");
  CHECK_FALSE(is_script_output(path));
  CHECK_FALSE(is_script_output(folder / "missing"));
  CHECK(failure_of(path) == "it is missing or no such output");
  write(path, "Hello from .psqlrc\n" + head + "search_path\tpublic\nend\n");
  CHECK(is_script_output(path));
  CHECK(catalog_of_script_output(path).search_path == std::vector<std::string>{"public"});
  write(path, "assay-snapshot\t2\tf\r\nsearch_path\ta\\tb\r\nend\r\n");
  CHECK(catalog_of_script_output(path).search_path == std::vector<std::string>{"a\tb"});
  CHECK_FALSE(catalog_of_script_output(path).knows_rules);  // of version 2
  write(path, head + "end\n");
  CHECK(catalog_of_script_output(path).knows_rules);
  write(path, head);
  CHECK(failure_of(path) == "it ends too early, behind its head; psql's messages tell why");
  write(path, head + "search_path\tpublic\nextensions\ta\tb\n");
  CHECK(failure_of(path) == "it ends too early, behind extensions; psql's messages tell why");
  write(path, head + "search_path\tpublic\nextensions\ta\nend\n");
  CHECK(failure_of(path) == "line 2 below its head is no row of a snapshot");
  write(path, head + "nothing\ta\nend\n");
  CHECK(failure_of(path) == "line 1 below its head is no row of a snapshot");
  write(path, head + std::string("search_path\tp\0q\nend\n", 19));
  CHECK(failure_of(path) == "it holds a NUL byte");
  write(path, "assay-snapshot\t9\tf\nend\n");
  CHECK(failure_of(path) == "it is of another version of assay");
  write(path, head +
                  "columns\t77\ta\tb\tt\nindex_keys\t9\tt\t\\N\t\\N\tt\tt\t\\N\t\\N\nstatistics\t1\t\\N\t-5\tx\ty\tz" +
                  std::string(12, '\t') + "\nheights\t\\N\t\\N\nend\n");
  CHECK(failure_of(path) == "loaded");  // rows that belong to nothing are passed over
}

TEST_CASE("whatever is wrong in an output of the script, it is refused or read, and nothing else happens") {
  const Folder folder;
  RealServer server;
  server.run({"CREATE TABLE t (a int PRIMARY KEY, b text)",
              "INSERT INTO t SELECT i, i % 9 FROM generate_series(1, 500) AS i",
              "CREATE STATISTICS s ON (a + 1), b FROM t", "ANALYZE"});
  const std::string sound = read(output_of_script(folder, server, false));
  std::uint32_t random = 1;
  const auto next = [&random] { return (random = random * 1664525 + 1013904223) >> 8; };
  int loaded = 0;
  for (int round = 0; round < 500; ++round) {
    std::string damaged = sound;
    for (std::uint32_t change = 0; change <= next() % 5; ++change) {
      const std::size_t at = 20 + next() % (damaged.size() - 20);
      if (next() % 3 == 0)
        damaged.erase(at, next() % 40);
      else
        damaged[at % damaged.size()] = "\t\n\\N{}0a-\x80"[next() % 11];
    }
    write(folder / "damaged", damaged);
    loaded += failure_of(folder / "damaged") == "loaded";
  }
  CHECK(loaded > 0);
}

}  // namespace assay
