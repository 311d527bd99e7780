// The rules of the gate: what each finds, and what it lets pass.
#include "advisors/check/check.h"

#include <catch2/catch.hpp>

#include "analyzer/catalog_from_ddl.h"
#include "analyzer/workload_builder.h"
#include "parser/sql/shape.h"

namespace assay {
namespace {

constexpr const char* kSchema =
    "CREATE TABLE account (id bigint PRIMARY KEY, name text);"
    "CREATE TABLE contact (id bigint PRIMARY KEY, account_id bigint REFERENCES account, email text);"
    "CREATE TABLE note (id bigint PRIMARY KEY, account_id bigint REFERENCES account);"
    "CREATE INDEX ON note (account_id);"
    "CREATE FUNCTION roll() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 1';"
    "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';";

Catalog catalog_of(double rows) {
  Diagnostics problems;
  Catalog catalog = catalog_from_ddl(kSchema, "schema.sql", problems);
  for (Table& table : catalog.tables) table.rows = rows;
  return catalog;
}

/// A planner that reads `contact` from end to end, whatever is asked, at the cost that it is given.
class ScanModel : public CostModel {
 public:
  explicit ScanModel(double cost, double rows = 5) : cost_(cost), rows_(rows) {}
  Evidence evidence() const override { return Evidence::kPlanned; }
  std::vector<std::string> remarks() const override { return {}; }
  PlanAnswer plan(const PlannableQuery&, const PhysicalDesign&) override {
    PlanNode scan{.type = "Seq Scan", .relation = "contact", .total_cost = cost_, .rows = rows_};
    return PlanNode{.type = "Limit", .total_cost = cost_, .rows = rows_, .children = {scan}};
  }

 private:
  double cost_, rows_;
};

Workload workload_of(const std::vector<std::string>& statements) {
  WorkloadBuilder builder({}, Trace::kDefaultBytes);
  for (const std::string& sql : statements) {
    LogRecord record;
    record.kind = RecordKind::kExecution;
    record.sql = sql;
    record.shape = shape_hash(sql);
    builder.add(record);
  }
  return builder.finish({});
}

struct Checked {
  std::vector<Finding> findings;

  bool finds(std::string_view rule) const {
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) { return finding.rule == rule; });
  }
};

Checked check(const std::string& sql, CostModel* model = nullptr, const CheckBaseline* baseline = nullptr,
              double rows = 50'000, CheckSettings settings = {}) {
  const Workload workload = workload_of({sql});
  const Catalog catalog = catalog_of(rows);
  const std::vector<ClassMeaning> meanings = understand(workload, &catalog);
  return {check(CheckSubject{workload, meanings, &catalog, baseline, plan_classes(meanings, model), {}, settings})};
}

std::string class_of(const std::string& sql) { return class_name(class_id("", shape_hash(sql))); }

}  // namespace

TEST_CASE("rules that look at the text") {
  CHECK(check("DELETE FROM contact").finds("delete-without-where"));
  CHECK_FALSE(check("DELETE FROM contact WHERE id = 1").finds("delete-without-where"));
  CHECK_FALSE(check("DELETE FROM contact USING account a WHERE a.id = account_id").finds("delete-without-where"));
  CHECK(check("UPDATE contact SET email = 'x'").finds("update-without-where"));
  CHECK_FALSE(check("UPDATE contact SET email = 'x' WHERE id = 1").finds("update-without-where"));
  CHECK_FALSE(check("UPDATE contact SET email = 'x' WHERE id = 1 OR id = 2").finds("update-without-where"));
  CHECK(check("SELECT id FROM contact ORDER BY id LIMIT 10 OFFSET 20").finds("offset-paging"));
  CHECK(check("SELECT id FROM contact ORDER BY id LIMIT 10 OFFSET $1").finds("offset-paging"));
  CHECK_FALSE(check("SELECT id FROM contact ORDER BY id LIMIT 10").finds("offset-paging"));
  CHECK_FALSE(check("SELECT id FROM contact ORDER BY id LIMIT 10 OFFSET 0").finds("offset-paging"));
  CHECK(check("SELECT id FROM contact ORDER BY random() LIMIT 1").finds("volatile"));
  CHECK(check("SELECT id, roll() FROM contact WHERE id = 1").finds("volatile"));
  CHECK_FALSE(check("SELECT id, twice(3) FROM contact WHERE id = 1").finds("volatile"));
  CHECK_FALSE(check("SELECT id FROM contact WHERE email = lower('X')").finds("volatile"));
  CHECK_FALSE(check("SELECT nextval('s')").finds("volatile"));
  CHECK(check("SELECT id FROM contact").finds("unbounded"));
  CHECK_FALSE(check("SELECT count(*) FROM contact").finds("unbounded"));
  CHECK_FALSE(check("SELECT id FROM contact LIMIT 5").finds("unbounded"));
  CHECK_FALSE(check("SELECT id FROM contact WHERE id = 4").finds("unbounded"));
}

