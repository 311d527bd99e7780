#include "tests/parser/log/syslog_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>

namespace assay::test {
namespace {

constexpr std::size_t kLimit = 900;  // PG_SYSLOG_LIMIT

bool is_space(char c) { return std::string_view(" \t\n\v\f\r").find(c) != std::string_view::npos; }

/// The pieces that syslog() is called with, without their numbers.
std::vector<std::string> chunks_of(std::string text) {
  std::vector<std::string> chunks;
  while (!text.empty()) {
    if (text[0] == '\n') {
      text.erase(0, 1);
      continue;
    }
    std::size_t length = std::min(text.find('\n'), text.size());
    if (length > kLimit) {
      length = kLimit;
      while ((static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) --length;  // between letters
    }
    if (length < text.size() && !is_space(text[length])) {
      std::size_t blank = length - 1;
      while (blank > 0 && !is_space(text[blank])) --blank;
      if (blank > 0) length = blank;
    }
    chunks.push_back(text.substr(0, length));
    text.erase(0, length);
  }
  return chunks;
}

std::string with_tabs(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '\n' ? std::string("\n\t") : std::string(1, c);
  return out;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += static_cast<unsigned char>(c) < 0x20 ? fmt::format("#{:03o}", static_cast<int>(c)) : std::string(1, c);
  }
  return out;
}

std::string header(std::size_t index, int process, SyslogStyle::Header kind) {
  const auto clock = fmt::format("{:02}:{:02}:{:02}", 10 + index / 3600, index / 60 % 60, index % 60);
  switch (kind) {
    case SyslogStyle::Header::kRfc3164:
      return fmt::format("Nov 22 {} host postgres[{}]: ", clock, process);
    case SyslogStyle::Header::kIso:
      return fmt::format("2026-11-22T{}.125000+00:00 host postgres[{}]: ", clock, process);
    default:
      return fmt::format("<134>1 2026-11-22T{}.125000+00:00 host postgres {} - -  ", clock, process);
  }
}

}  // namespace

std::vector<std::vector<std::string>> syslog_messages(const std::vector<Event>& events, const SyslogStyle& style) {
  std::vector<std::vector<std::string>> messages;
  std::map<int, std::size_t> numbers;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Event& e = events[i];
    const auto prefix = fmt::format("user={},db={},app={},client= ", e.user, e.database, e.application);
    std::string text = prefix + e.severity + ":  " + with_tabs(e.message) + "\n";
    if (!e.detail.empty()) text += prefix + "DETAIL:  " + with_tabs(e.detail) + "\n";
    if (!e.statement.empty()) text += prefix + "STATEMENT:  " + with_tabs(e.statement) + "\n";
    const auto chunks = style.split ? chunks_of(text) : std::vector{text.substr(0, text.size() - 1)};
    const auto number = ++numbers[e.process];
    auto& lines = messages.emplace_back();
    for (std::size_t chunk = 0; chunk < chunks.size(); ++chunk) {
      std::string count;
      if (style.numbers) count = fmt::format("[{}{}] ", number, style.split ? fmt::format("-{}", chunk + 1) : "");
      if (!style.numbers && style.split) count = fmt::format("[{}] ", chunk + 1);
      lines.push_back(header(i, e.process, style.header) + count +
                      (style.escapes ? escaped(chunks[chunk]) : chunks[chunk]) + "\n");
    }
  }
  return messages;
}

std::string as_syslog(const std::vector<Event>& events, const SyslogStyle& style) {
  std::string out;
  for (const auto& lines : syslog_messages(events, style)) {
    for (const auto& line : lines) out += line;
  }
  return out;
}

std::string as_mixed_syslog(const std::vector<Event>& events, std::size_t depth, unsigned seed,
                            const SyslogStyle& style) {
  struct Open {
    int process;
    std::deque<std::string> lines;
  };
  const auto messages = syslog_messages(events, style);
  std::mt19937 random(seed);
  std::vector<Open> open;
  std::string out;
  for (std::size_t next = 0; next < messages.size() || !open.empty();) {
    const auto same = [&](const Open& o) { return next < events.size() && o.process == events[next].process; };
    const bool may_open = next < messages.size() && open.size() < depth && std::none_of(open.begin(), open.end(), same);
    if (may_open && (open.empty() || random() % 2 == 0)) {
      // Its first line at once, so that messages begin in the order of the events.
      out += messages[next].front();
      open.push_back({events[next].process, {messages[next].begin() + 1, messages[next].end()}});
      ++next;
    } else {
      Open& chosen = open[random() % open.size()];
      if (!chosen.lines.empty()) {
        out += chosen.lines.front();
        chosen.lines.pop_front();
      }
    }
    open.erase(std::remove_if(open.begin(), open.end(), [](const Open& o) { return o.lines.empty(); }), open.end());
    if (random() % 20 == 0) out += "Nov 22 10:00:00 host CRON[77]: (root) CMD (true)\n";
  }
  return out;
}

}  // namespace assay::test
