// A class that is new and reads a large table from end to end: in production's planner, so that a test database with
// ten rows does not hide it.
#include <fmt/format.h>

#include "advisors/check/check.h"

namespace assay {
namespace {

const Table* large_table_read_whole(const PlanNode& node, const CheckSubject& subject) {
  if (node.type.ends_with("Seq Scan")) {
    const Table* table = subject.catalog->find_table("", node.relation);
    if (table && table->rows >= subject.settings.large_rows) return table;
  }
  for (const PlanNode& child : node.children) {
    if (const Table* table = large_table_read_whole(child, subject)) return table;
  }
  return nullptr;
}

}  // namespace

std::vector<Finding> sequential_scans(const CheckSubject& subject) {
  std::vector<Finding> findings;
  if (!subject.catalog) return findings;
  for (const PlannedClass& one : subject.planned) {
    if (!subject.is_new(one.position) || !subject.is_read(one.position)) continue;
    for (const PlanNode& plan : one.plans) {
      const Table* table = large_table_read_whole(plan, subject);
      if (!table) continue;
      findings.push_back(about_class(subject, one.position, table->name,
                                     fmt::format("reads {}, {:.0f} rows, from end to end: planned cost {:.0f}",
                                                 table->name, table->rows, one.cost),
                                     "assay report on the same inputs names the index that would serve it"));
      break;
    }
  }
  return findings;
}

}  // namespace assay
