// Google Cloud SQL, exported from Cloud Logging: each JSON object's textPayload holds a line of stderr, or a few of one
// message. A statement of several lines may be spread over objects, of which only the first is labelled; they follow
// each other in the export. The Ops Agent's jsonPayload has the message and its fields apart.
#include "parser/log/carried_messages.h"
#include "parser/log/json_carrier.h"
#include "parser/log/json_text.h"

namespace assay {
namespace {

struct Payload {
  JsonMember text;          ///< textPayload, or the message in jsonPayload
  std::string_view object;  ///< jsonPayload
  std::string_view time;
};

Payload payload_of(std::string_view object) {
  Payload payload;
  JsonObject members(object);
  while (const auto member = members.next()) {
    if (member->key == "textPayload") payload.text = *member;
    if (member->key == "jsonPayload" && !member->is_string) payload.object = member->value;
    if (member->key == "timestamp") payload.time = member->value;
  }
  if (payload.text.is_string || payload.object.empty()) return payload;
  JsonObject inner(payload.object);
  while (const auto member = inner.next()) {
    if (member->key == "message") payload.text = *member;
  }
  return payload;
}

class CloudSqlTokenizer : public JsonCarrier {
 public:
  explicit CloudSqlTokenizer(const LogDialect& dialect)
      : JsonCarrier(dialect), messages_(dialect), zone_(dialect.zone.value_or(UtcOffset{0})) {}

  bool starts_record(std::string_view text) const override;

 protected:
  Outcome add(Block& block, std::string_view object, std::uint64_t line) override;
  void finish(Block& block) override { messages_.finish(block); }

 private:
  CarriedMessages messages_;
  UtcOffset zone_;
};

/// Only where a labelled line begins, so that a message stays in one block.
bool CloudSqlTokenizer::starts_record(std::string_view text) const {
  if (!JsonCarrier::starts_record(text)) return false;
  const auto payload = payload_of(json_record_at(text.substr(text.find('{'))));
  if (!payload.text.is_string) return false;
  constexpr std::size_t kFarEnough = 8192;  // escapes included, for log_line_prefix
  std::string copy(payload.text.value.substr(0, kFarEnough));
  if (payload.text.value.size() > kFarEnough) copy.resize(copy.find_last_not_of("\\u0123456789abcdefABCDEF") + 1);
  const auto unescaped = unescape_json_in_place(copy);
  return unescaped && messages_.head(*unescaped).has_value();
}

JsonCarrier::Outcome CloudSqlTokenizer::add(Block&, std::string_view object, std::uint64_t line) {
  const Payload payload = payload_of(object);
  if (!payload.text.is_string) return Outcome::kOtherProgram;
  const auto text = unescape_json_in_place(payload.text.value);
  if (!text) return Outcome::kNoRecord;
  const CarriedLine carried{*text, line, true};
  if (const auto head = messages_.head(*text)) {
    const auto time = head->time ? std::nullopt : parse_iso8601(payload.time, zone_);
    messages_.begin(*head, carried, {time.value_or(ZonedTime{}), 0});
    return Outcome::kMessage;
  }
  if (messages_.size() == 0) return Outcome::kNoBeginning;
  messages_.add(messages_.size() - 1, carried);
  return Outcome::kContinuation;
}

}  // namespace

std::unique_ptr<Tokenizer> make_cloudsql_tokenizer(const LogDialect& dialect) {
  return std::make_unique<CloudSqlTokenizer>(dialect);
}

}  // namespace assay
