#include "advisors/forecast/throughput.h"

#include <fmt/format.h>

#include <cmath>

#include "advisors/forecast/recommendation_steps.h"
#include "advisors/forecast/refusals.h"

namespace assay {
namespace {

void warn_of_mismatch(Throughput& throughput) {
  constexpr double kNoticed = 0.15;
  const double modelled = throughput.forecast->before.throughput.value,
               logged = throughput.forecast->measured_throughput;
  if (std::abs(modelled / logged - 1) < kNoticed) return;
  throughput.warnings.push_back(
      fmt::format("the model of today gives {:.0f} statements a second where the log has {:.0f}: something that the "
                  "log does not tell "
                  "of holds the sessions up, such as other programs on the machine, or the load came and went; the "
                  "band is wider for it",
                  modelled, logged));
}

void tell_assumptions(Throughput& throughput) {
  const ServiceDemand& demand = *throughput.demand;
  auto& told = throughput.assumptions;
  if (throughput.cores_assumed) {
    told.push_back(
        fmt::format("the server has {} cores: neither the log nor the catalog tells, and all figures hang on it; "
                    "give `--cores N`",
                    throughput.cores));
  }
  if (demand.measured_share < 1) {
    told.push_back(fmt::format(
        "what ran beside what is measured on {:.2g} % of the traced executions, in {} windows spread evenly over them; "
        "rates and mix are those of all",
        100 * demand.measured_share, TracePart::kWindows));
  }
  told.push_back(
      "statements share the cores alike (processor sharing), and what the log does not show apart, I/O above "
      "all, counts as work of the processor");
  if (demand.hidden_evidence == HiddenEvidence::kMeasured) {
    told.push_back(
        fmt::format("each statement costs {:.3f} ms that no duration shows (protocol, logging{}), by the gaps of "
                    "sessions that go on at once",
                    demand.hidden, demand.clients_are_local ? ", the client" : ""));
  } else {
    told.push_back(
        fmt::format("each statement costs {:.3f} ms that no duration shows (protocol, logging{}): the log has too "
                    "few sessions that go on at once to tell",
                    demand.hidden, demand.clients_are_local ? ", the client" : ""));
  }
  told.push_back(demand.clients_are_local
                     ? "the clients run on the server's machine, by their addresses, and use its cores"
                     : "the clients run on other machines, by their addresses: what a gap hides is the network's");
  told.push_back(
      "the statements are logged after the change as they were before; the log's own cost is in the figures");
  if (throughput.forecast) warn_of_mismatch(throughput);
  if (throughput.forecast && throughput.forecast->calibration.is_assumed && !throughput.forecast->steps.empty()) {
    told.push_back(
        "a statement's fixed price is that of 10 units of planner's cost: too few classes were planned to tell");
  }
}

}  // namespace

MeasuredLoad measure_load(const Workload& workload, std::optional<std::size_t> cores) {
  MeasuredLoad load{.throughput = {.cores = cores.value_or(kAssumedCores), .cores_assumed = !cores}, .measured = {}};
  load.throughput.refusals = forbidden_by_log(workload);
  if (!load.throughput.refusals.empty()) return load;
  load.measured = measure_demand(workload, load.throughput.cores);
  Refusals found = refusals(workload, load.measured->demand);
  load.throughput.refusals = std::move(found.forbidding);
  load.throughput.warnings = std::move(found.warning);
  if (load.throughput.refusals.empty()) correct_for_stamps(*load.measured);
  return load;
}

Throughput forecast_throughput(const MeasuredLoad& load, const Workload& workload,
                               const std::vector<ClassMeaning>& meanings, const Advice& advice,
                               const std::vector<Recommendation>& caches, const std::vector<Recommendation>& partitions,
                               const Catalog* catalog, CostModel* planner) {
  Throughput throughput = load.throughput;
  if (!load.measured) return throughput;
  if (throughput.refusals.empty()) {
    throughput.input =
        forecast_input(advice, workload, meanings, load.measured->demand, caches, partitions, catalog, planner);
    throughput.forecast = make_forecast(*load.measured, throughput.input);
  }
  throughput.demand = load.measured->demand;
  tell_assumptions(throughput);
  if (throughput.forecast && !caches.empty()) {
    throughput.assumptions.push_back(
        "what a cache answers counts as a statement and needs nothing of the database but what no duration shows; the "
        "cache itself runs on another machine, and hits as often as in this log");
  }
  return throughput;
}

}  // namespace assay
