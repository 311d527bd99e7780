#include "analyzer/counted_once.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace assay {
namespace {

/// Processes write their messages a little later than they stamp them, so the ends of rotations overlap.
constexpr std::int64_t kDisorder_us = 1'000'000;

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

std::size_t common_prefix(const std::string& a, const std::string& b) {
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

}  // namespace

CountedOnce::CountedOnce(std::vector<InputGlance> inputs)
    : inputs_(std::move(inputs)), still_to_come_us_(inputs_.size(), kNever), resolution_(common_resolution(inputs_)) {
  for (std::size_t i = inputs_.size(); i-- > 1;) {
    const std::int64_t first = inputs_[i].is_known() ? inputs_[i].first_us : kNever;
    still_to_come_us_[i - 1] = std::min(still_to_come_us_[i], first);
  }
}

std::int64_t CountedOnce::Server::last_us() const {
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for (const Range& input : inputs) last = std::max(last, input.last_us);
  return last;
}

void CountedOnce::begin() {
  InputGlance& input = inputs_[next_];
  const std::int64_t needed_from = std::min(still_to_come_us_[next_], input.is_known() ? input.first_us : kNever);
  for (Server& server : servers_) {
    if (server.last_us() < needed_from) server.told.clear();
  }
  const std::size_t server = server_of(input);
  if (server == servers_.size()) servers_.emplace_back();
  servers_[server].inputs.push_back({.path = input.path});
  server_ = static_cast<std::uint32_t>(server);
  is_watching_ = is_told_again_ || still_to_come_us_[next_] != kNever;
  input.head = {};  // of a thousand inputs they would add up
  tally_ = {};
  ++next_;
}

/// The server whose run it tells again, or that it continues; a new one where it overlaps with all and shares nothing.
std::size_t CountedOnce::server_of(const InputGlance& input) {
  is_told_again_ = false;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i].told.start_over(true);
    if (!tells_the_run_of(input, servers_[i])) continue;
    is_told_again_ = true;
    return i;
  }
  return continued_by(input);
}

bool CountedOnce::tells_the_run_of(const InputGlance& input, const Server& server) const {
  if (!input.is_known() || server.told.is_empty()) return false;
  return tells_the_same(input, std::numeric_limits<std::int64_t>::min(), std::min(input.head_end_us, server.last_us()),
                        resolution_, [&](std::uint64_t key) { return server.told.count(key); });
}

/// Of the servers that were silent while it wrote, the one whose files are named most alike.
std::size_t CountedOnce::continued_by(const InputGlance& input) {
  std::size_t best = servers_.size(), longest = 0;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const auto& before = servers_[i].inputs;
    const bool both_wrote =
        input.is_known() && std::any_of(before.begin(), before.end(), [&](const Range& range) {
          return input.first_us + kDisorder_us < range.last_us && input.head_end_us > range.first_us;
        });
    const std::size_t alike = common_prefix(before.back().path, input.path);
    if (both_wrote || (best < servers_.size() && alike <= longest)) continue;
    best = i;
    longest = alike;
  }
  return best;
}

bool CountedOnce::look_up(const LogRecord& record) {
  const std::int64_t time_us = record.time.utc.time_since_epoch().count();
  if (time_us == 0) return false;
  Server& server = servers_[server_];
  Range& range = server.inputs.back();
  range.first_us = std::min(range.first_us, time_us);
  range.last_us = std::max(range.last_us, time_us);
  const bool may_come_again = time_us >= still_to_come_us_[next_ - 1];
  if (!is_told_again_ && !may_come_again) return false;
  const std::uint64_t key = key_of(mark_of(record), resolution_);
  if (is_told_again_ && server.told.take(key)) {
    ++tally_.told_records;
    tally_.told_executions += record.kind == RecordKind::kExecution ? 1 : 0;
    return true;
  }
  ++tally_.new_records;
  if (may_come_again) server.told.add(key);
  return false;
}

void CountedOnce::finish(InputAccount& account, Diagnostics& diagnostics) {
  account.server = server_;
  if (!inputs_[next_ - 1].is_file && next_ > 1) {
    diagnostics.push_back({account.path,
                           0,
                           Severity::kNote,
                           "can be read only once, so it was not compared with the inputs before it",
                           {},
                           0,
                           "give files, if some of them may tell the same run"});
  }
  if (tally_.told_records == 0) return;
  account.told_before = tally_.told_records;
  account.executions -= tally_.told_executions;
  account.left_out = tally_.new_records == 0;
  const auto& inputs = servers_[server_].inputs;
  const std::int64_t first = inputs.back().first_us;
  const auto same = std::find_if(inputs.begin(), inputs.end() - 1,
                                 [&](const Range& range) { return range.first_us <= first && first <= range.last_us; });
  account.same_run_as = same == inputs.end() - 1 ? inputs.front().path : same->path;
  tell(account, diagnostics);
}

void CountedOnce::tell(const InputAccount& account, Diagnostics& diagnostics) const {
  const std::uint64_t one_in = servers_[server_].told.sampled_one_in();
  const std::string how = one_in == 1 ? "" : fmt::format(", by a sample of one record in {}", one_in);
  diagnostics.push_back({account.path,
                         0,
                         Severity::kWarning,
                         account.left_out
                             ? fmt::format("left out: tells the same run as {}{}", account.same_run_as, how)
                             : fmt::format("{} records are told in {} too, and counted once{}", account.told_before,
                                           account.same_run_as, how),
                         {},
                         0,
                         account.left_out ? "give one of them" : ""});
}

}  // namespace assay
