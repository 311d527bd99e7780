// KnownRecords: what most records of csvlog and jsonlog are, read without a look at any byte that was seen before.
//
// A record of a step of an execution is the same from one to the next of a session in all but a few places: the time,
// the numbers of line and transaction, the command, the duration, the statement and its parameters. So the texts
// between them are remembered, each session's front (who it is) and tail (its application), with what the tokenizer
// found in them; the statement is one of the KnownTexts or is told by its skeleton. Whatever differs in anything else,
// or holds an escape in what is not remembered, is left to the tokenizer, and so is what makes a record malformed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "parser/base/scan.h"
#include "parser/log/block.h"
#include "parser/log/identity.h"
#include "parser/log/known_texts.h"
#include "parser/log/known_time.h"
#include "parser/sql/shape_cache.h"

namespace assay {

/// `Format` has, beside what KnownTexts needs: the texts kBegin (before the time), kSessionEnd (behind the session's
/// id), kMessage (from the severity to the message), kDetail (between message and detail), kNoDetail (instead),
/// kBeforeApplication and kEnd; how many quotes front and tail have; skip_numbers(record, at), which steps from the
/// front to kMessage and returns 0 where it cannot; and plain_end(text), which returns where a string ends, or 0 where
/// escapes stand in it.
template <typename Format>
class KnownRecords {
 public:
  KnownRecords(std::size_t max_record, ShapeCache& shapes) : max_record_(max_record), shapes_(shapes) {}

  void begin_block() { ++blocks_; }

  /// Adds the step that `text` begins with to the block; returns the size of its record, or 0 where it is not known.
  std::size_t read(Block& block, std::string_view text) {
    Front* front = nullptr;
    ExecutionStep step;
    std::size_t at = read_front(text, step, front);
    if (at == 0 || (at = Format::skip_numbers(text, at)) == 0 || !take(text, at, Format::kMessage)) return 0;
    TimedHead timed;
    if (!read_timed_head(text.substr(at), timed)) return 0;
    at += timed.length;
    if (!read_statement(text, at, step)) return 0;
    std::string_view detail;
    if (take(text, at, Format::kDetail)) {
      const std::size_t size = Format::plain_end(text.substr(at));
      if (size == 0) return 0;
      detail = text.substr(at, size);
      at += size + 1;
      step.lines += static_cast<std::uint64_t>(std::count(detail.begin(), detail.end(), '\n'));
    } else if (!take(text, at, Format::kNoDetail)) {
      return 0;
    }
    if (!take(text, at, front->tail)) return 0;
    if (!take_query_id(text, at, front->tail.back()) || !take(text, at, Format::kEnd) || at > max_record_) return 0;
    step.kind = timed.kind;
    step.duration = timed.duration;
    step.name = timed.name;
    step.client = client_of(block, text, *front, at);
    step.line = block.lines;
    tell_detail(step, detail, step.values);
    block.steps.push_back(step);
    block.lines += step.lines;
    block.continuation_lines += step.lines - 1;
    return at;
  }

  /// A record, as it stood before it was read, from its statement on; see KnownTexts.
  void note(std::string_view message) {
    texts_.forget_noted();
    TimedHead timed;
    if (!read_timed_head(message, timed)) return;
    const auto text = message.substr(timed.length);
    const std::size_t size = Format::string_end(text);
    if (size > 0) texts_.note(text, size);
  }

  /// What the tokenizer found in it. `record` ends with its line.
  void learn(std::string_view record, const LogEntry& entry, const ShapeAndValues& told) {
    if (!is_timed_statement(entry.kind)) return texts_.forget_noted();
    texts_.learn_noted(entry.sql, told);
    const auto written = record.substr(std::min(record.size(), Format::kBegin.size()));
    const auto time = scan_log_time(written);
    if (!time) return;
    time_.learn(written, *time, entry.time.offset);
    learn_front(record, Format::kBegin.size() + time->length, entry);
  }

 private:
  static constexpr std::size_t kFronts = 1U << 10U;
  static constexpr std::size_t kKey = 16;

  struct Place {
    std::size_t begin = 0, size = 0;
  };
  struct Front {
    std::string text;  ///< from behind the time to behind the session's id
    Place session, user, database, host;
    std::string tail;  ///< from behind the detail to query_id
    Place application;
    std::int64_t process = 0;
    std::uint64_t identity = 0;
    const Client* client = nullptr;  ///< in the block at hand, if it is …
    std::uint64_t of_block = 0;      ///< … this one
  };

  static bool take(std::string_view text, std::size_t& at, std::string_view expected) {
    if (!text.substr(at).starts_with(expected)) return false;
    at += expected.size();
    return true;
  }

  /// The number that the record may end with. `before` is what the tail ends with: a key has a value, and a value
  /// stands behind a key or a comma.
  static bool take_query_id(std::string_view text, std::size_t& at, char before) {
    const std::size_t begin = at;
    while (at < text.size() && (is_digit(text[at]) || text[at] == '-')) ++at;
    return at > begin ? before == ':' || before == ',' : before != ':';
  }

  /// By the process, which stands behind user and database.
  Front& front_at(std::string_view text, std::size_t at) {
    for (int commas = 0; commas < 3; ++commas) at = std::min(find_any<','>(text, at) + 1, text.size());
    return fronts_[hash_of(text.substr(at, kKey)) % kFronts];
  }

