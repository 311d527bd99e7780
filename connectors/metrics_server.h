// Metrics and health over HTTP, for Prometheus.
//
// GET /metrics answers with the text format 0.0.4, GET /health with 200 and "ok", or 503 and why not. The server runs
// in threads of its own; what it tells is replaced as a whole. The only file that knows the HTTP library. What it
// leaves out: TLS and passwords. It listens on loopback unless told otherwise.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace assay {

struct MetricSample {
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct Metric {
  std::string name, help;
  bool is_counter = false;  ///< else a gauge
  std::vector<MetricSample> samples;
};

/// In Prometheus' text format; values of labels are escaped.
std::string metrics_text(const std::vector<Metric>& metrics);

class MetricsServer {
 public:
  /// Listens at once; port 0 takes a free one. Throws Error when it cannot.
  MetricsServer(const std::string& host, int port);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  int port() const;
  void publish(std::string metrics);
  /// `problem`: why it is not healthy; empty when it is.
  void set_health(std::string problem);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
