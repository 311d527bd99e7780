#include "cli/interruption.h"

#include <iterator>

namespace assay {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

StopFlag interrupted{false};
static_assert(StopFlag::is_always_lock_free, "a signal's handler may touch nothing else");

}  // namespace

Interruption::Interruption() {
  interrupted = false;
  struct sigaction action {};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &action, &before_[i]);
}

Interruption::~Interruption() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) sigaction(kSignals[i], &before_[i], nullptr);
}

const StopFlag& Interruption::flag() { return interrupted; }

}  // namespace assay
