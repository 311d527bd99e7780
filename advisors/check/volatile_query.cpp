// A SELECT that calls a volatile function: it runs for each row, no index serves a condition with it, and neither a
// cache nor a replica may answer.
#include "advisors/cache/function_volatility.h"
#include "advisors/check/check.h"

namespace assay {
namespace {

/// Whether calling it is what the statement is for: to draw a number, to take a lock.
bool is_the_purpose(const Statement& statement) { return statement.relations.empty(); }

bool is_volatile(const std::string& function, const Catalog* catalog) {
  const Dependence dependence = dependence_of_builtin(function, 0);
  if (dependence == Dependence::kRandom || dependence == Dependence::kSideEffects) return true;
  if (dependence != Dependence::kUnknown || !catalog) return false;
  const std::size_t dot = function.find('.');
  const std::string schema = dot == std::string::npos ? "" : function.substr(0, dot);
  const std::string name = dot == std::string::npos ? function : function.substr(dot + 1);
  return catalog->volatility_of(schema, name).value_or('s') == 'v';
}

}  // namespace

std::vector<Finding> volatile_queries(const CheckSubject& subject) {
  std::vector<Finding> findings;
  for (std::size_t position = 0; position < subject.meanings.size(); ++position) {
    if (!subject.is_read(position)) continue;
    const Statement& statement = *subject.meanings[position].statement;
    if (statement.kind != StatementKind::kSelect || is_the_purpose(statement)) continue;
    for (const std::string& function : statement.functions) {
      if (!is_volatile(function, subject.catalog)) continue;
      findings.push_back(about_class(subject, position, function,
                                     "calls " + function + "(), which is volatile: it runs for each row",
                                     "compute the value once, in the application or in a subquery"));
      break;
    }
  }
  return findings;
}

}  // namespace assay
