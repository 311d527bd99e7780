// Read replicas: which reads may leave the primary, what so many servers would bring, by which policy, what to paste.
#include <algorithm>
#include <cmath>

#include "cli/markdown.h"

namespace assay {
namespace {

constexpr std::size_t kApplicationsShown = 10;

std::string lag_text(std::int64_t us) { return us == 0 ? "none" : milliseconds_text(static_cast<double>(us) / 1e3); }

const char* policy_text(RoutingPolicy policy) {
  switch (policy) {
    case RoutingPolicy::kRoundRobin:
      return "round robin";
    case RoutingPolicy::kWeighted:
      return "weighted, the primary with them";
    case RoutingPolicy::kLeastConnections:
      return "least connections";
    case RoutingPolicy::kLeastLoaded:
      return "least loaded (a bound: no balancer knows it)";
    default:
      return "by class: long reads on the last one";
  }
}

std::string capacity_text(const FleetPoint& point) {
  return std::isfinite(point.capacity) ? rate_text(point.capacity) : "–";
}

std::string replicas_text(const std::vector<double>& each) {
  if (each.empty()) return "–";
  const auto [least, most] = std::minmax_element(each.begin(), each.end());
  return *most - *least < 0.01 ? share_text(*most) : fmt::format("{} to {}", share_text(*least), share_text(*most));
}

std::string servers_text(std::size_t replicas) { return plural(replicas, "replica", "replicas"); }

}  // namespace

void Markdown::replicas() {
  const ReplicaAdvice& advice = report_.replicas;
  if (!advice.is_judged) return;
  heading("replicas", "Replicas");
  if (!advice.refusal.empty()) {
    say("Which reads could leave the primary is not told: {}.\n\n", plain_text(advice.refusal));
    return hindered_reads();
  }
  replica_verdict();
  // Where nothing is to be gained, one paragraph is enough for most.
  const bool folded = advice.recommendations.empty() && !(advice.fleet && advice.fleet->has_targets);
  if (folded) say("<details><summary>Which reads could go, and what replicas would bring</summary>\n\n");
  safe_reads();
  if (advice.fleet) {
    fleet(*advice.fleet);
    routing_policies(*advice.fleet);
  }
  if (folded) say("</details>\n\n");
  hindered_reads();
  replica_recipes();
}

void Markdown::replica_verdict() {
  const ReplicaAdvice& advice = report_.replicas;
  const double share = advice.share.reads.share(kAssumedLag);
  say("Of {} reads, {} could have gone to a replica that lags by {}, in whole transactions, and no session would have "
      "missed what it had written itself. ",
      count_text(advice.share.reads.executions), share_text(share), lag_text(kReplicaLags[kAssumedLag]));
  if (!advice.fleet) {
    say("What replicas would bring is not told: {}.\n\n", plain_text(advice.fleet_refusal));
    return;
  }
  const FleetAdvice& fleet = *advice.fleet;
  const FleetPoint& without = fleet.curve.front();
  if (advice.recommendations.empty()) {
    say("**Nothing to gain from a server more:** with all else in place the primary is at work {} of the time, and a "
        "replica would bring {:.2f} times the throughput; {}.",
        share_text(without.primary), fleet.gain, plain_text(fleet.why_no_more));
  } else {
    const auto& change = std::get<AddReplica>(advice.recommendations.front().change);
    say("<a id=\"{}\"></a>**{}: add {}** ({} cores each): {} instead of {}, 95 % of the answers within {} instead of "
        "{}, with all else in place. Price: {} to run.",
        lower(advice.recommendations.front().id), advice.recommendations.front().id, servers_text(change.replicas),
        change.cores, rate_text(change.throughput_after), rate_text(change.throughput_before),
        milliseconds_text(change.p95_after), milliseconds_text(change.p95_before),
        change.replicas == 1 ? "a server" : fmt::format("{} servers", change.replicas));
    if (!advice_.selection) {
      say(" No index was weighed, and one may do for less what a server does: give a snapshot with `--catalog` first.");
    }
  }
  if (!fleet.cheaper.empty() && fleet.gain_today >= 1 + kNoGain)
    say(" Today, {}: that first.", plain_text(fleet.cheaper));
  say("\n\n");
}

void Markdown::safe_reads() {
  const SafeShare& share = report_.replicas.share;
  say("| lag of the replica |");
  for (const std::int64_t lag : kReplicaLags) say(" {} |", lag_text(lag));
  say("\n|---|{}\n", fmt::format("{}", fmt::join(std::vector<std::string>(kReplicaLags.size(), "---:"), "|")) + "|");
  const auto row = [&](const std::string& name, const SafeCount& count) {
    say("| {} |", name);
    for (std::size_t i = 0; i < kReplicaLags.size(); ++i) say(" {} |", share_text(count.share(i)));
    say("\n");
  };
  row(fmt::format("all {} reads", count_text(share.reads.executions)), share.reads);
  const std::size_t shown = std::min(share.applications.size(), kApplicationsShown);
  for (std::size_t i = 0; i < shown && share.applications.size() > 1; ++i) {
    const ApplicationShare& item = share.applications[i];
    row(fmt::format("{}: {}", item.application.empty() ? "no name" : table_code_span(item.application),
                    count_text(item.reads.executions)),
        item.reads);
  }
  if (share.applications.size() > shown) {
    say("\n… and {} more.\n", plural(share.applications.size() - shown, "application", "applications"));
  }
  say("\nA read is safe at a lag when its class may go, its transaction holds nothing that may not, and it began at "
      "least so long after its session's last committed write to what it reads. A session is a connection: behind a "
      "pool, a user's next read may come over another one.\n\n");
}

void Markdown::fleet(const FleetAdvice& fleet) {
  say("By the forecast's own simulation, with the recommended indexes and caches in place; reads go there {} after "
      "their session's write, by least connections, or by weights and the primary with them where that brings more. "
      "Applying is assumed to cost each replica {} of what writing costs "
      "the primary, on one core at the most.\n\n",
      lag_text(kReplicaLags[kAssumedLag]), share_text(kApplyShare));
  say("| replicas | W = N / P, all servers | reads answered | moved | primary | each replica | throughput | mean | 95 "
      "% | capacity |\n"
      "|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|\n");
  for (const FleetPoint& point : fleet.curve) {
    const bool by_all = point.replicas == 0 || point.policy == RoutingPolicy::kWeighted;
    say("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", point.replicas,
        count_text(workload_.estimated_executions / (point.replicas + 1)),
        point.replicas == 0 ? "by the primary"
        : by_all            ? "by all"
                            : "by replicas",
        share_text(point.moved_share), share_text(point.primary), replicas_text(point.each_replica),
        rate_text(point.throughput), milliseconds_text(point.response), milliseconds_text(point.p95),
        capacity_text(point));
  }
  say("\nW shares requests as if all were reads of one cost; `moved` and the processors show the true load. {} brings "
      "less than {}: {}.",
      fleet.useful == 0 ? "Already the first replica" : fmt::format("Beyond {}, one more", servers_text(fleet.useful)),
      share_text(kNoGain), plain_text(fleet.why_no_more));
  if (fleet.has_targets) {
    say(" {}", fleet.smallest
                   ? fmt::format("The targets are met with {}.", servers_text(*fleet.smallest))
                   : fmt::format("No number of replicas up to {} meets the targets.", fleet.curve.back().replicas));
  }
  say("\n\n");
}

void Markdown::routing_policies(const FleetAdvice& fleet) {
  say("| with {}, by | moved | primary | each replica | throughput | mean | 95 % "
      "|\n|---|---:|---:|---:|---:|---:|---:|\n",
      servers_text(fleet.compared));
  for (const FleetPoint& point : fleet.policies) {
    say("| {} | {} | {} | {} | {} | {} | {} |\n", policy_text(point.policy), share_text(point.moved_share),
        share_text(point.primary), replicas_text(point.each_replica), rate_text(point.throughput),
        milliseconds_text(point.response), milliseconds_text(point.p95));
  }
  say("\n");
}

/// The heaviest reads that may not go, and what would change that.
void Markdown::hindered_reads() {
  std::vector<std::size_t> hindered;
  for (std::size_t i = 0; i < report_.replicas.routings.size(); ++i) {
    const ClassRouting& routing = report_.replicas.routings[i];
    const bool is_select = meaning_is_select(i);
    if (is_select && routing.role == RoutingRole::kPinned && !routing.denials.empty()) hindered.push_back(i);
  }
  if (hindered.empty()) return;
  const std::size_t shown = std::min(hindered.size(), kUnjudgedShown);
  say("<details><summary>SELECTs that stay on the primary</summary>\n\n| class | share | why | what would help |\n"
      "|---|---:|---|---|\n");
  for (std::size_t i = 0; i < shown; ++i) {
    const Hindrance& first = report_.replicas.routings[hindered[i]].denials.front();
    say("| {} | {} | {} | {} |\n", class_reference(hindered[i]),
        share_text(share_of(report_, workload_.classes[hindered[i]])), table_code_span(first.reason),
        first.cure.empty() ? "–" : table_code_span(first.cure));
  }
  more(hindered.size(), shown, "classes");
  say("\n</details>\n\n");
}

bool Markdown::meaning_is_select(std::size_t position) const {
  const ClassMeaning& meaning = report_.meanings[position];
  return meaning.statement && meaning.statement->kind == StatementKind::kSelect;
}

/// Where nothing is to be gained, nothing is to be pasted.
void Markdown::replica_recipes() {
  const ReplicaAdvice& advice = report_.replicas;
  if (advice.recommendations.empty()) return;
  say("What to paste, with the addresses of your servers in place of 192.0.2.x. HAProxy asks each server by a script "
      "whether it is in recovery (`option pgsql-check` cannot tell a primary from a replica): both scripts must be "
      "executable, and the role `haproxy_check` must be let in without a password (a line in pg_hba.conf for HAProxy's "
      "address) or by HAProxy's own `~/.pgpass`. HAProxy promotes nobody: Patroni, repmgr or a person does, and keeps "
      "an old primary away.\n\n");
  for (std::size_t i = 0; i < advice.recipes.size(); ++i) {
    if (i == 1) say("<details><summary>With a balancer</summary>\n\n");
    say("{}:\n\n{}\n", advice.recipes[i].product, code_block(advice.recipes[i].text, advice.recipes[i].language));
  }
  if (advice.recipes.size() > 1) say("</details>\n\n");
}

}  // namespace assay
