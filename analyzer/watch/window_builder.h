// LogRecords -> Windows, by the log's own time.
//
// A window ends when a record is told that is kGrace younger than its end, or the caller says what time it is. Records
// that come later count in the oldest window that is open, so none is lost. Windows without any record come out empty.
//
// Service demand: with n statements active on m cores each gets min(1, m/n) of one (processor_sharing.h does the same
// exactly, for a whole trace). Here n is counted in tenths of a second and the slowdown taken a second at a time, in
// memory that does not grow with the rate. A statement counts in the window in which it ended, with the part of it
// that lies there.
//
// Memory is bounded: kMostClasses classes a window, kMostKnown classes whose texts are kept, kMostOpen windows. save()
// and restore() carry the open windows over a restart.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analyzer/watch/window.h"
#include "parser/log/record.h"

namespace assay {

class WindowBuilder {
 public:
  static constexpr std::chrono::seconds kGrace{2};
  static constexpr std::size_t kMostOpen = 3;
  static constexpr std::size_t kMostKnown = 20'000;
  static constexpr std::int64_t kMostEmpty = 60;  ///< windows in a row; a longer silence leaves the others out
  static constexpr std::uint64_t kShortestLoop = 10;
  static constexpr Microseconds kLongestPause{20'000};  ///< within a loop

  WindowBuilder(std::chrono::seconds width, std::size_t cores);

  void add(const LogRecord& record);

  /// It is so late: windows that ended before are closed. No earlier time has a meaning.
  void advance(Timestamp now);

  /// Closes all that is open.
  void finish();

  /// The windows that were closed, oldest first; once.
  std::vector<Window> take_closed();

  /// By id; of any class in a window taken.
  const WatchedClass* find_class(ClassId id) const;

  /// The newest time that a record told.
  Timestamp newest() const { return newest_; }
  std::uint64_t late() const { return late_; }  ///< records that counted in a later window than their own
  /// When the open windows began, or where the next one will; nothing before the first record.
  std::optional<Timestamp> open_since() const;

  void save(StateWriter& state) const;
  void restore(StateReader& state);  ///< of a new builder; throws Error

 private:
  static constexpr std::int64_t kBinsPerSecond = 10;

  struct OpenClass {
    WindowClass told;
    std::vector<float> active;  ///< statements at work, by second
  };
  struct Open {
    Window window;
    std::vector<float> active;  ///< by tenth of a second
    std::unordered_map<ClassId, std::size_t> places;
    std::vector<OpenClass> classes;
    std::vector<float> other_active;
  };
  struct Run {
    std::int64_t process = 0;
    ClassId id = 0;
    std::uint64_t length = 0;
    Timestamp end{};
  };
  struct Known {
    WatchedClass what;
    Timestamp seen{};
  };

  Open& window_of(Timestamp when);
  OpenClass* class_of(Open& open, const LogRecord& record);
  void know(ClassId id, const LogRecord& record);
  void count_execution(Open& open, const LogRecord& record);
  void count_wait(Open& open, const LogRecord& record);
  void follow_run(OpenClass& of, const LogRecord& record);
  void spread(Open& open, std::vector<float>& by_second, const LogRecord& record) const;
  void close_before(Timestamp time);
  void close(Open& open);
  Microseconds demand_of(const std::vector<float>& by_second, const std::vector<double>& slowdown) const;

  std::chrono::seconds width_;
  std::size_t cores_;
  std::map<Timestamp, Open> open_;
  std::optional<Timestamp> next_;  ///< start of the window after the last one closed
  Timestamp newest_{};
  std::uint64_t late_ = 0;
  std::vector<Window> closed_;
  std::unordered_map<ClassId, Known> known_;
  std::array<Run, 1024> runs_{};
};

}  // namespace assay
