#include "analyzer/meaning.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace assay {
namespace {

constexpr std::string_view kNoSample = "every text of it is longer than 64 KiB: counted, not analysed";

const ExecutionSample* sample_of(const QueryClass& query) {
  if (!query.samples.empty()) return &query.samples.front();
  return query.slowest ? &*query.slowest : nullptr;
}

// $n without values (log_parameter_max_length = 0, or cut off) is planned generically.
PlannableQuery plannable(const ExecutionSample& sample) {
  return {sample.sql, parse_parameters(sample.parameters).value_or(ParameterValues{}), sample.time};
}

bool same_values(const PlannableQuery& a, const PlannableQuery& b) {
  return a.sql == b.sql && a.parameters == b.parameters;
}

/// The slowest execution stands for itself alone among the calls that the samples stand for.
void add_slowest(const ExecutionSample& slowest, const QueryClass& query, std::vector<WeightedQuery>& queries) {
  PlannableQuery candidate = plannable(slowest);
  const bool known = std::any_of(queries.begin(), queries.end(),
                                 [&](const WeightedQuery& other) { return same_values(other.query, candidate); });
  if (known || !is_explainable(candidate.sql)) return;
  const auto samples = static_cast<double>(std::max<std::size_t>(query.samples.size(), 1));
  const double weight = samples / std::max(samples, static_cast<double>(query.estimated_calls()));
  if (queries.size() >= kMostPlanned) queries.pop_back();
  queries.push_back({std::move(candidate), weight});
}

std::vector<WeightedQuery> plannable_queries(const QueryClass& query) {
  std::vector<WeightedQuery> queries;
  for (const ExecutionSample& sample : query.samples) {
    PlannableQuery candidate = plannable(sample);
    const auto known = std::find_if(queries.begin(), queries.end(),
                                    [&](const WeightedQuery& other) { return same_values(other.query, candidate); });
    if (known != queries.end()) {
      known->weight += 1;
    } else {
      queries.push_back({std::move(candidate), 1});
    }
  }
  std::stable_sort(queries.begin(), queries.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
  if (queries.size() > kMostPlanned) queries.resize(kMostPlanned);
  if (query.slowest) add_slowest(*query.slowest, query, queries);
  return queries;
}

ClassMeaning understand(const QueryClass& query, const ColumnOracle& has_column) {
  if (query.dialect == SqlDialect::kMysql) return {.problem = "MySQL's SQL: counted, not judged yet"};
  const ExecutionSample* sample = sample_of(query);
  if (!sample) return {.problem = query.calls > 0 ? std::string(kNoSample) : "never ran to its end in this log"};
  ParsedStatement parsed = parse_statement(sample->sql, has_column);
  ClassMeaning meaning{.statement = std::move(parsed.statement), .problem = std::move(parsed.problem)};
  meaning.fingerprint = fingerprint(sample->sql);
  if (is_explainable(sample->sql)) meaning.plannable = plannable_queries(query);
  return meaning;
}

}  // namespace

std::vector<ClassMeaning> understand(const Workload& workload, const Catalog* catalog) {
  const ColumnOracle has_column = catalog ? column_oracle(*catalog) : ColumnOracle{};
  std::vector<ClassMeaning> meanings;
  meanings.reserve(workload.classes.size());
  for (const QueryClass& query : workload.classes) meanings.push_back(understand(query, has_column));
  return meanings;
}

ColumnOracle column_oracle(const Catalog& catalog) {
  using Columns = std::unordered_set<std::string_view>;
  auto known = std::make_shared<std::unordered_map<const Table*, Columns>>();
  auto by_name = std::make_shared<std::unordered_map<std::string_view, std::vector<const Table*>>>();
  for (const Table& table : catalog.tables) {
    if (table.columns.empty()) continue;  // a view of a dump: its columns are not known
    Columns& columns = (*known)[&table];
    for (const Column& column : table.columns) columns.insert(column.name);
    (*by_name)[table.name].push_back(&table);
  }
  return [known, by_name, &catalog](std::string_view schema, std::string_view relation,
                                    std::string_view column) -> std::optional<bool> {
    const auto named = by_name->find(relation);
    if (named == by_name->end()) return std::nullopt;
    const Table* table = catalog.find_table(schema, relation);
    const auto found = known->find(table);
    if (found == known->end()) return std::nullopt;
    return found->second.contains(column);
  };
}

}  // namespace assay
