// Finds log_line_prefix from the log itself: first the shapes that are common, then one inferred from the lines.
//
// The best prefix explains the most labelled lines and, of those that explain as many, tells the most fields in them.
// Inference reads one prefix text from left to right, naming what it sees by its form (time stamp, bracketed number,
// user@database, word=…), and lets the lines vote.
#include <algorithm>
#include <compare>
#include <iterator>
#include <map>
#include <vector>

#include "parser/base/scan.h"
#include "parser/log/prefix.h"
#include "parser/log/recognition.h"

namespace assay {
namespace {

constexpr std::size_t kMaxLines = 2000;  // labelled ones, of the sample
constexpr std::size_t kMaxLine = 4096;   // bytes of a line that are looked at

// Distributions' defaults, pgBadger's advice, the clouds'. Of two that tell the same, the first wins.
constexpr std::string_view kCommonPrefixes[] = {
    "%m [%p] ",
    "%m [%p] %q%u@%d/%a ",
    "%m [%p] %q%u@%d ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d ",
    "%t [%p]: [%l-1] ",
    "%t:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:",
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%t [%p] %q%u@%d ",
    "%t [%p] %q%u@%d %a ",
    "%m [%p] %q%u@%d %a ",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%m [%p] %q[user=%u,db=%d,app=%a,client=%h] ",
    "%m [%p] %u@%d ",
    "%m %u@%d [%p] ",
    "%t %u@%d [%p] ",
    "%t [%p] ",
    "%t-%c-",
    "< %m >",
    "< %t >",
    "< %m > ",
    "%n [%p] ",
    "%m ",
    "%t ",
    "",
};

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

struct LabelledLine {
  std::string_view line;
  std::size_t label = 0;  ///< where the label stands: the prefix's length
};

/// The lines with a label, and the first place in each where one stands.
std::vector<LabelledLine> labelled_lines(std::string_view sample) {
  std::vector<LabelledLine> lines;
  for (std::size_t at = 0; at < sample.size() && lines.size() < kMaxLines;) {
    const auto end = line_end(sample, at);
    const auto line = sample.substr(at, std::min(end - at, kMaxLine));
    at = end + 1;
    if (line.starts_with('\t')) continue;
    for (auto colon = line.find(":  "); colon != std::string_view::npos; colon = line.find(":  ", colon + 1)) {
      std::size_t label = colon;
      while (label > 0 && (is_upper(line[label - 1]) || (is_digit(line[label - 1]) && label == colon))) --label;
      if (find_label(line.substr(label)) == nullptr) continue;
      lines.push_back({line, label});
      break;
    }
  }
  return lines;
}

struct Worth {
  std::size_t lines = 0;   ///< that match
  std::size_t fields = 0;  ///< that they tell, all lines together

  auto operator<=>(const Worth&) const = default;  // NOLINT(modernize-use-nullptr): misread by it
};

Worth worth_of(std::string_view prefix, const std::vector<LabelledLine>& lines) {
  const PrefixPattern pattern(prefix);
  Worth worth;
  for (const auto& line : lines) {
    const auto match = pattern.match(line.line);
    if (!match) continue;
    ++worth.lines;
    worth.fields += (match->time ? 1 : 0) + (match->process != 0 ? 1 : 0);
    for (const auto text :
         {match->session, match->user, match->database, match->application, match->host, match->sqlstate}) {
      worth.fields += text.empty() ? 0 : 1;
    }
  }
  return worth;
}

constexpr std::string_view kSuccess = "00000";  // the SQLSTATE of what is no error
constexpr std::string_view kLocal = "[local]";  // the host of a connection through a socket

/// Reads one prefix text into a pattern.
class Inference {
 public:
  explicit Inference(std::string_view text) : rest_(text) {}

  std::string run() {
    while (!rest_.empty()) {
      if (!time() && !session() && !counter() && !sqlstate() && !process() && !named() && !remote() &&
          !user_at_database() && !transaction() && !bare_name()) {
        literal();
      }
    }
    return pattern_;
  }

 private:
  void take(std::size_t count, std::string_view escape) {
    pattern_ += escape;
    rest_.remove_prefix(count);
  }

  template <typename Predicate>
  std::size_t span(std::size_t at, Predicate allowed) const {
    const std::size_t begin = at;
    while (at < rest_.size() && allowed(rest_[at])) ++at;
    return at - begin;
  }

  bool time() {
    if (const auto stamp = scan_log_time(rest_)) {
      const bool fraction = rest_.size() > 19 && rest_[19] == '.';
      const bool again = has_time_;
      has_time_ = true;
      take(stamp->length, again ? "%s" : fraction ? "%m" : "%t");
      return true;
    }
    const auto epoch = has_time_ || in_word_ ? std::nullopt : scan_epoch(rest_);
    if (!epoch || epoch->length < 14) return false;
    has_time_ = true;
    take(epoch->length, "%n");
    return true;
  }

