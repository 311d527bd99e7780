#include "connectors/metrics_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "parser/base/error.h"

namespace assay {

std::string metrics_text(const std::vector<Metric>& metrics) {
  std::vector<prometheus::MetricFamily> families;
  for (const Metric& metric : metrics) {
    prometheus::MetricFamily& family = families.emplace_back();
    family.name = metric.name;
    family.help = metric.help;
    family.type = metric.is_counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    for (const MetricSample& sample : metric.samples) {
      prometheus::ClientMetric& told = family.metric.emplace_back();
      for (const auto& [name, value] : sample.labels) told.label.push_back({name, value});
      (metric.is_counter ? told.counter.value : told.gauge.value) = sample.value;
    }
  }
  return prometheus::TextSerializer().Serialize(families);
}

struct MetricsServer::State {
  httplib::Server server;
  std::mutex mutex;
  std::string metrics, problem;
  int port = 0;
  std::thread thread;
};

MetricsServer::MetricsServer(const std::string& host, int port) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  state.server.set_read_timeout(5);
  state.server.set_write_timeout(5);
  state.server.set_payload_max_length(1024);
  state.server.Get("/metrics", [&state](const httplib::Request&, httplib::Response& response) {
    const std::lock_guard lock(state.mutex);
    response.set_content(state.metrics, "text/plain; version=0.0.4; charset=utf-8");
  });
  state.server.Get("/health", [&state](const httplib::Request&, httplib::Response& response) {
    const std::lock_guard lock(state.mutex);
    response.status = state.problem.empty() ? 200 : 503;
    response.set_content(state.problem.empty() ? "ok\n" : state.problem + "\n", "text/plain; charset=utf-8");
  });
  state.port = port != 0 ? port : state.server.bind_to_any_port(host.c_str());
  if (state.port < 0 || (port != 0 && !state.server.bind_to_port(host.c_str(), port))) {
    throw Error(fmt::format("cannot listen on {}:{}", host, port), "another program may have the port: state another");
  }
  state.thread = std::thread([&state] { state.server.listen_after_bind(); });
  while (!state.server.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

MetricsServer::~MetricsServer() {
  state_->server.stop();
  state_->thread.join();
}

int MetricsServer::port() const { return state_->port; }

void MetricsServer::publish(std::string metrics) {
  const std::lock_guard lock(state_->mutex);
  state_->metrics = std::move(metrics);
}

void MetricsServer::set_health(std::string problem) {
  const std::lock_guard lock(state_->mutex);
  state_->problem = std::move(problem);
}

}  // namespace assay
