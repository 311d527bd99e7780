#include "analyzer/transaction_follower.h"

#include <algorithm>

#include "parser/sql/lexer.h"

namespace assay {

TransactionEffect transaction_effect(std::string_view normalized, SqlDialect dialect) {
  TransactionEffect effect{.role = role_of(normalized)};
  const bool begins = effect.role == TransactionRole::kBegin;
  if (effect.role != TransactionRole::kEnd && effect.role != TransactionRole::kOther && !begins) return effect;
  Lexer lexer(normalized);
  Token token = lexer.next();
  effect.takes_back =
      effect.role == TransactionRole::kEnd && (is_word(token.text, "rollback") || is_word(token.text, "abort"));
  const bool sets = is_word(token.text, "set") && is_word(lexer.peek().text, "transaction");
  for (; (begins || sets) && token.kind != TokenKind::kEnd; token = lexer.next()) {
    effect.keeps_snapshot |= is_word(token.text, "repeatable") || is_word(token.text, "serializable");
  }
  effect.keeps_snapshot |= begins && dialect == SqlDialect::kMysql;
  return effect;
}

bool TransactionFollower::add(std::uint64_t session, const TransactionEffect& effect, std::uint32_t query,
                              Timestamp end, CommittedWrites& writes) {
  if (effect.role == TransactionRole::kBegin) {
    const bool known = session != 0 && (open_.size() < kMostSessions || open_.contains(session));
    if (known) open_[session] = {.keeps_snapshot = effect.keeps_snapshot, .written = {}};
    return false;
  }
  const auto found = session == 0 ? open_.end() : open_.find(session);
  Open* open = found == open_.end() ? nullptr : &found->second;
  switch (effect.role) {
    case TransactionRole::kEnd:
      if (!open) return false;
      if (!effect.takes_back) {
        for (const std::uint32_t written : open->written) writes.add(end, written);
      }
      open_.erase(found);
      return false;
    case TransactionRole::kWrite:
      write(open, query, end, writes);
      return true;
    default:
      if (open) open->keeps_snapshot |= effect.keeps_snapshot;
      return open && (open->keeps_snapshot || !open->written.empty());
  }
}

void TransactionFollower::write(Open* open, std::uint32_t query, Timestamp end, CommittedWrites& writes) {
  if (!open || open->written.size() >= kMostWrites) return writes.add(end, query);
  if (std::find(open->written.begin(), open->written.end(), query) == open->written.end())
    open->written.push_back(query);
}

}  // namespace assay
