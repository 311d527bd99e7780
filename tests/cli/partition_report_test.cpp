// What the report and its scripts say of a recommended partitioning: the way there, and the way back.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "cli/report.h"
#include "parser/sql/shape.h"
#include "tests/cli/command.h"

namespace assay {
namespace {

constexpr const char* kAsks = "SELECT count(*) FROM \"<b>\" WHERE at >= '2026-02-01' AND at < '2026-03-01'";

PartitionTable by_month(const Catalog& catalog) {
  PartitionTable table;
  table.scheme = {.partitioning = {"public", "<b>", PartitionStrategy::kRange, "at", {}},
                  .interval = "1 month",
                  .retention = "12 months"};
  auto& partitions = table.scheme.partitioning.partitions;
  partitions.push_back({.name = "<b>_p2026_01", .to = "2026-02-01"});
  for (const char month : {'2', '3', '4'}) {
    const std::string from = std::string("2026-0") + month + "-01",
                      to = std::string("2026-0") + char(month + 1) + "-01";
    partitions.push_back({.name = std::string("<b>_p2026_0") + month, .from = from, .to = to});
  }
  table.price = {"partitions must be made ahead"};
  table.classes = {{.position = 0,
                    .cost_before = 9,
                    .cost_after = 3,
                    .before_ms_per_s = 8,
                    .after_ms_per_s = 2,
                    .fewest_scanned = 1,
                    .most_scanned = 1,
                    .values = 1,
                    .calls_per_s = 1}};
  table.migration = migration_of(table.scheme, catalog);
  return table;
}

/// One recommended partitioning of a table with a hostile name, and an index on it.
Report report() {
  WorkloadBuilder builder({});
  for (int i = 0; i < 2; ++i) {
    builder.add({.kind = RecordKind::kExecution,
                 .timed = true,
                 .time = {Timestamp(std::chrono::seconds(1767225600 + i)), {}},
                 .duration = Microseconds{8000},
                 .database = "crm",
                 .sql = kAsks,
                 .shape = shape_hash(kAsks)});
  }
  Diagnostics diagnostics;
  Report report{.workload = builder.finish({}), .database = "crm"};
  report.catalog = catalog_from_ddl(
      "CREATE TABLE \"<b>\" (id bigint PRIMARY KEY, at date NOT NULL, note text); CREATE INDEX i ON \"<b>\" (note);",
      "x", diagnostics);
  report.catalog->taken_at = parse_iso8601("2026-02-02", UtcOffset{0});
  report.meanings = understand(report.workload, &*report.catalog);
  PartitionTable what = by_month(*report.catalog);
  JudgedTable table{.verdict = PartitionVerdict::kRecommended, .consider = {"Two levels: <i>"}, .recommendation = "P1"};
  table.signals.table = report.catalog->find_table("public", "<b>");
  table.signals.dead_share = 0.25;
  table.schemes = {{.what = what, .before_ms_per_s = 8, .after_ms_per_s = 2, .best_other_ms_per_s = 8}};
  const MigrationWay& way = *recommended_way(what.migration);
  report.partitions.tables = {table};
  report.partitions.recommendations = {{.id = "P1",
                                        .database = "crm",
                                        .table = "public.<b>",
                                        .change = what,
                                        .evidence = Evidence::kPlanned,
                                        .ddl = statements_of(way),
                                        .rollback = way_back_of(way),
                                        .reasons = {"it is large"},
                                        .gain_ms_per_s = 6}};
  report.advice.recommendations = {{.id = "I1",
                                    .database = "crm",
                                    .table = "public.<b>",
                                    .change = CreateIndex{.after = "P1"},
                                    .evidence = Evidence::kPlanned,
                                    .ddl = {"CREATE INDEX x ON ONLY t (a);"},
                                    .rollback = {"DROP INDEX x;"},
                                    .reasons = {"it is asked for"}}};
  return report;
}

std::size_t at(const std::string& text, const std::string& part) {
  INFO(part);
  const std::size_t found = text.find(part);
  CHECK(found != std::string::npos);
  return found;
}

}  // namespace

TEST_CASE("the script divides the table first, drops nothing, and its way back takes the indexes off first",
          "[partition]") {
  const Report told = report();
  const std::string ddl = ddl_script(told), back = rollback_script(told);
  CHECK(at(ddl, "\\set ON_ERROR_STOP on\n") < at(ddl, "CREATE TABLE public.\"<b>_partitioned\""));
  CHECK(at(ddl, "ALTER TABLE public.\"<b>_partitioned\" RENAME TO \"<b>\";") < at(ddl, "CREATE INDEX x"));
  CHECK(at(ddl, "\n-- DROP TABLE public.\"<b>_legacy\";\n") > 0);
  CHECK(ddl.find("\nDROP TABLE public.\"<b>_legacy\";") == std::string::npos);
  CHECK(at(back, "DROP INDEX x;") < at(back, "ALTER TABLE public.\"<b>\" RENAME TO \"<b>_partitioned\";"));
  CHECK(at(back, "\\set ON_ERROR_STOP on\n") < at(back, "DROP INDEX x;"));
}

TEST_CASE("the report tells the steps, folds their SQL, and escapes what names say", "[partition]") {
  const std::string markdown = to_markdown(report());
  const std::size_t begin = at(markdown, "**The way there.** A partitioned copy is filled in batches");
  CHECK(begin < at(markdown, "\n1. Check on the server"));
  CHECK(begin < at(markdown, "<details><summary>SQL of these steps, each with its way back</summary>"));
  CHECK(begin < at(markdown, "*Another way.* The old table becomes the partition of everything before"));
  CHECK(begin < at(markdown, "**What changes for the application:**"));
  at(markdown, "<details><summary>With pg_partman 4.7</summary>");
  at(markdown, "<details><summary>With plain SQL</summary>");
  at(markdown, "Dead rows: 25.0 % of the living ones");
  CHECK(markdown.find("To consider: Two levels: <i>") == std::string::npos);
  const std::string html = to_html(report());
  CHECK(html.find("<b>_partitioned") == std::string::npos);
}

TEST_CASE("the JSON of a recommended partitioning follows its schema", "[partition]") {
  const test::Folder folder;
  const std::string path = folder.write("report.json", to_json(report()));
  const std::string program =
      "/usr/bin/python3 -c 'import json, jsonschema, sys; schema, report = [json.load(open(p)) for p in sys.argv[1:]]; "
      "item = report[\"recommendations\"][0]; assert item[\"partitioning\"][\"migration\"][\"recommended\"] == "
      "\"backfill\"; "
      "assert report[\"recommendations\"][1][\"after\"] == \"P1\"; "
      "jsonschema.Draft202012Validator(schema).validate(report)' '" ASSAY_TESTS "/../docs/report.schema.json' ";
  CHECK(std::system((program + path).c_str()) == 0);
}

}  // namespace assay
