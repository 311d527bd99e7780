// What the parts of reading cost, each for itself: bytes and items a second. Ratios within one run are what to quote.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "analyzer/latency_sketch.h"
#include "analyzer/trace.h"
#include "analyzer/workload_builder.h"
#include "parser/log/prefix_reader.h"
#include "parser/log/tokenizer.h"
#include "parser/sql/shape.h"
#include "parser/sql/shape_cache.h"
#include "parser/sql/statement.h"
#include "tests/unpacked.h"

namespace {

using namespace assay;

std::string sample(const std::string& name) { return test::unpacked("crm/recorded/" + name); }

LogDialect dialect_of(LogFormat format) {
  LogDialect dialect;
  dialect.format = format;
  if (format == LogFormat::kPostgresStderr) dialect.log_line_prefix = "%m [%p] %q%u@%d/%a ";
  return dialect;
}

/// The first megabyte, cut at a record, as a worker gets it.
Block block_of(LogFormat format, const std::string& name) {
  const std::string text = sample(name).substr(0, 1U << 20U);
  const auto borders = make_tokenizer(dialect_of(format));
  Block block;
  block.size = borders->last_border(text);
  block.bytes.assign(text.begin(), text.end());
  return block;
}

void tokenize(benchmark::State& state, LogFormat format, const std::string& name) {
  const Block original = block_of(format, name);
  const auto tokenizer = make_tokenizer(dialect_of(format));
  Block block;
  block.bytes.resize(original.bytes.size());
  for (auto _ : state) {
    block.clear();
    std::memcpy(block.bytes.data(), original.bytes.data(), original.size);  // tokenizers write into it
    block.size = original.size;
    tokenizer->tokenize(block);
    benchmark::DoNotOptimize(block.steps.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(original.size));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(block.steps.size() + block.entries.size()));
}
BENCHMARK_CAPTURE(tokenize, stderr, LogFormat::kPostgresStderr, "crm.log.zst");
BENCHMARK_CAPTURE(tokenize, csvlog, LogFormat::kPostgresCsv, "crm.csv.zst");
BENCHMARK_CAPTURE(tokenize, jsonlog, LogFormat::kPostgresJson, "crm.jsonlog.zst");

/// The statements of the sample, as they were logged.
const std::vector<std::string>& statements() {
  static const std::vector<std::string> all = [] {
    Block block = block_of(LogFormat::kPostgresStderr, "crm.log.zst");
    const auto tokenizer = make_tokenizer(dialect_of(LogFormat::kPostgresStderr));
    tokenizer->tokenize(block);
    std::vector<std::string> texts;
    for (const ExecutionStep& step : block.steps) texts.emplace_back(step.sql);
    return texts;
  }();
  return all;
}

template <typename Use>
void for_statements(benchmark::State& state, Use use) {
  std::int64_t bytes = 0, items = 0;
  for (auto _ : state) {
    for (const std::string& sql : statements()) {
      benchmark::DoNotOptimize(use(sql));
      bytes += static_cast<std::int64_t>(sql.size());
    }
    items += static_cast<std::int64_t>(statements().size());
  }
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(items);
}

void shape_by_lexer(benchmark::State& state) {
  for_statements(state, [](const auto& sql) { return shape_hash(sql); });
}
BENCHMARK(shape_by_lexer);

void shape_by_skeleton(benchmark::State& state) {
  SkeletonScanner scanner;
  for_statements(state, [&](const auto& sql) { return scanner.scan(sql).text; });
}
BENCHMARK(shape_by_skeleton);

void shape_by_cache(benchmark::State& state) {
  ShapeCache cache;
  for_statements(state, [&](const auto& sql) { return cache.of(sql).shape; });
}
BENCHMARK(shape_by_cache);

void fingerprint_by_libpg_query(benchmark::State& state) {
  for_statements(state, [](const auto& sql) { return fingerprint(sql).has_value(); });
}
BENCHMARK(fingerprint_by_libpg_query);

std::vector<std::string> sample_lines() {
  std::istringstream in(sample("crm.log.zst").substr(0, 1U << 20U));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('\t')) lines.push_back(line);
  }
  return lines;
}

void prefix_by_pattern(benchmark::State& state) {
  const auto lines = sample_lines();
  const PrefixPattern pattern("%m [%p] %q%u@%d/%a ");
  for (auto _ : state) {
    for (const auto& line : lines) benchmark::DoNotOptimize(pattern.match(line));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lines.size()));
}
BENCHMARK(prefix_by_pattern);

void prefix_by_reader(benchmark::State& state) {
  const auto lines = sample_lines();
  PrefixReader reader("%m [%p] %q%u@%d/%a ");
  PrefixMatch match;
  for (auto _ : state) {
    for (const auto& line : lines) benchmark::DoNotOptimize(reader.match(line, match));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(lines.size()));
}
BENCHMARK(prefix_by_reader);

void latency_sketch(benchmark::State& state) {
  LatencySketch sketch;
  std::int64_t duration = 1;
  for (auto _ : state) {
    duration = duration * 1103515245 % 2147483647;
    sketch.add(Microseconds(duration % 1'000'000));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(latency_sketch);

void workload_builder(benchmark::State& state) {
  WorkloadBuilder builder({});
  LogRecord record;
  record.kind = RecordKind::kExecution;
  record.timed = true;
  record.user = "crm_app";
  record.database = "crm";
  record.application = "crm-web";
  std::uint64_t i = 0;
  for (auto _ : state) {
    const std::string& sql = statements()[i % statements().size()];
    record.sql = sql;
    record.shape = 1 + i * 7 % 130;
    record.values = i * 0x9E3779B97F4A7C15;
    record.process = static_cast<std::int64_t>(100 + i % 50);
    record.time.utc = Timestamp(Microseconds(1'700'000'000'000'000 + static_cast<std::int64_t>(i) * 300));
    record.duration = Microseconds(static_cast<std::int64_t>(i * i % 5000));
    builder.add(record);
    ++i;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(workload_builder);

}  // namespace

BENCHMARK_MAIN();
