// The shadow planner held against a server with data, query by query: plan, and cost to the last digit.
//
//   bench_shadow URI SNAPSHOT INPUT...
//
// URI names a private server whose data SNAPSHOT is of: the recommended indexes are really built on it. Every query of
// the INPUTs is planned by both, as things are, and with those indexes: hypothetical in the shadow, which knows the
// snapshot taken before, and real on the server. Where the two differ, the cause is found by taking one possible cause
// away after the other until they are equal:
//   rows    CREATE INDEX has counted the rows of its table; ANALYZE had estimated them
//   size    the index's pages and height as built, in place of those computed from statistics
//   height  of B-trees, which the snapshot had to guess
//   ends    the first and last value of indexed columns, which the server looks up in the index
// now() means the moment of planning on both sides. Printed as a table; the differences go to standard error.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "advisors/index_advisor.h"
#include "analyzer/array_text.h"
#include "analyzer/meaning.h"
#include "analyzer/planned_index.h"
#include "cli/catalog_source.h"
#include "cli/inputs.h"
#include "cli/options.h"
#include "cli/read_inputs.h"
#include "connectors/explain.h"
#include "connectors/postgres.h"
#include "connectors/session.h"
#include "connectors/shadow_planner.h"

namespace {

using namespace assay;

std::vector<PlannableQuery> queries_of(const Workload& workload, const std::vector<ClassMeaning>& meanings,
                                       const std::string& database) {
  std::vector<PlannableQuery> queries;
  for (std::size_t i = 0; i < meanings.size(); ++i) {
    if (workload.classes[i].database != database) continue;
    for (const WeightedQuery& weighted : meanings[i].plannable) {
      queries.push_back(weighted.query);
      queries.back().ran_at.reset();
    }
  }
  return queries;
}

PlanAnswer live_plan(Session& live, const PlannableQuery& query) {
  live.query("BEGIN READ ONLY");
  try {
    PlanNode plan = parse_plan(explain_json(live, query.sql, query.parameters));
    live.query("ROLLBACK");
    return plan;
  } catch (const SqlError& refusal) {
    roll_back(live);
    return Unplannable{refusal.what()};
  }
}

std::vector<PlanAnswer> live_plans(const std::string& uri, const std::vector<PlannableQuery>& queries) {
  Session live = open_server(uri);
  std::vector<PlanAnswer> answers;
  for (const PlannableQuery& query : queries) answers.push_back(live_plan(live, query));
  return answers;
}

std::vector<PlanAnswer> shadow_plans(ShadowPlanner& shadow, const std::vector<PlannableQuery>& queries,
                                     const PhysicalDesign& design) {
  std::vector<WhatIfQuestion> questions;
  for (const PlannableQuery& query : queries) questions.push_back({&query, &design});
  return shadow.plan_all(questions);
}

std::vector<PlanAnswer> plans_of_another_shadow(const Catalog& catalog, const std::vector<PlannableQuery>& queries,
                                                const PhysicalDesign& design) {
  ShadowPlanner shadow(catalog);
  return shadow_plans(shadow, queries, design);
}

/// Titles and children, without figures.
std::string shape_of(const PlanNode& plan) {
  std::string shape = "(" + plan.title;
  for (const PlanNode& child : plan.children) shape += shape_of(child);
  return shape + ")";
}

const PlanNode* plan_in(const PlanAnswer& answer) { return std::get_if<PlanNode>(&answer); }

bool equal(const PlanAnswer& a, const PlanAnswer& b) {
  if (!plan_in(a) || !plan_in(b)) return !plan_in(a) && !plan_in(b);
  return to_string(*plan_in(a)) == to_string(*plan_in(b));
}

std::string text_of(const PlanAnswer& answer) {
  return plan_in(answer) ? to_string(*plan_in(answer)) : std::get<Unplannable>(answer).reason + "\n";
}

/// The plans of both sides with some of the causes taken away.
struct Stage {
  const char* without;
  std::vector<PlanAnswer> shadow, live;
};

struct Tally {
  std::size_t queries = 0, refused = 0, only_here = 0, only_there = 0;
  std::size_t same_shape = 0, same_cost = 0, same_to_the_last_digit = 0, within_a_percent = 0;
  double farthest = 0;
  std::map<std::string, std::size_t> causes;
};

void add(const PlanAnswer& shadow, const PlanAnswer& live, Tally& tally) {
  ++tally.queries;
  const PlanNode *here = plan_in(shadow), *there = plan_in(live);
  tally.refused += !here && !there;
  tally.only_here += here && !there;
  tally.only_there += !here && there;
  if (!here || !there) return;
  const double far = std::abs(here->total_cost / there->total_cost - 1);
  tally.same_shape += shape_of(*here) == shape_of(*there);
  tally.same_cost += here->total_cost == there->total_cost;
  tally.same_to_the_last_digit += equal(shadow, live);
  tally.within_a_percent += far <= 0.01;
  tally.farthest = std::max(tally.farthest, far);
}

/// The first stage decides the figures, the later ones the causes.
Tally tally_of(const char* title, const std::vector<PlannableQuery>& queries, const std::vector<Stage>& stages) {
  Tally tally;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    add(stages[0].shadow[i], stages[0].live[i], tally);
    if (equal(stages[0].shadow[i], stages[0].live[i])) continue;
    std::string cause = "unknown";
    std::size_t last = 1;
    for (; last < stages.size(); ++last) {
      if (equal(stages[last].shadow[i], stages[last].live[i])) break;
    }
    if (last < stages.size()) cause = stages[last].without;
    ++tally.causes[cause];
    const Stage& shown = stages[last < stages.size() ? 0 : stages.size() - 1];
    fmt::print(stderr, "{}, cause: {}\n{}\nshadow:\n{}live:\n{}\n", title, cause, queries[i].sql.substr(0, 500),
               text_of(shown.shadow[i]), text_of(shown.live[i]));
  }
  return tally;
}

