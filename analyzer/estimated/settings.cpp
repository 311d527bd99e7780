#include "analyzer/estimated/settings.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace assay {
namespace {

struct Quantity {
  double number = 0;
  std::string_view unit;
};

std::optional<Quantity> quantity(std::string_view text) {
  Quantity read;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), read.number);
  if (error != std::errc() || !std::isfinite(read.number) || read.number < 0) return std::nullopt;
  read.unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  while (read.unit.starts_with(' ')) read.unit.remove_prefix(1);
  return read;
}

double kilobytes_of(std::string_view unit, double bare) {
  if (unit == "B") return 1.0 / 1024;
  if (unit == "kB") return 1;
  if (unit == "MB") return 1024;
  if (unit == "GB") return 1024.0 * 1024;
  if (unit == "TB") return 1024.0 * 1024 * 1024;
  return bare;
}

class Reader {
 public:
  explicit Reader(const Catalog& catalog) : settings_(catalog.settings) {}

  void number(const char* name, double& value) const {
    if (const auto read = find(name)) value = read->number;
  }
  /// In units of `kilobytes`; so is a value without a unit.
  void memory(const char* name, double kilobytes, double& value) const {
    if (const auto read = find(name)) value = read->number * kilobytes_of(read->unit, kilobytes) / kilobytes;
  }
  void truth(const char* name, bool& value) const {
    const auto found = settings_.find(name);
    if (found != settings_.end()) value = found->second != "off";
  }

 private:
  std::optional<Quantity> find(const char* name) const {
    const auto found = settings_.find(name);
    return found == settings_.end() ? std::nullopt : quantity(found->second);
  }

  const std::map<std::string, std::string>& settings_;
};

}  // namespace

PlannerSettings planner_settings(const Catalog& catalog) {
  PlannerSettings settings;
  constexpr int kFifteen = 150000;
  if (catalog.server_version > 0 && catalog.server_version < kFifteen) settings.hash_mem_multiplier = 1;
  const Reader reader(catalog);
  reader.number("seq_page_cost", settings.seq_page_cost);
  reader.number("random_page_cost", settings.random_page_cost);
  reader.number("cpu_tuple_cost", settings.cpu_tuple_cost);
  reader.number("cpu_index_tuple_cost", settings.cpu_index_tuple_cost);
  reader.number("cpu_operator_cost", settings.cpu_operator_cost);
  reader.number("parallel_tuple_cost", settings.parallel_tuple_cost);
  reader.number("parallel_setup_cost", settings.parallel_setup_cost);
  reader.number("hash_mem_multiplier", settings.hash_mem_multiplier);
  reader.number("max_parallel_workers_per_gather", settings.max_parallel_workers_per_gather);
  reader.memory("effective_cache_size", 8, settings.effective_cache_size);
  reader.memory("work_mem", 1, settings.work_mem);
  reader.memory("min_parallel_table_scan_size", 8, settings.min_parallel_table_scan_size);
  reader.memory("min_parallel_index_scan_size", 8, settings.min_parallel_index_scan_size);
  reader.truth("parallel_leader_participation", settings.parallel_leader_participation);
  reader.truth("enable_seqscan", settings.seqscan);
  reader.truth("enable_indexscan", settings.indexscan);
  reader.truth("enable_indexonlyscan", settings.indexonlyscan);
  reader.truth("enable_bitmapscan", settings.bitmapscan);
  reader.truth("enable_sort", settings.sort);
  reader.truth("enable_incremental_sort", settings.incremental_sort);
  reader.truth("enable_hashagg", settings.hashagg);
  reader.truth("enable_hashjoin", settings.hashjoin);
  reader.truth("enable_mergejoin", settings.mergejoin);
  reader.truth("enable_nestloop", settings.nestloop);
  reader.truth("enable_material", settings.material);
  return settings;
}

}  // namespace assay