  std::size_t read_front(std::string_view text, ExecutionStep& step, Front*& front) {
    std::size_t at = 0;
    if (fronts_.empty() || !take(text, at, Format::kBegin)) return 0;
    const std::size_t time = time_.read(text.substr(at), step.time);
    if (time == 0) return 0;
    at += time;
    front = &front_at(text, at);
    if (front->text.empty() || !take(text, at, front->text)) return 0;
    step.process = front->process;
    return at;
  }

  bool read_statement(std::string_view text, std::size_t& at, ExecutionStep& step) {
    const auto written = text.substr(at);
    ShapeAndValues told;
    if (const KnownText* known = texts_.find(written)) {
      step.sql_stays = true;
      step.sql = known->sql;
      step.lines = known->lines;
      told = known->told;
      at += known->written.size() + 1;
    } else {
      const std::size_t size = Format::plain_end(written);
      if (size == 0) return false;
      step.sql = written.substr(0, size);
      step.lines = static_cast<std::uint64_t>(std::count(step.sql.begin(), step.sql.end(), '\n')) + 1;
      told = shapes_.of(step.sql);
      texts_.learn(written, size, step.sql, told);
      at += size + 1;
    }
    step.shape = told.shape;
    step.values = told.values;
    return true;
  }

  const Client* client_of(Block& block, std::string_view text, Front& front, std::size_t end) {
    if (front.of_block == blocks_) return front.client;
    const std::size_t front_begin = text.find(front.text);
    const std::size_t tail_begin = text.substr(0, end).rfind(front.tail);
    const auto in = [&](std::size_t begin, Place place) { return text.substr(begin + place.begin, place.size); };
    Client client;
    client.session = in(front_begin, front.session);
    client.user = in(front_begin, front.user);
    client.database = in(front_begin, front.database);
    client.host = in(front_begin, front.host);
    client.application = in(tail_begin, front.application);
    client.identity = front.identity;
    front.of_block = blocks_;
    return front.client = &block.clients.emplace_back(client);
  }

  /// A field that stands in the record as it was written.
  static bool is_plain(std::string_view record, std::string_view field, std::string_view ends) {
    if (field.empty() || field.find_first_of("\"\\\n") != std::string_view::npos) return false;
    const auto end = static_cast<std::size_t>(field.data() + field.size() - record.data());
    return end < record.size() && ends.find(record[end]) != std::string_view::npos;
  }

  static bool has_quotes(std::string_view text, std::ptrdiff_t count) {
    return std::count(text.begin(), text.end(), '"') == count;
  }

  /// Remembers front and tail of the record, if they have the fields that the server writes there and no others.
  void learn_front(std::string_view record, std::size_t begin, const LogEntry& entry) {
    if (!is_plain(record, entry.session, Format::kSessionEnd.substr(0, 1)) || !is_plain(record, entry.user, "\"") ||
        !is_plain(record, entry.database, "\"") || !is_plain(record, entry.host, "\":") ||
        !is_plain(record, entry.application, "\"") || !is_plain(record, entry.backend, "\"") ||
        !entry.sqlstate.empty() || !record.ends_with(Format::kEnd))
      return;
    const auto place_of = [&](std::string_view field) {
      return static_cast<std::size_t>(field.data() - record.data());
    };
    std::size_t end = place_of(entry.session) + entry.session.size();
    const std::size_t application = place_of(entry.application);
    if (!take(record, end, Format::kSessionEnd) || application < end + Format::kBeforeApplication.size()) return;
    for (const auto field : {entry.session, entry.user, entry.database, entry.host}) {
      if (place_of(field) < begin || place_of(field) >= end) return;
    }
    const std::size_t tail = application - Format::kBeforeApplication.size();
    std::size_t tail_end = record.size() - Format::kEnd.size();
    while (is_digit(record[tail_end - 1]) || record[tail_end - 1] == '-') --tail_end;
    if (tail_end <= application || !has_quotes(record.substr(begin, end - begin), Format::kFrontQuotes) ||
        !has_quotes(record.substr(tail, tail_end - tail), Format::kTailQuotes) ||
        !record.substr(tail).starts_with(Format::kBeforeApplication))
      return;
    fronts_.resize(kFronts);
    Front& front = front_at(record, begin);
    front = Front();
    front.text = record.substr(begin, end - begin);
    front.tail = record.substr(tail, tail_end - tail);
    const auto within = [&](std::string_view field, std::size_t from) {
      return Place{place_of(field) - from, field.size()};
    };
    front.session = within(entry.session, begin);
    front.user = within(entry.user, begin);
    front.database = within(entry.database, begin);
    front.host = within(entry.host, begin);
    front.application = within(entry.application, tail);
    front.process = entry.process;
    front.identity = client_identity(entry.user, entry.database, entry.application, entry.host);
  }

  std::size_t max_record_;
  KnownTime time_;
  KnownTexts<Format> texts_;
  ShapeCache& shapes_;
  std::vector<Front> fronts_;  // empty before the first is learned
  std::uint64_t blocks_ = 0;
};

}  // namespace assay