TEST_CASE("the system's own catalogs are nobody's release") {
  CHECK(check("SELECT relname FROM pg_class").findings.size() == 1);  // the schema's foreign key
}

TEST_CASE("a foreign key without an index, unless its table is known to be small") {
  const Checked checked = check("SELECT 1");
  REQUIRE(checked.findings.size() == 1);
  CHECK(checked.findings.front().subject == "public.contact (account_id)");
  CHECK(check("SELECT 1", nullptr, nullptr, 100).findings.empty());
  CHECK(check("SELECT 1", nullptr, nullptr, -1).finds("foreign-key-index"));
}

TEST_CASE("a sequential scan counts on a large table, and of a new class") {
  ScanModel model(5000);
  const std::string sql = "SELECT id FROM contact WHERE email = 'a'";
  CHECK(check(sql, &model).finds("sequential-scan"));
  CHECK_FALSE(check(sql, &model, nullptr, 9'999).finds("sequential-scan"));
  CHECK_FALSE(check(sql).finds("sequential-scan"));
  const CheckBaseline known{.costs = {{class_of(sql), 5000}}};
  CHECK_FALSE(check(sql, &model, &known).finds("sequential-scan"));
  CHECK(check("SELECT name FROM contact WHERE email = 'a'", &model, &known).finds("sequential-scan"));
}

TEST_CASE("a class is costlier at twice the baseline's cost, and not below a hundred units") {
  const std::string sql = "SELECT id FROM contact WHERE email = 'a'";
  const CheckBaseline known{.costs = {{class_of(sql), 1000}}};
  ScanModel same(1999), dearer(2000), cheap(99);
  const CheckBaseline cheaper{.costs = {{class_of(sql), 1}}}, unplanned{.costs = {{class_of(sql), std::nullopt}}};
  CHECK_FALSE(check(sql, &same, &known).finds("costlier"));
  CHECK(check(sql, &dearer, &known).finds("costlier"));
  CHECK_FALSE(check(sql, &cheap, &cheaper).finds("costlier"));
  CHECK_FALSE(check(sql, &dearer, &unplanned).finds("costlier"));
}

TEST_CASE("a query is unbounded when the planner expects many rows, whatever its condition") {
  ScanModel many(5000, 20'000), few(5000, 3);
  CHECK(check("SELECT id FROM contact WHERE email > 'a'", &many).finds("unbounded"));
  CHECK_FALSE(check("SELECT id FROM contact WHERE email > 'a' LIMIT 10", &many).finds("unbounded"));
  CHECK_FALSE(check("SELECT id FROM contact", &few).finds("unbounded"));
}

TEST_CASE("what was accepted is left out, rule by rule") {
  const std::string sql = "DELETE FROM contact";
  const CheckBaseline accepted{.accepted = {{"delete-without-where", class_of(sql)}}};
  CHECK_FALSE(check(sql, nullptr, &accepted).finds("delete-without-where"));
  const CheckBaseline other{.accepted = {{"update-without-where", class_of(sql)}}};
  CHECK(check(sql, nullptr, &other).finds("delete-without-where"));
}

TEST_CASE("a rule's level can be set, and off is off") {
  CheckSettings settings;
  settings.levels = {{"delete-without-where", Level::kNote}, {"foreign-key-index", Level::kOff}};
  const Checked checked = check("DELETE FROM contact", nullptr, nullptr, 50'000, settings);
  REQUIRE(checked.findings.size() == 1);
  CHECK(checked.findings.front().level == Level::kNote);
}

TEST_CASE("a request's budget is held against its dearest request") {
  const Workload workload = workload_of({"SELECT 1"});
  const std::vector<ClassMeaning> meanings = understand(workload, nullptr);
  CheckSettings settings;
  settings.budgets_ms = {{"/checkout", 50}};
  const auto found = [&](std::int64_t longest_us) {
    const RequestLoad load{.tag = "/checkout",
                           .requests = 2,
                           .statements = 4,
                           .total = Microseconds(60'000),
                           .longest = Microseconds(longest_us)};
    return check(CheckSubject{workload, meanings, nullptr, nullptr, {}, {load}, settings});
  };
  CHECK(found(50'000).empty());
  REQUIRE(found(50'001).size() == 1);
  CHECK(found(50'001).front().rule == "request-budget");
}

}  // namespace assay
