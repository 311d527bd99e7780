#include "advisors/partition/table_signals.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "advisors/judged_classes.h"
#include "advisors/partition/key_range.h"
#include "advisors/rules/table_facts.h"
#include "analyzer/array_text.h"

namespace assay {
namespace {

constexpr double kMonth = 30 * 86400.0;
constexpr double kLeastCounterDays = 1;

/// Mentions of the table in the statement, by their index in Statement::relations.
std::vector<int> mentions(const Statement& statement, const Catalog& catalog, const Table& table) {
  std::vector<int> found;
  for (std::size_t i = 0; i < statement.relations.size(); ++i) {
    const RelationUse& use = statement.relations[i];
    if (use.name == table.name && catalog.find_table(use.schema, use.name) == &table) {
      found.push_back(static_cast<int>(i));
    }
  }
  return found;
}

bool is_of(const ColumnUse& use, const std::vector<int>& mentions) {
  return std::find(mentions.begin(), mentions.end(), use.relation) != mentions.end();
}

/// What a class narrows the table by: columns with = or IN, and with <, >= or BETWEEN.
struct Narrowed {
  std::set<std::string> equal, range;
  bool others = false;  ///< predicates that are no such comparison
};

Narrowed narrowed_by(const Statement& statement, const std::vector<int>& mentions) {
  Narrowed narrowed;
  for (const Predicate& predicate : statement.predicates) {
    if (!is_of(predicate.column, mentions)) continue;
    const bool equal = predicate.kind == PredicateKind::kEqual || predicate.kind == PredicateKind::kIn;
    narrowed.others |= !(equal || predicate.kind == PredicateKind::kRange) || !predicate.conjunct;
    if (!predicate.conjunct || predicate.volatile_value) continue;
    if (predicate.kind == PredicateKind::kRange) narrowed.range.insert(predicate.column.name);
    if (equal && predicate.subquery < 0) narrowed.equal.insert(predicate.column.name);
  }
  return narrowed;
}

double weighted_median(std::vector<std::pair<double, double>> values) {
  std::sort(values.begin(), values.end());
  double all = 0, sum = 0;
  for (const auto& [value, weight] : values) all += weight;
  for (const auto& [value, weight] : values) {
    sum += weight;
    if (2 * sum >= all) return value;
  }
  return values.empty() ? 0 : values.back().first;
}

std::optional<double> days_of_counters(const Catalog& catalog) {
  if (!catalog.taken_at || !catalog.statistics_reset) return std::nullopt;
  const auto age = catalog.taken_at->utc - catalog.statistics_reset->utc;
  const double days = static_cast<double>(age.count()) / 1e6 / 86400;
  return days >= kLeastCounterDays ? std::optional(days) : std::nullopt;
}

class Collector {
 public:
  Collector(const Workload& workload, const std::vector<ClassMeaning>& meanings, const Catalog& catalog,
            const std::vector<JudgedClass>& classes, const Table& table)
      : workload_(workload), meanings_(meanings), catalog_(catalog), classes_(classes), table_(table) {
    signals_.table = &table;
  }

  TableSignals collect() {
    for (std::size_t i = 0; i < classes_.size(); ++i) add_class(i);
    if (signals_.classes.empty()) return std::move(signals_);
    sizes();
    growth();
    vacuum();
    bloat();
    keys();
    retention();
    return std::move(signals_);
  }

 private:
  void add_class(std::size_t i);
  void add_key(const std::string& name, const JudgedClass& query, bool range);
  void add_ranges(const JudgedClass& query, const Statement& statement, const std::string& column, bool is_alone);
  KeySignals* key(const std::string& name);
  void sizes();
  void growth();
  void vacuum();
  void bloat();
  void keys();
  void retention();

