// Detector: Windows -> Alerts, one for each cause, and their recovery.
//
// A class's level is compared with the hour before. The typical time is the mean of the logarithms, so that a few
// outliers do not matter. The last k windows, 2 to kLongestSegment, are held against the reference, the windows before
// them: the statistic is
//     z = (mean now - median before) / sqrt(b²/k + v/n_now + v/n_before),
// v the variance within windows, b the spread between them (1.4826 MAD, less what v explains), so that a class that
// wavers anyway needs a larger step. It is a change-point test for a step at the end of the series, with a minimum
// segment (kFewestCalls executions) and a minimum effect (20 %); kThreshold holds the false alarms of 500 classes,
// tested every minute and for every k, below one a day.
//
// Rates are judged for classes that run in most windows, against the highest rate of the last day, so that the end of a
// quiet night is no event. Errors are held against the highest count of the hour.
//
// One alert for one cause: a class has one alert at a time; when many classes slow down, or are called more, that is
// one alert of the server; classes that wait for processors while another's alert is open belong to that.
//
// What it leaves out: baselines by the hour of the week. So what happens at each night's maintenance is told each
// night, and what is too much for the hour but not for the day is not.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "advisors/watch/alert.h"

namespace assay {

class Detector {
 public:
  static constexpr std::size_t kHistory = 60;          ///< windows
  static constexpr std::size_t kFewestReference = 20;  ///< windows, before anything is judged
  static constexpr std::size_t kLongestSegment = 10;   ///< windows
  static constexpr double kFewestCalls = 30;           ///< in a segment
  static constexpr double kThreshold = 5.5;            ///< standard errors
  static constexpr std::size_t kMostKnown = 20'000;    ///< classes that are not new

  /// What has changed with this window, which follows the one before: new alerts, and those that recovered.
  std::vector<Alert> observe(const Window& window);

  const std::map<std::uint64_t, Alert>& open() const { return open_; }  ///< by number
  std::uint64_t windows() const { return windows_; }

  void save(StateWriter& state) const;
  void restore(StateReader& state);  ///< throws Error

 private:
  /// One class, or all of them, in one window.
  struct Point {
    float calls = 0, timed = 0;
    float mean_log = 0, variance = 0;
    float total = 0, demand = 0, lock = 0;  // ms
    float loops = 0;
  };
  struct Series {
    std::deque<Point> points;                      // the newest last; at most kHistory
    std::array<float, 25> hourly{};                // most calls in a window, by hour, the one under way first
    std::map<std::uint64_t, std::uint64_t> plans;  // seen before: at most kMostShapes
    std::uint64_t new_plans = 0;                   // seen of a shape that was not, lately
    std::uint64_t last_seen = 0;                   // window
    std::uint64_t alert = 0;                       // open one, 0 for none
  };
  struct Level {
    double mean_log = 0, variance = 0, between = 0, calls = 0;
    std::size_t windows = 0;
  };
  struct Finding {
    Alert alert;
    double weight = 0;  // ms of the class in this window
  };

  static Point point_of(const WindowClass& of);
  static Point point_of(const Figures& figures);
  static void save(StateWriter& state, const Series& series);
  static void restore(StateReader& state, Series& series);
  static void save(StateWriter& state, const Alert& alert);
  static Alert restored_alert(StateReader& state);
  static void save_point(StateWriter& state, const Point& point);
  static Point restored_point(StateReader& state);
  static Level level_of(const Series& series, std::size_t skip, std::size_t most);
  static void append(Series& series, const Point& point, bool is_new_hour);

  void take_in(const Window& window);
  std::optional<Alert> slower(const Series& series) const;
  std::optional<Alert> more_calls(const Series& series) const;
  std::optional<Alert> gone(const Series& series) const;
  std::optional<Alert> loops(const Series& series) const;
  std::optional<Alert> plan_change(Series& series, const WindowClass& of) const;
  std::optional<Alert> new_class(ClassId id) const;
  std::optional<Alert> saturation() const;
  std::vector<Alert> errors(const Window& window);
  static AlertCause cause_of_slower(const Series& series, std::size_t k);
  bool has_recovered(const Alert& alert, const Window& window) const;
  std::vector<Finding> findings_of_classes(const Window& window);
  static bool leans(const Series& series);
  void add_leaning(std::vector<Finding>& findings);
  void tell_classes(std::vector<Finding> findings, std::vector<Alert>& told);
  void tell(Alert alert, std::vector<Alert>& told);
  bool absorb(const Alert& alert);
  Alert* open_of(AlertKind kind);
  void recover(const Window& window, std::vector<Alert>& told);

  std::uint64_t windows_ = 0, next_number_ = 1;
  Timestamp start_{}, end_{};
  std::chrono::seconds width_{60};
  double cores_ = 0;
  Series total_;
  std::unordered_map<ClassId, Series> classes_;
  std::unordered_map<ClassId, std::uint64_t> known_;  // the window of its first execution
  std::map<std::string, std::deque<float>> errors_;   // by SQLSTATE: counts, the newest last
  std::map<std::string, std::uint64_t> error_alerts_;
  std::map<std::uint64_t, Alert> open_;
};

}  // namespace assay