  /// 6b0355eb.16b4
  bool session() {
    const std::size_t start = span(0, is_hex);
    if (in_word_ || start < 7 || start > 9 || start >= rest_.size() || rest_[start] != '.') return false;
    const std::size_t process = span(start + 1, is_hex);
    if (process == 0) return false;
    take(start + 1 + process, "%c");
    return true;
  }

  /// [12-1]: the second number is always 1, and a part of the prefix. Where nothing else may be the process, the first
  /// number is that and the second the line of the session.
  bool counter() {
    if (!rest_.starts_with('[')) return false;
    const std::size_t digits = span(1, is_digit);
    if (digits == 0 || rest_.substr(1 + digits, 3) != "-1]") return false;
    if (!has_process_ && !names_process(rest_.substr(1 + digits + 3))) return false;
    take(1 + digits + 3, "[%l-1]");
    return true;
  }

  static bool names_process(std::string_view text) {
    for (auto at = text.find('['); at != std::string_view::npos; at = text.find('[', at + 1)) {
      const auto end = text.find_first_not_of("0123456789", at + 1);
      if (end != std::string_view::npos && end > at + 1 && text[end] == ']') return true;
    }
    return text.find("pid=") != std::string_view::npos;
  }

  /// The first number that stands alone is the process, the next the line of the session.
  bool process() {
    const std::size_t digits = in_word_ ? 0 : span(0, is_digit);
    const char next = digits < rest_.size() ? rest_[digits] : ' ';
    if (digits == 0 || digits > 10 || next == '/' || next == '.' || (next >= 'a' && next <= 'z') || is_upper(next))
      return false;
    take(digits, has_process_ ? "%l" : "%p");
    has_process_ = true;
    return true;
  }

  /// user=, db=, app=, client= and kin, up to the next comma, blank or bracket.
  bool named() {
    struct Name {
      std::string_view word, escape;
    };
    static constexpr Name kNames[] = {
        {"user=", "%u"},        {"usr=", "%u"},    {"db=", "%d"},   {"database=", "%d"}, {"app=", "%a"},
        {"application=", "%a"}, {"client=", "%h"}, {"host=", "%h"}, {"remote=", "%r"},   {"pid=", "%p"},
        {"session=", "%c"},     {"xid=", "%x"},    {"vxid=", "%v"}, {"tag=", "%i"},      {"cmd=", "%i"},
        {"state=", "%e"},       {"line=", "%l"},   {"type=", "%b"},
    };
    if (in_word_) return false;
    for (const auto& [word, escape] : kNames) {
      if (!rest_.starts_with(word)) continue;
      const bool spaced = escape == "%a" || escape == "%i" || escape == "%b";
      const bool local = rest_.substr(word.size()).starts_with(kLocal);  // a host whose bracket ends nothing
      const auto in_value = [&](char c) {
        return c != ',' && c != ']' && c != ';' && c != '|' && (c != ' ' || spaced);
      };
      const std::size_t length = local ? kLocal.size() : span(word.size(), in_value);
      const auto value = rest_.substr(word.size(), length);
      const bool with_port = escape == "%h" && value.ends_with(')');
      const bool ends_with_blank = spaced && value.ends_with(' ');
      pattern_ += word;
      take(word.size() + length - (ends_with_blank ? 1 : 0), with_port ? "%r" : escape);
      has_process_ |= escape == "%p";
      return true;
    }
    return false;
  }

  /// 10.0.0.1(5432), [local], 10.0.0.1
  bool remote() {
    if (in_word_) return false;
    if (rest_.starts_with(kLocal)) return take(kLocal.size(), "%h"), true;
    const std::size_t host = span(0, [](char c) { return is_hex(c) || c == '.' || c == ':'; });
    if (host < 2 || host >= rest_.size()) return false;
    const std::size_t port = rest_[host] == '(' ? span(host + 1, is_digit) : 0;
    if (port > 0 && rest_.substr(host + 1 + port).starts_with(')')) return take(host + port + 2, "%r"), true;
    const auto address = rest_.substr(0, host);
    if (std::count(address.begin(), address.end(), '.') != 3) return false;
    take(host, "%h");
    return true;
  }

  /// user@database, and "/application" where it follows. All may be empty.
  bool user_at_database() {
    if (in_word_) return false;
    const auto name = [](char c) { return c != ' ' && c != '@' && c != '/' && c != ':' && c != ',' && c != '|'; };
    const std::size_t user = span(0, name);
    if (user >= rest_.size() || rest_[user] != '@') return false;
    const std::size_t database = span(user + 1, name);
    take(user + 1 + database, "%u@%d");
    if (!rest_.starts_with('/')) return true;
    const bool ends_with_blank = rest_.ends_with(' ');
    take(rest_.size() - (ends_with_blank ? 1 : 0), "/%a");
    return true;
  }

