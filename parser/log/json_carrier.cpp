#include "parser/log/json_carrier.h"

#include "parser/log/json_text.h"

namespace assay {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kBetween = " \t\r,[]";  // what stands around the members of an array

std::string_view line_of(std::string_view text, std::size_t at) { return text.substr(at, line_end(text, at) - at); }

bool holds_only(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

/// Of a line that opens a record: the place of its brace; npos for another line.
std::size_t opening_brace(std::string_view line) {
  constexpr std::size_t kDeepest = 4;  // blanks before a member of the outer array; what is deeper lies within a record
  const auto first = line.find_first_not_of(" \t");
  if (first > kDeepest || first == std::string_view::npos) return std::string_view::npos;
  const auto brace = line.find_first_not_of(kBetween);
  return brace != std::string_view::npos && line[brace] == '{' ? brace : std::string_view::npos;
}

}  // namespace

bool JsonCarrier::starts_record(std::string_view text) const {
  return opening_brace(line_of(text, 0)) != std::string_view::npos;
}

std::string_view json_record_at(std::string_view text) {
  const auto first = line_of(text, 0);
  if (!holds_only(first.substr(1), kBlanks)) return first;
  for (std::size_t at = first.size() + 1; at < text.size(); at = line_end(text, at) + 1) {
    const auto line = line_of(text, at);
    const auto brace = opening_brace(line);
    if (brace != std::string_view::npos && holds_only(line.substr(brace + 1), kBlanks)) return text.substr(0, at);
  }
  return text;
}

JsonCarrier::Extent JsonCarrier::object_at(std::string_view text, std::size_t at) const {
  Extent extent;
  extent.begin = at + opening_brace(line_of(text, at));
  const auto record = json_record_at(text.substr(extent.begin));
  JsonObject members(record);
  while (members.next()) {
  }
  const std::size_t end = extent.begin + members.position();
  if (members.closed() && holds_only(line_of(text, end), kBetween) && end - at <= max_record_) {
    extent.end = end;
    extent.behind = std::min(line_end(text, end) + 1, text.size());
  } else {
    extent.behind = std::min(line_end(text, at) + 1, text.size());
  }
  return extent;
}

void JsonCarrier::count(Block& block, Outcome outcome, std::string_view lines, std::uint64_t count) const {
  switch (outcome) {
    case Outcome::kMessage:
      block.continuation_lines += count - 1;
      break;
    case Outcome::kContinuation:
      block.continuation_lines += count;
      break;
    case Outcome::kNoBeginning:
      block.skips.add(SkipReason::kNoBeginning, block.lines, count, lines);
      break;
    case Outcome::kOtherProgram:
      block.skips.add(SkipReason::kOtherProgram, block.lines, count, lines);
      break;
    case Outcome::kNoRecord: {
      const bool last = block.at_end && lines.data() + lines.size() == block.bytes.data() + block.size;
      const auto reason = lines.size() > max_record_                          ? SkipReason::kTooLong
                          : holds_only(lines, " \t\r\n")                      ? SkipReason::kBlank
                          : last && lines.find('{') != std::string_view::npos ? SkipReason::kCutOff
                                                                              : SkipReason::kNoJsonRecord;
      block.skips.add(reason, block.lines, count, lines);
    }
  }
  block.lines += count;
}

void JsonCarrier::tokenize(Block& block) {
  const auto text = block.text();
  for (std::size_t at = 0; at < text.size();) {
    const auto line = line_of(text, at);
    if (opening_brace(line) == std::string_view::npos) {
      const bool bracket = !holds_only(line, kBlanks) && holds_only(line, kBetween);
      count(block, bracket ? Outcome::kContinuation : Outcome::kNoRecord, line, 1);
      at += line.size() + 1;
      continue;
    }
    const Extent extent = object_at(text, at);
    const auto whole = text.substr(at, extent.behind - at);
    const std::uint64_t lines = count_lines(whole);
    const auto outcome = extent.end == 0
                             ? Outcome::kNoRecord
                             : add(block, text.substr(extent.begin, extent.end - extent.begin), block.lines);
    count(block, outcome, whole, lines);
    at = extent.behind;
  }
  finish(block);
}

}  // namespace assay
