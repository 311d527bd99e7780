// 64 bytes at a time are sorted into bit masks (with SSE2, where it is there), which give the places where a literal,
// a quoted name or a comment may begin: a few in a statement. All else is copied as it stands. Where a literal ends is
// decided as the lexer does, and by the lexer itself unless it is a plain string or a plain run of digits.
#include "parser/sql/skeleton.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "parser/base/scan.h"
#include "parser/sql/lexer.h"
#include "parser/sql/like_pattern.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace assay {
namespace {

constexpr std::size_t kLongest = 64U << 10U;       // bytes of a text
constexpr std::size_t kTextRoom = 3 * kLongest;    // an ordinal of one digit takes three bytes
constexpr std::size_t kValuesRoom = 2 * kLongest;  // a number of one digit takes two
constexpr std::size_t kGroup = 64;                 // bytes that one mask tells of
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// What stands in the skeleton for a literal. A text that holds such a byte itself has no skeleton.
enum Mark : char { kNumber = 1, kParameter, kString, kPattern, kOrdinal, kLastMark = 8 };

bool is_word_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || is_digit(c) || static_cast<unsigned char>((byte | 0x20U) - 'a') < 26 || c == '_' || c == '$';
}

bool is_no_mark(char c) { return static_cast<unsigned char>(c) > kLastMark; }

/// One bit a byte.
struct Masks {
  std::uint64_t word = 0;   ///< is_word_char()
  std::uint64_t digit = 0;  ///< and a dollar: either begins a literal only where no word goes on
  std::uint64_t quote = 0;  ///< ' and "
  std::uint64_t dash = 0, slash = 0, star = 0;
  std::uint64_t mark = 0;  ///< up to kLastMark
};

#ifdef __SSE2__

__m128i equal_to(__m128i bytes, char c) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }
__m128i at_most(__m128i bytes, char c) { return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(c)), bytes); }
std::uint64_t bits(__m128i bytes) { return static_cast<std::uint32_t>(_mm_movemask_epi8(bytes)); }

Masks sort_bytes(const char* text) {
  Masks masks;
  for (unsigned part = 0; part < kGroup; part += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + part));
    const __m128i dollar = equal_to(bytes, '$');
    const __m128i digit = _mm_or_si128(at_most(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), 9), dollar);
    const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    const __m128i letter = at_most(_mm_sub_epi8(lower, _mm_set1_epi8('a')), 25);
    const __m128i word = _mm_or_si128(_mm_or_si128(letter, digit), _mm_or_si128(equal_to(bytes, '_'), bytes));
    masks.word |= bits(word) << part;  // the sign bit of a byte over 0x7f counts as it is
    masks.digit |= bits(digit) << part;
    masks.quote |= bits(_mm_or_si128(equal_to(bytes, '\''), equal_to(bytes, '"'))) << part;
    masks.dash |= bits(equal_to(bytes, '-')) << part;
    masks.slash |= bits(equal_to(bytes, '/')) << part;
    masks.star |= bits(equal_to(bytes, '*')) << part;
    masks.mark |= bits(at_most(bytes, kLastMark)) << part;
  }
  return masks;
}

#else

Masks sort_bytes(const char* text) {
  Masks masks;
  for (unsigned i = 0; i < kGroup; ++i) {
    const char c = text[i];
    const auto bit = [i](bool set) { return static_cast<std::uint64_t>(set) << i; };
    masks.word |= bit(is_word_char(c));
    masks.digit |= bit(is_digit(c) || c == '$');
    masks.quote |= bit(c == '\'' || c == '"');
    masks.dash |= bit(c == '-');
    masks.slash |= bit(c == '/');
    masks.star |= bit(c == '*');
    masks.mark |= bit(static_cast<unsigned char>(c) <= kLastMark);
  }
  return masks;
}

#endif

/// The masks of what is left of the text from `at` on, at most a group.
Masks sort_group(std::string_view sql, std::size_t at) {
  if (sql.size() - at >= kGroup) return sort_bytes(sql.data() + at);
  std::array<char, kGroup> rest;
  rest.fill(' ');
  std::memcpy(rest.data(), sql.data() + at, sql.size() - at);
  return sort_bytes(rest.data());
}

