// The query classes as CSV (RFC 4180), for a spreadsheet or a database. A value that is not known is an empty field.
#include <fmt/format.h>

#include "cli/report.h"

namespace assay {
namespace {

constexpr double kMicrosecondsPerMillisecond = 1e3;

/// Quoted. A spreadsheet takes what begins with one of = + - @ for a formula, which a log's text must not become.
std::string field(std::string_view text) {
  std::string quoted = "\"";
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) quoted += '\'';
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c == '\0' ? ' ' : c;
  }
  return quoted + "\"";
}

std::string ms(bool known, double microseconds) {
  return known ? fmt::format("{:.3f}", microseconds / kMicrosecondsPerMillisecond) : "";
}

std::string ms(bool known, Microseconds duration) { return ms(known, static_cast<double>(duration.count())); }

std::string row(const Report& report, const QueryClass& query) {
  const bool timed = query.timed_calls > 0, extremes = timed && query.extremes_known;
  return fmt::format(
      "{},{},{},{},{:.6f},{},{},{},{},{},{},{},{}\r\n", class_name(query.id), field(query.database),
      query.estimated_calls(), ms(timed, query.estimated_total()), share_of(report, query), ms(timed, query.mean_us()),
      ms(extremes, query.shortest), ms(query.has_percentiles(), query.percentile(0.5)),
      ms(query.has_percentiles(), query.percentile(0.95)), ms(query.has_percentiles(), query.percentile(0.99)),
      ms(extremes, query.longest), query.errors, field(query.normalized));
}

}  // namespace

std::string to_csv(const Report& report) {
  std::string text =
      "id,database,calls,total_ms,share,mean_ms,min_ms,p50_ms,p95_ms,p99_ms,max_ms,errors,normalized\r\n";
  for (const QueryClass& query : report.workload.classes) text += row(report, query);
  return text;
}

}  // namespace assay
