// Azure Database for PostgreSQL: resource logs as Azure Monitor archives and streams them, a JSON object a line, the
// server's message and its fields under "properties". On a flexible server the message still has its log_line_prefix
// and label, on a single server they stand in fields of their own. Objects of other categories (metrics, sessions) are
// other programs'.
#include "parser/log/json_carrier.h"
#include "parser/log/json_fields.h"
#include "parser/log/json_text.h"
#include "parser/log/stderr_entry.h"

namespace assay {
namespace {

constexpr JsonField kTexts[] = {
    {"message", &LogEntry::message},     {"detail", &LogEntry::detail},       {"hint", &LogEntry::hint},
    {"context", &LogEntry::context},     {"statement", &LogEntry::statement}, {"query", &LogEntry::statement},
    {"errorLevel", &LogEntry::severity}, {"sqlerrcode", &LogEntry::sqlstate}, {"backend_type", &LogEntry::backend},
    {"user", &LogEntry::user},           {"database", &LogEntry::database},
};
constexpr JsonFields kFields{kTexts, "timestamp", "processId"};

class AzureTokenizer : public JsonCarrier {
 public:
  explicit AzureTokenizer(const LogDialect& dialect)
      : JsonCarrier(dialect),
        prefix_(dialect.log_line_prefix),
        clock_(dialect.zone),
        zone_(dialect.zone.value_or(UtcOffset{0})) {}

 protected:
  Outcome add(Block& block, std::string_view object, std::uint64_t line) override;
  void finish(Block& block) override { block.unknown_zone = clock_.unknown_zone(); }

 private:
  void take_prefix(LogEntry& entry);

  PrefixPattern prefix_;
  ZoneClock clock_;
  UtcOffset zone_;
  ShapeCache shapes_;
};

/// Takes out the tab that the server puts behind each newline of a labelled text, in place.
std::string_view without_tabs(std::string_view text) {
  char* const begin = const_cast<char*>(text.data());  // the block's own bytes
  char* to = begin;
  for (std::size_t at = 0; at < text.size(); ++at) {
    *to++ = text[at];
    if (text[at] == '\n' && at + 1 < text.size() && text[at + 1] == '\t') ++at;
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

/// Takes prefix and label off the message's front, where they stand there.
void AzureTokenizer::take_prefix(LogEntry& entry) {
  const auto head = prefix_.match(entry.message);
  if (!head) return;
  LogEntry labelled;
  fill_in(labelled, *head, without_tabs(entry.message.substr(head->length)), clock_);
  entry.field = labelled.field;
  entry.message = labelled.message;
  entry.severity = labelled.severity;
  if (entry.time.utc == Timestamp{}) entry.time = labelled.time;  // the property has milliseconds
  if (labelled.process != 0) entry.process = labelled.process;
  if (!labelled.sqlstate.empty()) entry.sqlstate = labelled.sqlstate;
  entry.session = labelled.session;
  entry.host = labelled.host;
  entry.application = labelled.application;
  if (entry.user.empty()) entry.user = labelled.user;
  if (entry.database.empty()) entry.database = labelled.database;
}

JsonCarrier::Outcome AzureTokenizer::add(Block& block, std::string_view object, std::uint64_t line) {
  JsonMember properties;
  std::string_view time;  // when the message was taken in
  LogEntry entry;
  JsonObject members(object);
  while (const auto member = members.next()) {
    if (member->key == "properties") properties = *member;
    if (member->key == "time") time = member->value;
  }
  auto fields = properties.value;
  if (properties.is_string) fields = unescape_json_in_place(fields).value_or(std::string_view());
  if (!fields.starts_with('{')) return Outcome::kOtherProgram;
  if (!read_json_fields(fields, kFields, clock_, entry)) return Outcome::kNoRecord;
  if (entry.severity.empty() || entry.message.empty()) return Outcome::kOtherProgram;
  entry.line = line;
  take_prefix(entry);
  if (entry.time.utc == Timestamp{}) entry.time = parse_iso8601(time, zone_).value_or(ZonedTime{});
  if (entry.sqlstate == "00000") entry.sqlstate = {};
  if (entry.field == EntryField::kMessage) interpret(entry, shapes_);
  block.entries.push_back(entry);
  return Outcome::kMessage;
}

}  // namespace

std::unique_ptr<Tokenizer> make_azure_tokenizer(const LogDialect& dialect) {
  return std::make_unique<AzureTokenizer>(dialect);
}

}  // namespace assay