/// Copies; 16 bytes at a time as long as the source has them. There is always room for them behind `to`.
char* copy(std::string_view bytes, const char* source_end, char* to) {
  const char* from = bytes.data();
  if (source_end - (from + bytes.size()) >= 16) {
    for (std::size_t done = 0; done < bytes.size(); done += 16) std::memcpy(to + done, from + done, 16);
  } else {
    std::memcpy(to, from, bytes.size());
  }
  return to + bytes.size();
}

class Scan {
 public:
  Scan(std::string_view sql, char* text, char* values) : sql_(sql), text_(text), values_(values) {}

  /// False: no skeleton.
  bool run();

  char* text_end() const { return text_; }
  char* values_end() const { return values_; }

 private:
  std::uint64_t starts(const Masks& masks, bool behind_word) const;
  std::size_t take(std::size_t at);
  std::size_t take_number(std::size_t at);
  std::size_t take_parameter(std::size_t at);
  std::size_t take_string(std::size_t at);
  std::size_t take_quoted_name(std::size_t at) const;
  std::size_t take_comment(std::size_t at);
  std::size_t lexer_end(std::size_t at) const;
  char before(std::size_t at) const;
  void put(std::size_t begin, std::size_t end, Mark mark);
  void put_value(std::size_t begin, std::size_t end);

  std::string_view sql_;
  char *text_, *values_;
  std::size_t copied_ = 0;              // up to where the text is in the skeleton
  std::size_t behind_comment_ = kNone;  // where the token behind the last comment begins
  bool ordinals_ = false;               // a number behind BY was read
};

std::uint64_t Scan::starts(const Masks& masks, bool behind_word) const {
  const std::uint64_t behind = masks.word << 1U | static_cast<std::uint64_t>(behind_word);
  constexpr std::uint64_t kLast = 1ULL << 63U;  // what follows it is not in sight: take() looks
  const std::uint64_t comments = (masks.dash & (masks.dash >> 1U | kLast)) | (masks.slash & (masks.star >> 1U | kLast));
  return (masks.digit & ~behind) | masks.quote | comments | masks.mark;
}

bool Scan::run() {
  bool behind_word = false;
  for (std::size_t base = 0; base < sql_.size();) {
    const Masks masks = sort_group(sql_, base);
    std::size_t next = base + kGroup;
    for (std::uint64_t left = starts(masks, behind_word); left != 0;) {
      const std::size_t end = take(base + static_cast<std::size_t>(std::countr_zero(left)));
      if (end == kNone) return false;
      next = std::max(next, end);
      if (end >= base + kGroup) break;
      left &= ~std::uint64_t{0} << (end - base);
    }
    base = next;
    behind_word = base < sql_.size() && is_word_char(sql_[base - 1]);
  }
  text_ = copy(sql_.substr(copied_), sql_.end(), text_);
  return true;
}

/// What begins at `at`; returns its end, or kNone when the text has no skeleton.
std::size_t Scan::take(std::size_t at) {
  const char c = sql_[at];
  if (at == behind_comment_ && (is_digit(c) || c == '\'')) return kNone;  // before() would look into the comment
  if (is_digit(c)) return take_number(at);
  switch (c) {
    case '\'':
      return take_string(at);
    case '"':
      return take_quoted_name(at);
    case '$':
      return take_parameter(at);
    case '-':
    case '/':
      return take_comment(at);
    default:
      return kNone;
  }
}

std::size_t Scan::lexer_end(std::size_t at) const {
  Lexer lexer(sql_);
  lexer.skip_to(at);
  lexer.next();
  return lexer.position();
}

/// The last byte before `at` that is no blank; a blank where there is none.
char Scan::before(std::size_t at) const {
  while (at > 0) {
    const char c = sql_[--at];
    if (c != ' ' && (c < '\t' || c > '\r')) return c;
  }
  return ' ';
}

void Scan::put(std::size_t begin, std::size_t end, Mark mark) {
  text_ = copy(sql_.substr(copied_, begin - copied_), sql_.end(), text_);
  *text_++ = mark;
  copied_ = end;
}

void Scan::put_value(std::size_t begin, std::size_t end) {
  values_ = copy(sql_.substr(begin, end - begin), sql_.end(), values_);
  *values_++ = '\0';
}

