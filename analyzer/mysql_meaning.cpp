#include "analyzer/mysql_meaning.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "parser/sql/mysql_statement.h"

namespace assay {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

ClassMeaning understand(const QueryClass& query) {
  if (query.dialect != SqlDialect::kMysql) return {.problem = "not in MySQL's SQL"};
  if (query.samples.empty()) return {.problem = "no text of it was kept"};
  ParsedStatement parsed = parse_mysql_statement(query.samples.front().sql);
  ClassMeaning meaning{.statement = std::move(parsed.statement), .problem = std::move(parsed.problem)};
  if (!meaning.statement) return meaning;
  for (RelationUse& relation : meaning.statement->relations) {
    if (relation.schema.empty()) relation.schema = lower(query.database);
  }
  return meaning;
}

}  // namespace

std::vector<ClassMeaning> understand_mysql(const Workload& workload) {
  std::vector<ClassMeaning> meanings;
  meanings.reserve(workload.classes.size());
  for (const QueryClass& query : workload.classes) meanings.push_back(understand(query));
  return meanings;
}

}  // namespace assay
