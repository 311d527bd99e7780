// Alert: one thing that has changed for the worse, with its cause and what it costs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/watch/window.h"

namespace assay {

enum class AlertKind : std::uint8_t {
  kSlower,        ///< a class's executions take longer
  kServerSlower,  ///< many classes' do
  kMoreCalls,     ///< a class is called more often
  kLoad,          ///< many are
  kGone,          ///< a class is no longer called, while others are
  kSilence,       ///< nothing is
  kNewClass,
  kErrors,      ///< of one SQLSTATE
  kPlanChange,  ///< another plan, where plans are logged
  kLoops,       ///< a class runs again and again in its sessions, and did not (N+1)
  kSaturation,  ///< the processors are full, or will be soon
};
inline constexpr std::size_t kAlertKinds = 11;

/// "slower", "server-slower", …: in JSON and in metrics.
std::string_view to_string(AlertKind kind);

enum class AlertCause : std::uint8_t {
  kUnknown,
  kMoreWork,    ///< an execution needs more of the processor than before
  kPlan,        ///< and its plan is another one
  kLocks,       ///< it waits for locks
  kProcessors,  ///< it waits for processors that others use
  kCalls,       ///< called more often
};
std::string_view to_string(AlertCause cause);

struct Alert {
  std::uint64_t number = 0;  ///< counted from 1
  AlertKind kind = AlertKind::kSlower;
  AlertCause cause = AlertCause::kUnknown;
  ClassId class_id = 0;  ///< 0: of no class
  std::string sqlstate;  ///< of kErrors
  Timestamp since{};     ///< start of the first window that differs
  Timestamp told{};      ///< end of the window that it was found in
  std::optional<Timestamp> recovered;
  /// Before and now: of slower ones the typical time (geometric mean) in ms, of kSaturation the utilisation (0 to 1),
  /// of kPlanChange the time of an execution in ms, of all others a rate, in events a second.
  double before = 0, now = 0;
  double cost = 0;                     ///< more logged time than before, in ms a second; of kErrors and the like 0
  double share = 0;                    ///< of the logged time of all, 0 to 1
  std::optional<double> minutes_left;  ///< of kSaturation, until the processors are full
  std::vector<ClassId> also;           ///< further classes with the same cause, at most kMostAlso
  static constexpr std::size_t kMostAlso = 20;
};

}  // namespace assay