  /// 42601; before the process is known, five digits are rather that.
  bool sqlstate() {
    const std::size_t length = in_word_ ? 0 : span(0, [](char c) { return is_digit(c) || is_upper(c); });
    const auto code = rest_.substr(0, length);
    const bool may_be_process = !has_process_ && rest_.find_first_not_of("0123456789") >= 5 && code != kSuccess;
    if (length != 5 || may_be_process || std::count_if(code.begin(), code.end(), is_digit) < 2) return false;
    take(length, "%e");
    return true;
  }

  /// 3/25
  bool transaction() {
    const std::size_t backend = in_word_ ? 0 : span(0, is_digit);
    if (backend == 0 || backend >= rest_.size() || rest_[backend] != '/') return false;
    const std::size_t local = span(backend + 1, is_digit);
    if (local == 0) return false;
    take(backend + 1 + local, "%v");
    return true;
  }

  /// A text between bars: by custom the user, then the database, then the application.
  bool bare_name() {
    static constexpr std::string_view kEscapes[] = {"%u", "%d", "%a"};
    if (!pattern_.ends_with('|') || bare_names_ == std::size(kEscapes)) return false;
    const std::size_t length = span(0, [](char c) { return c != '|'; });
    if (length == 0 || length == rest_.size()) return false;
    take(length, kEscapes[bare_names_++]);
    return true;
  }

  void literal() {
    const char c = rest_.front();
    in_word_ = (c >= 'a' && c <= 'z') || is_upper(c) || is_digit(c);
    take(1, c == '%' ? "%%" : std::string_view(&c, 1));
  }

  std::string_view rest_;
  std::string pattern_;
  bool has_time_ = false, has_process_ = false;
  std::size_t bare_names_ = 0;
  bool in_word_ = false;  // the character before belongs to a word
};

/// "short" of a background process and "short + more" of a session are one prefix: short%qmore. In syslog, short is
/// often empty.
std::vector<std::string> with_stops(const std::map<std::string, std::size_t>& votes) {
  std::vector<std::string> patterns;
  for (const auto& [pattern, count] : votes) {
    patterns.push_back(pattern);
    for (const auto& [front, front_count] : votes) {
      if (front.size() < pattern.size() && pattern.starts_with(front)) {
        patterns.push_back(front + "%q" + pattern.substr(front.size()));
      }
    }
  }
  return patterns;
}

std::vector<std::string> inferred_prefixes(const std::vector<LabelledLine>& lines) {
  constexpr std::size_t kMaxKinds = 12;
  std::map<std::string, std::size_t> votes;
  for (const auto& [line, label] : lines) ++votes[Inference(line.substr(0, label)).run()];
  while (votes.size() > kMaxKinds) {
    votes.erase(
        std::min_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
  return with_stops(votes);
}

/// Whether the first line, at the very front, lacks the front of its prefix: the log is the second piece of one that
/// was cut there. It alone is written so, and what it has is how other lines end.
bool starts_within_prefix(std::string_view sample, const std::vector<LabelledLine>& lines) {
  constexpr std::size_t kLooked = 64;
  if (lines.size() < 2 || lines.front().line.data() != sample.data()) return false;
  const auto pattern_of = [](const LabelledLine& line) { return Inference(line.line.substr(0, line.label)).run(); };
  const std::string first = pattern_of(lines.front());
  bool is_an_end = false;
  for (std::size_t i = 1; i < std::min(lines.size(), kLooked); ++i) {
    const std::string pattern = pattern_of(lines[i]);
    if (pattern == first) return false;
    is_an_end = is_an_end || pattern.ends_with(first);
  }
  return is_an_end;
}

}  // namespace

std::optional<std::string> detect_prefix(std::string_view sample) {
  auto lines = labelled_lines(sample);
  if (starts_within_prefix(sample, lines)) lines.erase(lines.begin());
  std::optional<std::string> best;
  Worth most;
  const auto consider = [&](std::string_view prefix) {
    const Worth worth = worth_of(prefix, lines);
    if (worth.lines == 0 || (best && worth <= most)) return;
    best = prefix;
    most = worth;
  };
  for (const auto prefix : kCommonPrefixes) consider(prefix);
  for (const auto& prefix : inferred_prefixes(lines)) consider(prefix);
  constexpr std::size_t kHalf = 2;  // lines of other programs may stand between, but not be the most
  return most.lines * kHalf > lines.size() ? best : std::nullopt;
}

}  // namespace assay
