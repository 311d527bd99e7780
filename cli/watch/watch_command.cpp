#include "cli/watch/watch_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <thread>

#include "advisors/watch/detector.h"
#include "analyzer/watch/window_builder.h"
#include "analyzer/workload.h"
#include "cli/escape.h"
#include "cli/messages.h"
#include "cli/units.h"
#include "cli/watch/watch_metrics.h"
#include "cli/watch/watch_texts.h"
#include "connectors/metrics_server.h"
#include "connectors/watch_store.h"
#include "parser/log/followed_logs.h"

namespace assay {
namespace {

constexpr std::uint64_t kStateVersion = 1;
constexpr auto kPause = std::chrono::milliseconds(250);  // between two looks at quiet logs
constexpr unsigned kQuietLooks = 8;                      // 2 s: by then no record is held back any more
constexpr auto kBehind = std::chrono::seconds(10);       // that a log may lag behind the clock

volatile std::sig_atomic_t is_ending = 0;
void end_soon(int) { is_ending = 1; }

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = end_soon;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

std::string sparkline(const std::deque<double>& values) {
  static constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const double most = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  std::string line;
  for (const double value : values) line += kBars[most > 0 ? static_cast<std::size_t>(value / most * 7.99) : 0];
  return line;
}

class Watch {
 public:
  explicit Watch(const WatchOptions& options)
      : options_(options),
        windows_(options.window, cores()),
        metrics_(options.top),
        logs_(options.logs, follow_options(), [this](const LogRecord& record) {
          offset_ = options_.read.zone.value_or(record.time.offset);
          windows_.add(record);
        }) {
    if (options.state) store_ = std::make_unique<WatchStore>(*options.state);
    if (store_) go_on_from(store_->state());
    if (options.listen) {
      const auto [host, port] = parse_listen(*options.listen);
      server_ = std::make_unique<MetricsServer>(host, port);
      fmt::print(stderr, "listening on http://{}:{}/metrics\n", host, server_->port());
      publish();
    }
  }

  void run() {
    for (unsigned quiet_looks = 0; is_ending == 0;) {
      const std::size_t bytes = logs_.poll(now(), problems_);
      print_problems();
      quiet_looks = bytes == 0 ? quiet_looks + 1 : 0;
      if (options_.once && quiet_looks > 2 && logs_.unread() == 0) break;
      const bool is_quiet = quiet_looks >= kQuietLooks && logs_.unread() == 0;
      if (!options_.once && is_quiet) windows_.advance(wall_clock() - kBehind);
      take_windows();
      if (options_.once)
        turns_ += Tick{bytes == 0 ? 3000 : 1};
      else if (bytes == 0)
        std::this_thread::sleep_for(kPause);
    }
    if (options_.once && is_ending == 0) {
      logs_.finish();
      windows_.finish();
      take_windows();
    }
    keep({}, {});
  }

 private:
  std::size_t cores() const {
    return options_.cores > 0 ? options_.cores : std::max(1U, std::thread::hardware_concurrency());
  }
  FollowOptions follow_options() const {
    FollowOptions follow;
    follow.read = options_.read;
    follow.from_start = options_.from_start || options_.once;
    return follow;
  }
  /// With --once the clock goes on with the looks.
  Tick now() const {
    if (options_.once) return turns_;
    return std::chrono::duration_cast<Tick>(std::chrono::steady_clock::now().time_since_epoch());
  }
  static Timestamp wall_clock() { return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now()); }
  ClassNames names() const {
    return [this](ClassId id) { return windows_.find_class(id); };
  }

  void print_problems() {
    for (const Diagnostic& problem : problems_) print(problem);
    problems_.clear();
  }

  void go_on_from(const std::optional<std::string>& saved) {
    if (!saved) return;
    StateReader state(*saved);
    if (state.number() != kStateVersion) {
      throw Error(*options_.state + ": was written by another version", "name another file, or remove it");
    }
    windows_.restore(state);
    detector_.restore(state);
    logs_.restore(state, problems_);
    print_problems();
  }

  std::string state() const {
    StateWriter state;
    state.number(kStateVersion);
    windows_.save(state);
    detector_.save(state);
    logs_.save(state);
    return state.bytes();
  }

  void take_windows() {
    std::vector<Window> windows = windows_.take_closed();
    if (windows.empty()) return;
    std::vector<std::vector<Alert>> alerts;
    for (const Window& window : windows) alerts.push_back(detector_.observe(window));
    keep(windows, alerts);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      metrics_.add(windows[i], names());
      show(windows[i], alerts[i]);
    }
    std::fflush(stdout);
    if (std::ferror(stdout) != 0) is_ending = 1;  // nobody reads any more
    publish();
  }

