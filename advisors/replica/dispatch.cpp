#include "advisors/replica/dispatch.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace assay {
namespace {

class Dispatcher {
 public:
  Dispatcher(RoutingPolicy policy, DispatchRules rules)
      : policy_(policy), rules_(std::move(rules)), due_(rules_.routed.size(), 0.5), credit_(rules_.replicas + 1, 0) {}

  std::size_t place(std::uint32_t query, const std::vector<ServerLoad>& loads) {
    if (rules_.replicas == 0 || !may_go(query)) return 0;
    switch (policy_) {
      case RoutingPolicy::kRoundRobin:
        return next_of(rules_.replicas);
      case RoutingPolicy::kWeighted:
        return by_weight();
      case RoutingPolicy::kLeastConnections:
        return least(loads, rules_.replicas, [](const ServerLoad& load) { return double(load.statements); });
      case RoutingPolicy::kLeastLoaded:
        return least(loads, rules_.replicas, [](const ServerLoad& load) { return load.left; });
      case RoutingPolicy::kByClass:
        return by_class(query, loads);
    }
    return 0;
  }

 private:
  /// Each class's share, evenly: the count of those that went never departs from it by one.
  bool may_go(std::uint32_t query) {
    if (query >= due_.size()) return false;
    due_[query] += rules_.routed[query];
    if (due_[query] < 1) return false;
    due_[query] -= 1;
    return true;
  }

  std::size_t next_of(std::size_t count) { return 1 + turn_++ % count; }

  /// Smooth weighted round robin, as nginx does it: every server earns its weight, who has most pays for all.
  std::size_t by_weight() {
    double all = 0;
    for (std::size_t i = 0; i < credit_.size(); ++i) {
      credit_[i] += rules_.weights[i];
      all += rules_.weights[i];
    }
    const auto most = static_cast<std::size_t>(std::max_element(credit_.begin(), credit_.end()) - credit_.begin());
    credit_[most] -= all;
    return most;
  }

  /// Of the first `count` replicas; of several alike the next in turn.
  template <typename Measure>
  std::size_t least(const std::vector<ServerLoad>& loads, std::size_t count, Measure measure) {
    const std::size_t first = turn_++;
    std::size_t best = 1 + first % count;
    for (std::size_t i = 1; i < count; ++i) {
      const std::size_t other = 1 + (first + i) % count;
      if (measure(loads[other]) < measure(loads[best])) best = other;
    }
    return best;
  }

  std::size_t by_class(std::uint32_t query, const std::vector<ServerLoad>& loads) {
    if (rules_.replicas < 2) return 1;
    if (query < rules_.is_long.size() && rules_.is_long[query]) return rules_.replicas;
    return least(loads, rules_.replicas - 1, [](const ServerLoad& load) { return double(load.statements); });
  }

  RoutingPolicy policy_;
  DispatchRules rules_;
  std::vector<double> due_;     // by class: what has come due of its share
  std::vector<double> credit_;  // by server
  std::size_t turn_ = 0;
};

}  // namespace

std::string_view to_string(RoutingPolicy policy) {
  switch (policy) {
    case RoutingPolicy::kRoundRobin:
      return "round_robin";
    case RoutingPolicy::kWeighted:
      return "weighted";
    case RoutingPolicy::kLeastConnections:
      return "least_connections";
    case RoutingPolicy::kLeastLoaded:
      return "least_loaded";
    default:
      return "by_class";
  }
}

Dispatch dispatch_by(RoutingPolicy policy, DispatchRules rules) {
  const auto dispatcher = std::make_shared<Dispatcher>(policy, std::move(rules));
  return [dispatcher](const ScriptedStatement& statement, double, const std::vector<ServerLoad>& loads) {
    return dispatcher->place(statement.query, loads);
  };
}

}  // namespace assay