  const Workload& workload_;
  const std::vector<ClassMeaning>& meanings_;
  const Catalog& catalog_;
  const std::vector<JudgedClass>& classes_;
  const Table& table_;
  TableSignals signals_;
  std::map<std::string, std::vector<std::pair<double, double>>> widths_;  // seconds, weight
  std::map<std::string, RetentionSignals> retentions_;                    // by column
  double inserts_per_s_ = 0;
};

KeySignals* Collector::key(const std::string& name) {
  const auto found = std::find_if(signals_.keys.begin(), signals_.keys.end(),
                                  [&](const KeySignals& known) { return known.column->name == name; });
  if (found != signals_.keys.end()) return &*found;
  const Column* column = find_column(table_, name);
  if (!column) return nullptr;
  signals_.keys.push_back({.column = column, .is_time = is_time_type(column->type)});
  return &signals_.keys.back();
}

void Collector::add_class(std::size_t i) {
  const JudgedClass& query = classes_[i];
  const Statement& statement = *meanings_[query.position].statement;
  const std::vector<int> mentioned = mentions(statement, catalog_, table_);
  if (mentioned.empty()) return;
  signals_.classes.push_back(i);
  signals_.time_ms_per_s += query.time_ms_per_s;
  signals_.calls_per_s += query.calls_per_s;
  const Narrowed narrowed = narrowed_by(statement, mentioned);
  for (const std::string& column : narrowed.equal) add_key(column, query, false);
  for (const std::string& column : narrowed.range) {
    if (!narrowed.equal.contains(column)) add_key(column, query, true);
    add_ranges(query, statement, column, narrowed.equal.empty() && narrowed.range.size() == 1 && !narrowed.others);
  }
  const bool written = std::any_of(mentioned.begin(), mentioned.end(), [&](int relation) {
    return statement.relations[static_cast<std::size_t>(relation)].written;
  });
  if (!written) return;
  if (statement.kind == StatementKind::kInsert) inserts_per_s_ += query.calls_per_s * rows_written(query);
  if (statement.kind != StatementKind::kUpdate && !statement.on_conflict) return;
  for (const ColumnUse& column : statement.columns_written) {
    const bool updates = statement.kind == StatementKind::kUpdate && is_of(column, mentioned);
    if (KeySignals* known = updates ? key(column.name) : nullptr) known->updates_per_s += query.calls_per_s;
  }
}

void Collector::add_key(const std::string& name, const JudgedClass& query, bool range) {
  KeySignals* known = key(name);
  if (!known) return;
  (range ? known->range_ms_per_s : known->equality_ms_per_s) += query.time_ms_per_s;
}

/// `is_alone`: nothing else narrows the table, so that a DELETE takes whole stretches of the key.
void Collector::add_ranges(const JudgedClass& query, const Statement& statement, const std::string& column,
                           bool is_alone) {
  const KeySignals* known = key(column);
  if (!known || !known->is_time) return;
  const ClassMeaning& meaning = meanings_[query.position];
  bool is_old = statement.kind == StatementKind::kDelete && is_alone;
  std::optional<double> age;
  for (const JudgedValue& value : query.values) {
    const PlannableQuery& asked = meaning.plannable[value.value].query;
    const ZonedTime now = asked.ran_at.value_or(workload_.last.value_or(ZonedTime{}));
    const auto range = asked_range(*value.today, table_.name, column, now);
    const double at = static_cast<double>(now.utc.time_since_epoch().count()) / 1e6;
    is_old = is_old && range && range->to && !range->from;
    if (!range) continue;
    if (range->from) {
      const double width = range->to.value_or(std::max(at, *range->from)) - *range->from;
      if (width >= 0) widths_[column].emplace_back(width, query.time_ms_per_s * value.weight);
    } else if (is_old && range->to) {
      age = std::min(age.value_or(at - *range->to), at - *range->to);
    }
  }
  if (!is_old || query.values.empty()) return;
  RetentionSignals& retention = retentions_[column];
  retention.column = column;
  retention.classes.push_back(query.position);
  retention.ms_per_s += query.time_ms_per_s;
  retention.rows_per_s += query.calls_per_s * rows_written(query);
  if (age && *age > 0) retention.age = std::min(retention.age.value_or(*age), *age);
}

void Collector::sizes() {
  signals_.heap_bytes = table_.pages * 8192;
  for (const Index* index : catalog_.indexes_of(table_)) {
    signals_.index_bytes += std::max<std::int64_t>(index->pages, 0) * 8192;
    ++signals_.indexes;
  }
}

void Collector::growth() {
  const auto days = days_of_counters(catalog_);
  if (table_.counters && days && table_.counters->inserted > 0) {
    signals_.rows_per_month = static_cast<double>(table_.counters->inserted) / *days * 30;
    signals_.growth_source = "the server's counters";
  } else if (inserts_per_s_ > 0 && workload_.span()) {
    signals_.rows_per_month = inserts_per_s_ * kMonth;
    signals_.growth_source = "the INSERTs of the log, as if it ran on like that";
  }
  if (table_.counters && days) {
    const TableCounters& counters = *table_.counters;
    const auto dead = static_cast<double>(counters.updated - counters.hot_updated + counters.deleted);
    signals_.dead_rows_per_month = dead / *days * 30;
  }
}

void Collector::vacuum() {
  if (table_.dead_rows && table_.rows > 0) {
    signals_.dead_share = static_cast<double>(table_.dead_rows->count) / table_.rows;
    const auto& last = table_.dead_rows->last_vacuum;
    if (last && catalog_.taken_at) {
      const Microseconds age = catalog_.taken_at->utc - last->utc;
      signals_.days_since_vacuum = std::max(0.0, static_cast<double>(age.count()) / 1e6 / 86400);
    }
  }
  const auto span = workload_.span();
  const std::string name = catalog_.database + "." + table_.schema + "." + table_.name;
  for (const TableMaintenance& work : workload_.events.maintenance) {
    if (!span || work.table != name) continue;
    signals_.vacuum_ms_per_s +=
        static_cast<double>(work.vacuum_time.count()) / 1e3 / (static_cast<double>(span->count()) / 1e6);
  }
}

// Aligned rows with their header and line pointer, in pages filled to the last byte.
void Collector::bloat() {
  if (table_.rows < 1 || table_.pages < 1) return;
  double width = 0;
  for (const Column& column : table_.columns) {
    if (column.statistics.empty()) return;
    width += column.statistics.front().average_width * (1 - column.statistics.front().null_fraction);
  }
  constexpr double kRowOverhead = 24 + 4 + 4;  // header, line pointer, half an alignment
  constexpr double kPage = 8192 - 24;
  signals_.bloat = static_cast<double>(table_.pages) / std::max(1.0, table_.rows * (width + kRowOverhead) / kPage);
}

void Collector::keys() {
  const TableFacts facts(&catalog_, &table_);
  for (KeySignals& known : signals_.keys) {
    known.distinct = facts.distinct(known.column->name);
    if (const ColumnStatistics* statistics = facts.statistics(known.column->name)) {
      known.correlation = statistics->correlation;
      known.null_share = statistics->null_fraction;
      const auto frequencies = array_numbers(statistics->most_common_frequencies.value_or("{}"));
      if (!frequencies.empty()) known.most_common_share = frequencies.front();
      if (statistics->distinct == 1) known.most_common_share = 1 - statistics->null_fraction;
    }
    const auto widths = widths_.find(known.column->name);
    if (widths != widths_.end()) known.median_width = weighted_median(widths->second);
  }
  std::stable_sort(signals_.keys.begin(), signals_.keys.end(),
                   [](const KeySignals& a, const KeySignals& b) { return a.time_ms_per_s() > b.time_ms_per_s(); });
}

void Collector::retention() {
  for (auto& [column, retention] : retentions_) {
    if (signals_.retention && signals_.retention->ms_per_s >= retention.ms_per_s) continue;
    signals_.retention = std::move(retention);
  }
  if (!signals_.retention) return;
  RetentionSignals& found = *signals_.retention;
  const auto days = days_of_counters(catalog_);
  if (table_.counters && days && table_.counters->deleted > 0) {
    found.rows_per_month = static_cast<double>(table_.counters->deleted) / *days * 30;
    found.rows_source = "the server's counters";
  } else if (found.age && *found.age > 0 && table_.rows > 0) {
    found.rows_per_month = table_.rows / *found.age * kMonth;
    found.rows_source = "what it holds and how long it is kept";
  }
}

}  // namespace

const KeySignals* TableSignals::key(const std::string& column) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const KeySignals& known) { return known.column->name == column; });
  return found == keys.end() ? nullptr : &*found;
}

std::vector<TableSignals> table_signals(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                        const Catalog& catalog, const std::vector<JudgedClass>& classes) {
  std::set<std::string> named;
  for (const JudgedClass& query : classes) {
    for (const RelationUse& use : meanings[query.position].statement->relations) named.insert(use.name);
  }
  std::vector<TableSignals> all;
  for (const Table& table : catalog.tables) {
    if ((table.kind != 'r' && table.kind != 'p') || !named.contains(table.name)) continue;
    TableSignals signals = Collector(workload, meanings, catalog, classes, table).collect();
    if (!signals.classes.empty()) all.push_back(std::move(signals));
  }
  return all;
}

bool is_time_type(const std::string& type) { return type == "date" || type.starts_with("timestamp"); }

}  // namespace assay
