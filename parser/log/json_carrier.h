// What the JSON of the clouds has in common: records that are objects, one a line, or spread over lines as the members
// of an array (gcloud logging read --format=json). Of the latter, "[" and "]" count as continuation lines.
// What this leaves out: several records in one line.
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/log/tokenizer.h"

namespace assay {

class JsonCarrier : public Tokenizer {
 public:
  explicit JsonCarrier(const LogDialect& dialect) : max_record_(dialect.max_record) {}

  bool starts_record(std::string_view text) const override;
  std::size_t look_ahead() const override { return kFarLookAhead; }
  void tokenize(Block& block) override;

 protected:
  enum class Outcome {
    kMessage,       ///< made an entry, be it a DETAIL whose owner the EntrySequence finds
    kContinuation,  ///< belongs to one
    kNoBeginning,
    kOtherProgram,
    kNoRecord
  };

  /// One object, whose first line has the number `line` in the block. May unescape in place.
  virtual Outcome add(Block& block, std::string_view object, std::uint64_t line) = 0;
  virtual void finish(Block&) {}

 private:
  struct Extent {
    std::size_t begin = 0, end = 0;  // of the object; end 0: not a whole one
    std::size_t behind = 0;          // behind its last line
  };
  Extent object_at(std::string_view text, std::size_t at) const;
  void count(Block& block, Outcome outcome, std::string_view lines, std::uint64_t count) const;

  std::size_t max_record_;
};

/// The object whose first brace stands at `text`'s front, or what comes nearest to one: up to the end of the line, or
/// where the line ends with the brace, up to the next one like it.
std::string_view json_record_at(std::string_view text);

}  // namespace assay