/// A number behind BY may name a column and is kept, and so is every number after it.
std::size_t Scan::take_number(std::size_t at) {
  if (at > 0 && sql_[at - 1] == '.') return kNone;  // .5, or a range's end
  std::size_t end = at + 1;
  while (end < sql_.size() && is_digit(sql_[end])) ++end;
  if (end < sql_.size() && (sql_[end] == '.' || is_word_char(sql_[end]))) end = lexer_end(at);
  if (end < sql_.size() && sql_[end] == '$') return kNone;  // the masks take it for a word's
  ordinals_ = ordinals_ || (before(at) | 0x20) == 'y';
  put(at, end, ordinals_ ? kOrdinal : kNumber);
  if (ordinals_) {
    text_ = copy(sql_.substr(at, end - at), sql_.end(), text_);
    *text_++ = kOrdinal;
  }
  put_value(at, end);
  return end;
}

std::size_t Scan::take_parameter(std::size_t at) {
  std::size_t end = at + 1;
  while (end < sql_.size() && is_digit(sql_[end])) ++end;
  const bool more = end < sql_.size() && (sql_[end] == '$' || is_word_char(sql_[end]));
  if (end == at + 1 || more) return kNone;  // maybe a dollar quote
  put(at, end, kParameter);
  return end;
}

/// A pattern stands behind LIKE, SIMILAR TO, ~~, ~~* or one of their parentheses; strings behind what looks like that
/// keep the class of their wildcards.
std::size_t Scan::take_string(std::size_t at) {
  if (at > 0 && (is_word_char(sql_[at - 1]) || sql_[at - 1] == '&')) return kNone;  // E'…', U&'…'
  std::size_t end = at + 1;
  for (;; end += 2) {
    end = sql_.find('\'', end);
    if (end == std::string_view::npos || end + 1 == sql_.size() || sql_[end + 1] != '\'') break;
  }
  end = end == std::string_view::npos ? sql_.size() : end + 1;
  const bool may_match = std::string_view("eEoO~*(").find(before(at)) != std::string_view::npos;
  const auto literal = sql_.substr(at, end - at);
  const bool pattern = may_match && literal.find_first_of("%_") != std::string_view::npos;
  put(at, end, pattern ? kPattern : kString);
  if (pattern) {
    const auto shape = like_class(literal);
    text_ = std::copy(shape.begin(), shape.end(), text_);
  }
  put_value(at, end);
  return end;
}

/// Copied as it stands; a doubled quote ends one and begins the next.
std::size_t Scan::take_quoted_name(std::size_t at) const {
  const std::size_t end = sql_.find('"', at + 1);
  return end == std::string_view::npos ? sql_.size() : end + 1;
}

/// Left out before the first token and behind the last, and else copied as it stands.
std::size_t Scan::take_comment(std::size_t at) {
  if (at + 1 == sql_.size() || sql_[at + 1] != (sql_[at] == '-' ? '-' : '*')) return at + 1;
  Lexer lexer(sql_);
  lexer.skip_to(at);
  const Token token = lexer.next();
  if (token.kind == TokenKind::kEnd) {
    text_ = copy(sql_.substr(copied_, at - copied_), sql_.end(), text_);
    return copied_ = sql_.size();
  }
  const auto next = static_cast<std::size_t>(token.text.data() - sql_.data());
  if (before(at) == ' ') return copied_ = next;
  const auto passed = sql_.substr(at, next - at);
  return std::all_of(passed.begin(), passed.end(), is_no_mark) ? behind_comment_ = next : kNone;
}

}  // namespace

SkeletonScanner::SkeletonScanner() : text_(new char[kTextRoom + 16]), values_(new char[kValuesRoom + 16]) {}

Skeleton SkeletonScanner::scan(std::string_view sql) {
  if (sql.size() > kLongest) return {};
  Scan scan(sql, text_.get(), values_.get());
  if (!scan.run()) return {};
  const auto text = static_cast<std::size_t>(scan.text_end() - text_.get());
  const auto values = static_cast<std::size_t>(scan.values_end() - values_.get());
  return {XXH3_64bits(text_.get(), text), values == 0 ? 0 : XXH3_64bits(values_.get(), values), true};
}

}  // namespace assay
