#include "advisors/correlated_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "advisors/rules/table_access.h"
#include "parser/sql/lexer.h"

namespace assay {
namespace {

constexpr double kFarOff = 10;   // times
constexpr double kEnough = 100;  // rows, below which no plan changes
constexpr std::size_t kMostColumns = 4;

/// The number behind "rows=" in the parentheses that begin with `opening`.
std::optional<double> rows_in(std::string_view line, std::string_view opening) {
  const std::size_t begin = line.find(opening);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string part(line.substr(begin, line.find(')', begin) - begin));
  const std::size_t rows = part.find("rows=");
  if (rows == std::string::npos) return std::nullopt;
  return std::strtod(part.c_str() + rows + 5, nullptr);
}

/// "orders" of "->  Index Scan using orders_idx on orders o  (cost=…".
std::string relation_in(std::string_view line) {
  const std::size_t scan = line.find("Scan ");
  const std::size_t on = scan == std::string_view::npos ? scan : line.find(" on ", scan);
  if (on == std::string_view::npos || line.find("Bitmap Index Scan") != std::string_view::npos) return {};
  const std::string_view rest = line.substr(on + 4);
  return std::string(rest.substr(0, rest.find(' ')));
}

bool is_condition(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return false;
  line.remove_prefix(begin);
  return line.starts_with("Filter: ") || line.starts_with("Index Cond: ") || line.starts_with("Recheck Cond: ");
}

bool mentions(std::string_view sql, std::string_view name) {
  Lexer lexer(sql);
  for (Token token = lexer.next(); token.kind != TokenKind::kEnd; token = lexer.next()) {
    const bool quoted = token.kind == TokenKind::kQuotedName && token.text.size() >= 2;
    if ((quoted ? token.text.substr(1, token.text.size() - 2) : token.text) == name) return true;
  }
  return false;
}

/// Columns compared for equality in the statement and in the scan.
std::vector<std::string> columns_of(const TableAccess& access, const ScanRows& scan) {
  std::vector<std::string> columns = access.equal;
  columns.insert(columns.end(), access.in.begin(), access.in.end());
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  std::erase_if(columns, [&](const std::string& column) { return !mentions(scan.conditions, column); });
  if (columns.size() > kMostColumns) columns.resize(kMostColumns);
  return columns;
}

bool is_far_off(const ScanRows& scan) {
  const double more = std::max(scan.expected, scan.actual), less = std::min(scan.expected, scan.actual);
  return more >= kEnough && more >= kFarOff * std::max(less, 1.0);
}

bool has_statistics(const Catalog& catalog, const Table& table, const std::vector<std::string>& columns) {
  return std::any_of(catalog.ddl.begin(), catalog.ddl.end(), [&](const std::string& sql) {
    return sql.starts_with("CREATE STATISTICS") && mentions(sql, table.name) &&
           std::all_of(columns.begin(), columns.end(),
                       [&](const std::string& column) { return mentions(sql, column); });
  });
}

CreateStatistics advice_for(const Table& table, std::vector<std::string> columns, const ScanRows& scan,
                            std::size_t position) {
  IndexDefinition like{.schema = table.schema, .table = table.name};
  std::string list;
  for (const std::string& column : columns) {
    like.keys.push_back({.column = column});
    list += (list.empty() ? "" : ", ") + quote_identifier(column);
  }
  std::string name = conventional_index_name(like);
  name = quote_identifier(name.substr(0, name.rfind("_idx")) + "_stat");
  const std::string full = quote_identifier(table.schema) + "." + quote_identifier(table.name);
  const std::string qualified = quote_identifier(table.schema) + "." + name;
  CreateStatistics advice{
      .table = table.schema + "." + table.name, .columns = std::move(columns), .position = position};
  advice.reason = fmt::format(
      "the plan that auto_explain logged expected {:.0f} rows of {} for these columns together, and {:.0f} came: the "
      "planner takes them for independent",
      scan.expected, table.name, scan.actual);
  advice.ddl = {"CREATE STATISTICS " + qualified + " (ndistinct, dependencies, mcv) ON " + list + " FROM " + full + ";",
                "ANALYZE " + full + ";"};
  advice.rollback = {"DROP STATISTICS IF EXISTS " + qualified + ";"};
  return advice;
}

}  // namespace

std::vector<ScanRows> scan_rows(std::string_view plan) {
  std::vector<ScanRows> scans;
  bool within = false;
  while (!plan.empty()) {
    const std::size_t end = std::min(plan.find('\n'), plan.size());
    const std::string_view line = plan.substr(0, end);
    plan.remove_prefix(std::min(end + 1, plan.size()));
    if (within && is_condition(line)) {
      scans.back().conditions += std::string(line) + "\n";
      continue;
    }
    const auto expected = rows_in(line, "(cost="), actual = rows_in(line, "(actual time=");
    if (!expected) continue;
    const std::string relation = relation_in(line);
    within = actual && !relation.empty();
    if (within) scans.push_back({relation, *expected, *actual, {}});
  }
  return scans;
}

std::vector<CreateStatistics> advise_statistics(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                                const Catalog& catalog, const std::string& database) {
  std::vector<CreateStatistics> advice;
  std::set<std::pair<std::string, std::vector<std::string>>> known;
  for (std::size_t position = 0; position < workload.classes.size(); ++position) {
    const QueryClass& query = workload.classes[position];
    if (query.database != database || !query.plan || !meanings[position].statement) continue;
    const Statement& statement = *meanings[position].statement;
    for (const ScanRows& scan : scan_rows(query.plan->text)) {
      if (!is_far_off(scan)) continue;
      for (const TableAccess& access : table_accesses(statement)) {
        const RelationUse& use = statement.relations[static_cast<std::size_t>(access.relation)];
        const Table* table = use.name == scan.relation ? catalog.find_table(use.schema, use.name) : nullptr;
        if (!table) continue;
        std::vector<std::string> columns = columns_of(access, scan);
        const bool is_news = columns.size() >= 2 && !has_statistics(catalog, *table, columns) &&
                             known.emplace(table->schema + "." + table->name, columns).second;
        if (is_news) advice.push_back(advice_for(*table, std::move(columns), scan, position));
      }
    }
  }
  for (std::size_t i = 0; i < advice.size(); ++i) advice[i].id = fmt::format("S{}", i + 1);
  return advice;
}

}  // namespace assay