void print(const char* title, const Tally& tally) {
  fmt::print("{:34} {:4} queries, {} refused by both, {} by one\n", title, tally.queries, tally.refused,
             tally.only_here + tally.only_there);
  fmt::print(
      "{:34} {:4} same plan, {} same cost, {} same to the last digit everywhere, {} within 1 %, farthest {:.4f} %\n",
      "", tally.same_shape, tally.same_cost, tally.same_to_the_last_digit, tally.within_a_percent,
      100 * tally.farthest);
  for (const auto& [cause, count] : tally.causes) fmt::print("{:34} {:4} differ by: {}\n", "", count, cause);
}

void learn_heights(const Catalog& from, Catalog& to) {
  for (Index& index : to.indexes) {
    if (const Index* known = from.find_index(index.definition.schema, index.definition.name)) {
      if (index.height >= 0 && index.height != known->height)
        fmt::print(stderr, "told a wrong height: {}\n", index.sql);
      index.height = known->height;
    }
  }
}

/// First columns of B-trees: the planner looks up their ends (get_actual_variable_range).
void learn_ends(Session& live, Catalog& catalog, const std::vector<IndexDefinition>& indexes) {
  for (const IndexDefinition& index : indexes) {
    if (index.method != "btree" || !index.predicate.empty() || index.keys[0].column.empty()) continue;
    const auto table = std::find_if(catalog.tables.begin(), catalog.tables.end(),
                                    [&](const Table& t) { return t.schema == index.schema && t.name == index.table; });
    if (table == catalog.tables.end()) continue;
    for (Column& column : table->columns) {
      if (column.name != index.keys[0].column || column.statistics.empty()) continue;
      auto& bounds = column.statistics.front().histogram_bounds;
      if (!bounds) continue;
      const std::string name = quote_identifier(column.name);
      const std::string from = " FROM " + quote_identifier(table->schema) + "." + quote_identifier(table->name) +
                               " WHERE " + name + " IS NOT NULL ORDER BY 1";
      auto values = array_elements(*bounds);
      if (values.size() < 2) continue;
      const SqlRows first = live.query("SELECT " + name + from + " LIMIT 1");
      const SqlRows last = live.query("SELECT " + name + from + " DESC LIMIT 1");
      if (first.empty()) continue;
      values.front() = first[0][0];
      values.back() = last[0][0];
      std::string text;
      for (const auto& value : values) {
        text += text.empty() ? "{\"" : ",\"";
        for (const char c : *value) text += (c == '"' || c == '\\') ? std::string{'\\', c} : std::string{c};
        text += '"';
      }
      bounds = text + "}";
    }
  }
}

std::vector<IndexDefinition> definitions_of(const Catalog& catalog) {
  std::vector<IndexDefinition> all;
  for (const Index& index : catalog.indexes) all.push_back(index.definition);
  return all;
}

std::vector<IndexDefinition> recommended(const ReadLogs& logs, const std::vector<ClassMeaning>& meanings,
                                         const Catalog& catalog, ShadowPlanner& shadow, const std::string& database) {
  IndexAdvisorOptions options;
  options.database = database;
  std::vector<IndexDefinition> indexes;
  for (const Recommendation& one :
       advise_indexes(logs.workload, meanings, &catalog, &shadow, options).recommendations) {
    if (const auto* create = std::get_if<CreateIndex>(&one.change)) indexes.push_back(create->index);
  }
  return indexes;
}

