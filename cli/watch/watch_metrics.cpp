#include "cli/watch/watch_metrics.h"

#include <algorithm>

#include "analyzer/workload.h"

namespace assay {

void WatchMetrics::Sums::add(const Figures& figures) {
  executions += static_cast<double>(figures.calls);
  errors += static_cast<double>(figures.errors);
  seconds += static_cast<double>(figures.total.count()) / 1e6;
  work_seconds += static_cast<double>(figures.demand.count()) / 1e6;
  lock_waits += static_cast<double>(figures.lock_waits);
  temporary_bytes += static_cast<double>(figures.temporary_bytes);
}

void WatchMetrics::add(const Window& window, const ClassNames& names) {
  ++windows_;
  total_.add(window.total);
  other_.add(window.other);
  for (std::size_t i = 0; i < window.classes.size(); ++i) {
    const WindowClass& of = window.classes[i];
    const bool has_place = classes_.contains(of.id) || (i < top_ && classes_.size() < 2 * top_);
    Sums& sums = has_place ? classes_[of.id] : other_;
    sums.add(of.figures);
    const WatchedClass* const known = names(of.id);
    if (has_place && known) sums.database = known->database;
  }
  for (const auto& [code, count] : window.errors) errors_[code] += static_cast<double>(count);
  if (errors_.size() > 2 * Window::kMostNames) errors_.clear();  // as after a restart: counters may begin again
  last_ = window;
}

std::vector<Metric> WatchMetrics::metrics(const Reading& reading, const std::map<std::uint64_t, Alert>& open) const {
  std::vector<Metric> metrics;
  const auto one = [&](const char* name, const char* help, bool is_counter, double value) {
    metrics.push_back({name, help, is_counter, {{{}, value}}});
  };
  const auto by_query = [&](const char* name, const char* help, double Sums::*what) {
    Metric metric{name, help, true, {}};
    for (const auto& [id, sums] : classes_) {
      metric.samples.push_back({{{"query", class_name(id)}, {"database", sums.database}}, sums.*what});
    }
    metric.samples.push_back({{{"query", "other"}, {"database", ""}}, other_.*what});
    metrics.push_back(std::move(metric));
  };
  one("assay_executions_total", "Completed executions.", true, total_.executions);
  one("assay_execution_seconds_total", "Logged time of executions.", true, total_.seconds);
  one("assay_work_seconds_total", "Thereof work of processors, by the model of service demand.", true,
      total_.work_seconds);
  by_query("assay_query_executions_total", "Completed executions of a query class.", &Sums::executions);
  by_query("assay_query_execution_seconds_total", "Logged time of a query class.", &Sums::seconds);
  by_query("assay_query_errors_total", "Executions of a query class that failed.", &Sums::errors);
  by_query("assay_query_lock_waits_total", "Lock waits that were logged.", &Sums::lock_waits);
  by_query("assay_query_temporary_bytes_total", "Size of temporary files.", &Sums::temporary_bytes);
  Metric errors{"assay_errors_total", "Errors by SQLSTATE.", true, {}};
  for (const auto& [code, count] : errors_) errors.samples.push_back({{{"sqlstate", code}}, count});
  metrics.push_back(std::move(errors));
  if (windows_ > 0) {
    Metric response{"assay_response_seconds", "Response time in the last window, by percentile.", false, {}};
    for (const auto& [name, share] : {std::pair("50", 0.5), {"95", 0.95}, {"99", 0.99}}) {
      response.samples.push_back(
          {{{"percentile", name}}, static_cast<double>(last_.total.latencies.percentile(share).count()) / 1e6});
    }
    metrics.push_back(std::move(response));
    one("assay_utilisation_ratio", "Share of the processors' time at work in the last window.", false,
        last_.utilisation());
    one("assay_window_end_timestamp_seconds", "End of the last window, by the log's time.", false,
        static_cast<double>(last_.end().time_since_epoch().count()) / 1e6);
  }
  Metric alerts{"assay_alerts_open", "Alerts that have not recovered, by kind.", false, {}};
  for (std::size_t kind = 0; kind < kAlertKinds; ++kind) {
    const auto its = static_cast<AlertKind>(kind);
    const auto count =
        std::count_if(open.begin(), open.end(), [&](const auto& alert) { return alert.second.kind == its; });
    alerts.samples.push_back({{{"kind", std::string(to_string(its))}}, static_cast<double>(count)});
  }
  metrics.push_back(std::move(alerts));
  one("assay_log_read_bytes_total", "Bytes of the logs that were read.", true, static_cast<double>(reading.bytes));
  one("assay_log_lines_total", "Lines of the logs that were read.", true, static_cast<double>(reading.lines));
  one("assay_log_skipped_lines_total", "Thereof lines of no record.", true, static_cast<double>(reading.skipped_lines));
  one("assay_log_unread_bytes", "Bytes of the logs that are not read yet.", false, static_cast<double>(reading.unread));
  return metrics;
}

}  // namespace assay