  void keep(const std::vector<Window>& windows, const std::vector<std::vector<Alert>>& alerts) {
    if (!store_) return;
    WatchStore::Batch batch{.windows = windows, .state = state(), .retention = options_.retention};
    for (const Window& window : windows) {
      for (std::size_t i = 0; i < std::min(window.classes.size(), WatchStore::kMostKept); ++i) {
        const WatchedClass* const known = windows_.find_class(window.classes[i].id);
        if (known) batch.classes.push_back({window.classes[i].id, known->database, known->normalized});
      }
    }
    for (const auto& of_window : alerts) {
      for (const Alert& alert : of_window) {
        batch.alerts.push_back({alert.number, alert.since, alert.told, alert.recovered,
                                std::string(to_string(alert.kind)), std::string(to_string(alert.cause)),
                                alert.class_id == 0 ? "" : class_name(alert.class_id),
                                alert_text(alert, names(), offset_)});
      }
    }
    store_->keep(batch);
  }

  void show(const Window& window, const std::vector<Alert>& alerts) {
    if (options_.format == WatchFormat::kJson) {
      print_out(window_json(window, names(), options_.top, offset_));
      for (const Alert& alert : alerts) print_out(alert_json(alert, names(), offset_));
    } else if (is_screen_) {
      show_screen(window, alerts);
    } else {
      print_out(window_line(window, offset_) + "\n");
      for (const Alert& alert : alerts) print_out("  ! " + alert_text(alert, names(), offset_) + "\n");
    }
  }

  /// Written over the one before, line by line, so that nothing flickers.
  void show_screen(const Window& window, const std::vector<Alert>& alerts) {
    rates_.push_back(window.rate());
    if (rates_.size() > 60) rates_.pop_front();
    for (const Alert& alert : alerts) last_alerts_.push_back(alert_text(alert, names(), offset_));
    while (last_alerts_.size() > 5) last_alerts_.pop_front();
    std::string screen = "\x1b[H";
    const auto line = [&](const std::string& text) { screen += text + "\x1b[K\n"; };
    line(window_line(window, offset_));
    line(sparkline(rates_));
    line("");
    line(fmt::format("{:<18}{:>10}{:>12}{:>12}{:>8}  query", "class", "rate", "p50", "p95", "time"));
    for (std::size_t i = 0; i < std::min<std::size_t>(window.classes.size(), 15); ++i) {
      const WindowClass& of = window.classes[i];
      const WatchedClass* const known = windows_.find_class(of.id);
      line(fmt::format("{:<18}{:>10}{:>12}{:>12}{:>8}  {}", class_name(of.id),
                       rate_text(static_cast<double>(of.figures.calls) / window.seconds()),
                       duration_text(of.figures.latencies.percentile(0.5)),
                       duration_text(of.figures.latencies.percentile(0.95)),
                       share_text(static_cast<double>(of.figures.total.count()) /
                                  std::max(1.0, static_cast<double>(window.total.total.count()))),
                       known ? shortened(printable(known->normalized), 60) : ""));
    }
    line("");
    for (const std::string& alert : last_alerts_) line(alert);
    print_out(screen + "\x1b[J");
  }

  static void print_out(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

  void publish() {
    if (!server_) return;
    const FollowAccount account = logs_.account();
    server_->publish(metrics_text(
        metrics_.metrics({account.bytes, account.lines, account.skipped_lines, logs_.unread()}, detector_.open())));
    server_->set_health(logs_.files() > 0 && logs_.open_files() == 0 ? "no log can be read" : "");
  }

  const WatchOptions& options_;
  WindowBuilder windows_;
  Detector detector_;
  WatchMetrics metrics_;
  UtcOffset offset_{0};
  FollowedLogs logs_;
  std::unique_ptr<WatchStore> store_;
  std::unique_ptr<MetricsServer> server_;
  Diagnostics problems_;
  Tick turns_{0};
  const bool is_screen_ = isatty(STDOUT_FILENO) != 0;
  std::deque<double> rates_;
  std::deque<std::string> last_alerts_;
};

}  // namespace

std::pair<std::string, int> parse_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  const std::string number = colon == std::string::npos ? text : text.substr(colon + 1);
  std::string host = colon == std::string::npos ? std::string() : text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  int port = -1;
  const auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), port);
  if (problem != std::errc{} || end != number.data() + number.size() || port < 0 || port > 65535) {
    throw UsageError("--listen " + text + ": is no address", "state a port, or HOST:PORT: --listen 127.0.0.1:9187");
  }
  return {host.empty() ? "127.0.0.1" : host, port};
}

void run_watch(const WatchOptions& options) {
  is_ending = 0;
  catch_signals();
  Watch(options).run();
}

}  // namespace assay