/// CREATE INDEX counts the rows of its table: back to what ANALYZE had estimated.
void uncount_rows(Session& live, const Catalog& before) {
  for (const Table& table : before.tables) {
    live.query("UPDATE pg_class SET reltuples = $1::real WHERE oid = to_regclass($2) AND relkind IN ('r', 'm')",
               {fmt::format("{}", table.rows), quote_identifier(table.schema) + "." + quote_identifier(table.name)});
  }
}

void tell_sizes(const PhysicalDesign& computed, const PhysicalDesign& built) {
  std::size_t equal_pages = 0, equal_height = 0;
  double farthest = 0;
  for (std::size_t i = 0; i < built.created_indexes.size(); ++i) {
    const HypotheticalIndex &here = computed.created_indexes[i], &there = built.created_indexes[i];
    equal_pages += here.pages == there.pages;
    equal_height += here.height == there.height;
    const double far = std::abs(static_cast<double>(here.pages) / static_cast<double>(there.pages) - 1);
    farthest = std::max(farthest, far);
    fmt::print(stderr, "size: {}: {} pages, {} built; height {}, {} built\n", describe(here.definition), here.pages,
               there.pages, here.height, there.height);
  }
  fmt::print(
      "{:34} {:4} indexes recommended and built, {} of the computed height, {} of the computed pages, pages "
      "farthest {:.1f} %\n",
      "", built.created_indexes.size(), equal_height, equal_pages, 100 * farthest);
}

void run(int count, char** arguments) {
  const std::string uri = arguments[1];
  const Catalog catalog = catalog_of_file(arguments[2]);
  ReportOptions options;
  options.quiet = true;
  options.inputs.assign(arguments + 3, arguments + count);
  Diagnostics problems;
  const ReadLogs logs = read_inputs(expand_inputs(options.inputs, problems), options, &catalog);
  const std::vector<ClassMeaning> meanings = understand(logs.workload, &catalog);
  const std::string database = judged_database(logs.workload, &catalog);
  const std::vector<PlannableQuery> queries = queries_of(logs.workload, meanings, database);
  Session live = open_server(uri);
  ShadowPlanner shadow(catalog);
  for (const std::string& remark : shadow.remarks()) fmt::print(stderr, "remark: {}\n", remark);

  std::vector<Stage> today{{"", shadow_plans(shadow, queries, {}), live_plans(uri, queries)}};
  live.query("CREATE EXTENSION IF NOT EXISTS pageinspect");  // tells B-trees' heights
  Catalog knowing = catalog;
  learn_heights(catalog_of_server(uri), knowing);
  today.push_back({"height of a B-tree", plans_of_another_shadow(knowing, queries, {}), today[0].live});
  learn_ends(live, knowing, definitions_of(catalog));
  today.push_back({"ends of the data", plans_of_another_shadow(knowing, queries, {}), today[0].live});
  print("as is", tally_of("as is", queries, today));

  PhysicalDesign computed, built;
  for (const IndexDefinition& index : recommended(logs, meanings, catalog, shadow, database)) {
    const Table* table = catalog.find_table(index.schema, index.table);
    computed.created_indexes.push_back(planned_size(index, *table, shadow));
    live.query(create_index_sql(index, false));
  }
  live.query("CHECKPOINT");
  const Catalog after = catalog_of_server(uri);
  for (const HypotheticalIndex& index : computed.created_indexes) {
    const Index* real = after.find_index(index.definition.schema, index.definition.name);
    built.created_indexes.push_back({index.definition, real->pages, std::max(0, real->height), real->rows});
  }
  const auto hypothetical = shadow_plans(shadow, queries, computed), as_built = shadow_plans(shadow, queries, built);
  std::vector<Stage> with{{"", hypothetical, live_plans(uri, queries)}};
  uncount_rows(live, catalog);
  const std::vector<PlanAnswer> uncounted = live_plans(uri, queries);
  with.push_back({"rows counted by CREATE INDEX", hypothetical, uncounted});
  with.push_back({"size computed from statistics", as_built, uncounted});
  learn_ends(live, knowing, definitions_of(after));
  with.push_back({"height or ends", plans_of_another_shadow(knowing, queries, built), uncounted});
  print("with the recommended indexes", tally_of("with indexes", queries, with));
  tell_sizes(computed, built);
  for (const HypotheticalIndex& index : built.created_indexes) {  // the server is as it was
    live.query("DROP INDEX " + quote_identifier(index.definition.schema) + "." +
               quote_identifier(index.definition.name));
  }
  live.query("DROP EXTENSION pageinspect");
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    fmt::print(stderr, "usage: bench_shadow URI SNAPSHOT INPUT...\n");
    return 2;
  }
  try {
    run(count, arguments);
  } catch (const Error& problem) {
    fmt::print(stderr, "{}\n{}\n", problem.what(), problem.hint());
    return 1;
  }
  return 0;
}
