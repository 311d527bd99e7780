#include "connectors/shadow_dealer.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "parser/base/error.h"

namespace assay {
namespace {

class Dealer {
 public:
  explicit Dealer(const std::vector<DealtQuestion>& questions) : questions_(questions), waiting_(questions.size()) {
    std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
  }

  /// The next question that can be asked now, waiting for one; nothing when none is left.
  std::optional<std::size_t> next() {
    std::unique_lock lock(mutex_);
    while (!waiting_.empty()) {
      if (const auto free = first_free(); free != waiting_.end()) {
        const std::size_t position = *free;
        waiting_.erase(free);
        for_marks(position, [&](const std::string& oid) { marked_.insert(oid); });
        return position;
      }
      changed_.wait(lock);
    }
    return std::nullopt;
  }

  void done(std::size_t position) {
    const std::lock_guard lock(mutex_);
    for_marks(position, [&](const std::string& oid) { marked_.erase(oid); });
    changed_.notify_all();
  }

 private:
  template <typename Act>
  void for_marks(std::size_t position, Act act) const {
    for (const std::string& oid : questions_[position].marks.shown) act(oid);
    for (const std::string& oid : questions_[position].marks.hidden) act(oid);
  }

  std::list<std::size_t>::iterator first_free() {
    constexpr int kFarthest = 100;  // looking on would cost more than waiting
    int looked_at = 0;
    for (auto place = waiting_.begin(); place != waiting_.end() && looked_at < kFarthest; ++place, ++looked_at) {
      bool free = true;
      for_marks(*place, [&](const std::string& oid) { free = free && !marked_.contains(oid); });
      if (free) return place;
    }
    return waiting_.end();
  }

  const std::vector<DealtQuestion>& questions_;
  std::list<std::size_t> waiting_;
  std::set<std::string> marked_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// A question that is given back, come what may: others may wait for its indexes.
class Returned {
 public:
  Returned(Dealer& dealer, std::size_t position) : dealer_(dealer), position_(position) {}
  ~Returned() { dealer_.done(position_); }
  Returned(const Returned&) = delete;
  Returned& operator=(const Returned&) = delete;

 private:
  Dealer& dealer_;
  std::size_t position_;
};

}  // namespace

std::vector<std::optional<PlanAnswer>> deal_out(std::vector<ShadowSession>& sessions,
                                                const std::vector<DealtQuestion>& questions) {
  std::vector<std::optional<PlanAnswer>> answers(questions.size());
  std::vector<std::exception_ptr> failures(sessions.size());
  Dealer dealer(questions);
  const auto work = [&](std::size_t number) {
    try {
      while (const auto position = dealer.next()) {
        const Returned returned(dealer, *position);
        answers[*position] = sessions[number].plan(*questions[*position].query, questions[*position].marks);
      }
    } catch (const Error&) {  // the session is lost
    } catch (...) {
      failures[number] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    for (std::size_t number = 1; number < std::min(sessions.size(), questions.size()); ++number) {
      others.emplace_back(work, number);
    }
    work(0);
  }
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  return answers;
}

}  // namespace assay
