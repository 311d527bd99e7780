#include "analyzer/whole_demand.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

struct TracedClass {
  std::uint64_t executions = 0;
  double response = 0;  // sum, ms
  std::uint16_t client = 0;
};

std::vector<TracedClass> traced_classes(const Workload& workload) {
  std::vector<TracedClass> classes(workload.classes.size());
  workload.trace.for_each([&](const TraceEvent& event) {
    TracedClass& query = classes[event.query];
    ++query.executions;
    query.response += static_cast<double>(duration_of(event)) * 1e-3;
    query.client = event.client;
  });
  return classes;
}

class WholeDemand {
 public:
  WholeDemand(const Workload& workload, ServiceDemand& demand)
      : workload_(workload), demand_(demand), whole_(traced_classes(workload)) {}

  void run(double share) {
    const double response = demand_.mean_response();
    const double needed = response > 0 ? demand_.mean_demand() / response : 1;
    for (SessionGroup& group : demand_.groups) scale(group);
    for (std::uint32_t query = 0; query < whole_.size(); ++query) {
      ClassDemand& own = demand_.classes[query];
      if (own.measured == 0 && whole_[query].executions > 0) take_in(query, needed);
      own.executions = whole_[query].executions;
      in_proportion(own, whole_[query]);
    }
    std::stable_sort(demand_.groups.begin(), demand_.groups.end(),
                     [](const auto& a, const auto& b) { return a.executions > b.executions; });
    if (response > 0) {
      const double ratio = demand_.mean_response() / response;
      demand_.active *= ratio;
      demand_.busy = std::min(demand_.busy * ratio, static_cast<double>(demand_.cores));
    }
    demand_.span /= share;
    demand_.measured_share = share;
  }

 private:
  void scale(SessionGroup& group) const {
    group.executions = 0;
    for (auto& [query, count] : group.mix) {
      const double each = static_cast<double>(whole_[query].executions) /
                          static_cast<double>(std::max<std::uint64_t>(demand_.classes[query].measured, 1));
      count = static_cast<std::uint64_t>(std::llround(static_cast<double>(count) * each));
      group.executions += count;
    }
  }

  static void in_proportion(ClassDemand& own, const TracedClass& whole) {
    if (own.measured == 0 || own.response <= 0) return;
    const double ratio = whole.response / static_cast<double>(whole.executions) / own.response;
    own.response *= ratio;
    own.demand *= ratio;
    own.demand_squares *= ratio * ratio;
    own.wait *= ratio;
  }

  /// As widely spread as an exponential distribution.
  void take_in(std::uint32_t query, double needed) {
    ClassDemand& own = demand_.classes[query];
    own.response = whole_[query].response / static_cast<double>(whole_[query].executions);
    own.demand = own.response * needed;
    own.demand_squares = 2 * own.demand * own.demand;
    SessionGroup* group = group_of(whole_[query].client);
    if (group == nullptr) return;
    group->mix.insert(std::lower_bound(group->mix.begin(), group->mix.end(), std::pair(query, std::uint64_t{0})),
                      {query, whole_[query].executions});
    group->executions += whole_[query].executions;
  }

  SessionGroup* group_of(std::uint16_t client) const {
    const std::string name = client < workload_.clients.size() ? application_of(workload_.clients[client]) : "";
    const auto found = std::find_if(demand_.groups.begin(), demand_.groups.end(),
                                    [&](const SessionGroup& group) { return group.application == name; });
    if (found != demand_.groups.end()) return &*found;
    return demand_.groups.empty() ? nullptr : &demand_.groups.front();
  }

  const Workload& workload_;
  ServiceDemand& demand_;
  const std::vector<TracedClass> whole_;
};

}  // namespace

void stand_for_whole(const Workload& workload, const TracePart& part, ServiceDemand& demand) {
  if (!part.is_whole()) WholeDemand(workload, demand).run(part.share());
}

}  // namespace assay
