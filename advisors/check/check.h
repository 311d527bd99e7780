// The gate before a release: rules that look at what a release asks of the database, and what each found.
//
// Every rule has an id and a default level, one file each. A finding is about a class, a foreign key or a kind of
// request, by a subject that is the same from run to run: what was accepted once stays accepted, in a baseline.
// Without a planner the rules that look at plans find nothing, and say so by `unjudged`.
// Leaves out: where a class stands in a file (cli knows), and what a rule's finding would cost production: the report
// has that.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analyzer/catalog.h"
#include "analyzer/cost_model.h"
#include "analyzer/meaning.h"
#include "analyzer/request_loads.h"
#include "analyzer/workload.h"

namespace assay {

enum class Level { kOff, kNote, kWarning, kError };

/// "off", "note", "warning", "error".
std::string_view to_string(Level level);
std::optional<Level> parse_level(std::string_view text);

struct Finding {
  std::string_view rule;                ///< id
  Level level = Level::kWarning;        ///< as the rule's setting has it
  std::string subject;                  ///< a class's name, "table (columns)", a tag: the same from run to run
  std::optional<std::size_t> position;  ///< of the class, in Workload::classes
  std::string word;                     ///< of the statement, where a caret may point: "OFFSET"; may be empty
  std::string message, hint;            ///< one sentence each, without capital and full stop
};

/// One class, planned as production would: its values' plans.
struct PlannedClass {
  std::size_t position = 0;
  double cost = 0;  ///< an execution, weighted over the values; planner's units
  std::vector<PlanNode> plans;
};

/// What an earlier run saw and somebody accepted.
struct CheckBaseline {
  std::map<std::string, std::optional<double>> costs;      ///< of each class known then, by name; nothing: unplanned
  std::set<std::pair<std::string, std::string>> accepted;  ///< rule and subject
};

struct CheckSettings {
  std::map<std::string, Level, std::less<>> levels;  ///< that differ from the rules' own
  double large_rows = 10'000;                        ///< a table of so many rows is large
  double costlier = 2;                               ///< times the baseline's cost
  std::map<std::string, double> budgets_ms;          ///< of a request, by its tag
};

struct CheckSubject {
  const Workload& workload;
  const std::vector<ClassMeaning>& meanings;
  const Catalog* catalog = nullptr;         ///< null: nothing is known of the tables
  const CheckBaseline* baseline = nullptr;  ///< null: every class is new
  std::vector<PlannedClass> planned;        ///< in the workload's order
  std::vector<RequestLoad> requests;
  CheckSettings settings;

  bool is_new(std::size_t position) const;
  const PlannedClass* planned_class(std::size_t position) const;
  /// Statements that only look at the system's catalogs, or that nobody could read, are nobody's release.
  bool is_read(std::size_t position) const;
};

/// What a rule found; `rule` and `level` are filled in by check().
using CheckRuleFunction = std::vector<Finding> (*)(const CheckSubject& subject);

struct CheckRule {
  std::string_view id;
  Level level;            ///< by default
  std::string_view what;  ///< one line, for help and documentation
  CheckRuleFunction find;
};

std::vector<Finding> sequential_scans(const CheckSubject& subject);
std::vector<Finding> costlier_classes(const CheckSubject& subject);
std::vector<Finding> loops_of_statements(const CheckSubject& subject);
std::vector<Finding> foreign_keys_without_index(const CheckSubject& subject);
std::vector<Finding> volatile_queries(const CheckSubject& subject);
std::vector<Finding> unbounded_queries(const CheckSubject& subject);
std::vector<Finding> deletes_without_where(const CheckSubject& subject);
std::vector<Finding> updates_without_where(const CheckSubject& subject);
std::vector<Finding> offsets(const CheckSubject& subject);
std::vector<Finding> requests_over_budget(const CheckSubject& subject);

/// All of them, worst first.
const std::vector<CheckRule>& check_rules();

/// Plans every class that can be planned, at its values. `model` null: none.
std::vector<PlannedClass> plan_classes(const std::vector<ClassMeaning>& meanings, CostModel* model);

/// What all rules found that are not off, in the rules' order; what the baseline accepted is left out.
std::vector<Finding> check(const CheckSubject& subject);

/// Shared by the rules: a finding about a class.
Finding about_class(const CheckSubject& subject, std::size_t position, std::string word, std::string message,
                    std::string hint);

}  // namespace assay
