#include "parser/log/carried_messages.h"

#include <algorithm>

#include "parser/log/stderr_entry.h"

namespace assay {

std::optional<PrefixMatch> CarriedMessages::head(std::string_view text) const {
  return text.starts_with('\t') ? std::nullopt : prefix_.match(text);
}

std::optional<PrefixMatch> CarriedMessages::message_head(std::string_view text) const {
  auto found = head(text);
  if (found && found->field != EntryField::kMessage) found.reset();
  return found;
}

/// Within a message only DETAIL, STATEMENT and kin can start.
std::optional<PrefixMatch> CarriedMessages::field_head(std::string_view text) const {
  auto found = head(text);
  if (found && found->field == EntryField::kMessage) found.reset();
  return found;
}

std::size_t CarriedMessages::add_part(const CarriedLine& line) {
  parts_.push_back({line, kNone});
  return parts_.size() - 1;
}

/// The lines of `line` from the place `from` on. The newline at its end, if any, ends no line.
void CarriedMessages::add_rest(std::size_t message, const CarriedLine& line, std::size_t from) {
  for (std::size_t at = from; at < line.text.size();) {
    const auto end = line_end(line.text, at);
    CarriedLine part = line;
    part.text = line.text.substr(at, end - at);
    part.new_line = at > 0 || line.new_line;
    const std::size_t added = add_part(part);
    parts_[messages_[message].last].next = added;
    messages_[message].last = added;
    at = end + 1;
  }
}

std::size_t CarriedMessages::begin(const PrefixMatch& head, const CarriedLine& line, const CarriedOrigin& origin) {
  CarriedLine first = line;
  first.text = line.text.substr(0, line_end(line.text, 0));
  const std::size_t part = add_part(first);
  messages_.push_back({head, origin, part, part, line.text.size()});
  add_rest(messages_.size() - 1, line, first.text.size() + 1);
  return messages_.size() - 1;
}

void CarriedMessages::add(std::size_t message, const CarriedLine& line) {
  messages_[message].bytes += line.text.size();
  ++messages_[message].lines;
  if (line.text.empty()) return add_rest(message, {"\n", line.line, line.new_line}, 0);
  add_rest(message, line, 0);
}

/// The text of a field: `text`, and the parts behind `part` that go on with it; leaves `part` at the last of them.
std::string_view CarriedMessages::join_field(Block& block, std::size_t& part, std::string_view text) {
  std::size_t next = parts_[part].next;
  const auto goes_on = [&] { return next != kNone && !field_head(parts_[next].line.text); };
  if (!goes_on()) return text;
  // Never longer than the block: each part leaves out more of its line than the newline that it may get.
  if (block.joined.size() < block.size) block.joined.resize(block.size);
  const std::size_t begin = joined_;
  const auto append = [&](std::string_view piece) {
    std::copy(piece.begin(), piece.end(), block.joined.begin() + static_cast<std::ptrdiff_t>(joined_));
    joined_ += piece.size();
  };
  append(text);
  for (; goes_on(); next = parts_[part].next) {
    part = next;
    auto piece = parts_[part].line.text;
    if (parts_[part].line.new_line) append("\n");
    if (piece.starts_with('\t')) piece.remove_prefix(1);
    append(piece);
  }
  return {block.joined.data() + begin, joined_ - begin};
}

/// A message over the limit is skipped, with all its lines.
bool CarriedMessages::fits(Block& block, const Message& message) const {
  if (message.bytes <= max_record_) return true;
  const CarriedLine& first = parts_[message.first].line;
  block.skips.add(SkipReason::kTooLong, first.line, message.lines, first.text);
  block.continuation_lines -= message.lines - 1;  // as the carrier has counted them
  return false;
}

LogEntry CarriedMessages::join(Block& block, const Message& message) {
  std::size_t part = message.first;
  const auto first = parts_[part].line;
  LogEntry entry;
  fill_in(entry, message.head, join_field(block, part, first.text.substr(message.head.length)), clock_);
  entry.line = first.line;
  if (!message.head.time) entry.time = message.origin.time;
  if (entry.process == 0) entry.process = message.origin.process;
  while ((part = parts_[part].next) != kNone) {
    const auto text = parts_[part].line.text;
    const auto head = field_head(text);
    set_field(entry, head->field, join_field(block, part, text.substr(head->length)));
  }
  return entry;
}

void CarriedMessages::finish(Block& block) {
  joined_ = 0;
  for (const Message& message : messages_) {
    if (fits(block, message)) block.entries.push_back(join(block, message));
  }
  for (LogEntry& entry : block.entries) {
    if (entry.field == EntryField::kMessage) interpret(entry, shapes_);
  }
  messages_.clear();
  parts_.clear();
  block.unknown_zone = clock_.unknown_zone();
}

}  // namespace assay
