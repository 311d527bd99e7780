// What-if calls a second in the shadow, on the sample CRM: every class under today's design, with each of its
// candidates, and with each pair of them; one by one, and together over several connections.
// Ratios within one run are what to quote.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <map>

#include "advisors/candidates.h"
#include "analyzer/index_size.h"
#include "analyzer/meaning.h"
#include "cli/inputs.h"
#include "cli/read_inputs.h"
#include "connectors/shadow_planner.h"
#include "connectors/snapshot.h"

namespace {

using namespace assay;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct Questions {
  std::vector<ClassMeaning> meanings;
  std::vector<PhysicalDesign> designs;
  std::vector<std::pair<const PlannableQuery*, std::size_t>> asked;  // and the position of a design
};

Questions questions_of(const Workload& workload, const Catalog& catalog) {
  Questions questions{understand(workload, &catalog), {{}}, {}};
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < questions.meanings.size(); ++i) {
    if (questions.meanings[i].statement && !questions.meanings[i].plannable.empty()) all.push_back(i);
  }
  std::map<std::size_t, std::vector<HypotheticalIndex>> own;
  for (const Candidate& candidate : generate_candidates(questions.meanings, all, &catalog).list) {
    const Table* table = catalog.find_table(candidate.definition.schema, candidate.definition.table);
    for (const std::size_t i : candidate.classes) own[i].push_back(sized(candidate.definition, *table));
  }
  for (const std::size_t i : all) {
    const PlannableQuery* query = &questions.meanings[i].plannable.front().query;
    const auto ask = [&](PhysicalDesign design) {
      questions.designs.push_back(std::move(design));
      questions.asked.emplace_back(query, questions.designs.size() - 1);
    };
    ask({});
    for (const HypotheticalIndex& first : own[i]) {
      ask({.created_indexes = {first}});
      for (const HypotheticalIndex& second : own[i]) {
        if (first.definition.name < second.definition.name) ask({.created_indexes = {first, second}});
      }
    }
  }
  return questions;
}

void tell(const char* how, std::size_t calls, double seconds) {
  fmt::print("{:40} {:6} calls {:7.3f} s {:8.0f} calls/s\n", how, calls, seconds, static_cast<double>(calls) / seconds);
}

}  // namespace

int main() {
  const std::string folder = std::string(ASSAY_SAMPLES) + "/crm/recorded/";
  const Catalog catalog = load_catalog(folder + "crm.snapshot");
  Diagnostics problems;
  ReportOptions options;
  options.quiet = true;
  const Workload workload = read_inputs(expand_inputs({folder + "crm.log.zst"}, problems), options, &catalog).workload;
  const Questions questions = questions_of(workload, catalog);
  {
    ShadowPlanner shadow(catalog);
    for (const char* how : {"one by one, indexes to be created", "one by one, again"}) {
      const auto start = Clock::now();
      for (const auto& [query, design] : questions.asked) shadow.plan(*query, questions.designs[design]);
      tell(how, questions.asked.size(), seconds_since(start));
    }
  }
#ifndef ASSAY_ONE_BY_ONE
  std::vector<WhatIfQuestion> all;
  for (const auto& [query, design] : questions.asked) all.push_back({query, &questions.designs[design]});
  for (const std::size_t connections : {1, 2, 4}) {
    ShadowPlanner shadow(catalog, connections);
    for (const char* how : {"together, indexes to be created", "together, again"}) {
      const auto start = Clock::now();
      shadow.plan_all(all);
      tell(fmt::format("{}, {} connections", how, connections).c_str(), all.size(), seconds_since(start));
    }
  }
#endif
}
