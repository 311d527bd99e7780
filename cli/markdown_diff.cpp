// The markdown of a comparison: the verdict, what changed by what it costs, plans, rows, errors, and what could not be
// compared. Every text of a log stands inside code.
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "cli/diff_command.h"
#include "cli/escape.h"
#include "cli/units.h"

namespace assay {
namespace {

constexpr std::size_t kMostRows = 40;
constexpr std::size_t kMostDetails = 20;
constexpr std::size_t kSqlInTable = 80;  // characters

std::string name_of(const ClassComparison& one) { return class_name(one.id).substr(0, 8); }

/// "31 % slower (22 to 40 %)"; beyond twofold "2.4 times (2.1 to 2.7)".
std::string ratio_text(const MeasuredChange& measured, const char* more, const char* less) {
  const char* word = measured.change == Change::kMore ? more : less;
  if (measured.ratio >= 2 || measured.ratio <= 0.5) {
    return fmt::format("{}: {:.2g} times ({:.2g} to {:.2g})", word, measured.ratio, measured.low, measured.high);
  }
  return fmt::format("{}: {:+.0f} % ({:+.0f} to {:+.0f} %)", word, 100 * (measured.ratio - 1), 100 * (measured.low - 1),
                     100 * (measured.high - 1));
}

bool is_change(Change change) { return change == Change::kMore || change == Change::kLess; }

std::string what_of(const ClassComparison& one) {
  if (one.presence == Presence::kNew) return "new";
  if (one.presence == Presence::kGone) return "gone";
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (is_change(one.time.change)) add(ratio_text(one.time, "slower", "faster"));
  if (is_change(one.frequency.change)) add(ratio_text(one.frequency, "more frequent", "less frequent"));
  if (is_change(one.errors)) {
    add(fmt::format("errors: {} before, {} after", count_text(one.before.errors), count_text(one.after.errors)));
  }
  return text;
}

std::string signed_text(double ms_per_s) { return fmt::format("{:+.2f}", ms_per_s == 0 ? 0.0 : ms_per_s); }

class DiffMarkdown {
 public:
  explicit DiffMarkdown(const Diff& diff) : diff_(diff), comparison_(diff.comparison) {
    for (const ClassComparison& one : comparison_.classes) {
      if (one.is_noteworthy()) noteworthy_.push_back(&one);
    }
  }

  std::string write() {
    say("# What changed between two workloads\n\n**{}**\n\n", plain_text(diff_verdict(comparison_)));
    totals();
    for (const std::string& note : comparison_.notes) say("- {}\n", plain_text(note));
    if (!comparison_.notes.empty()) say("\n");
    changes();
    details();
    plans();
    rows();
    errors();
    left_out();
    methods();
    return std::move(text_);
  }

 private:
  template <typename... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  static std::string inputs_text(const DiffSide& side) {
    std::string text = side.inputs.empty() ? "" : code_span(side.inputs.front());
    return side.inputs.size() > 1 ? text + fmt::format(" and {} more", side.inputs.size() - 1) : text;
  }
  static std::string when_text(const std::optional<ZonedTime>& time) {
    return time ? to_iso8601({std::chrono::floor<std::chrono::seconds>(time->utc), time->offset}) : "–";
  }

  void totals() {
    const WorkloadSide &a = comparison_.before, &b = comparison_.after;
    say("| | before | after |\n|---|---:|---:|\n");
    say("| inputs | {} | {} |\n", inputs_text(diff_.before), inputs_text(diff_.after));
    say("| from | {} | {} |\n", when_text(diff_.before.first), when_text(diff_.after.first));
    say("| to | {} | {} |\n", when_text(diff_.before.last), when_text(diff_.after.last));
    say("| executions | {} | {} |\n", count_text(a.executions), count_text(b.executions));
    say("| errors | {} | {} |\n", count_text(a.errors), count_text(b.errors));
    if (comparison_.has_rates) {
      const auto covered = [](double seconds) {
        return duration_text(Microseconds(static_cast<std::int64_t>(seconds * 1e6)));
      };
      say("| covered time | {} | {} |\n", covered(a.seconds), covered(b.seconds));
      say("| executions a second | {} | {} |\n", rate_text(a.calls_per_s), rate_text(b.calls_per_s));
      say("| ms of statements a second | {:.1f} | {:.1f} |\n", a.ms_per_s, b.ms_per_s);
    }
    say("\n");
  }

  void changes() {
    if (noteworthy_.empty()) return;
    say("## What changed, dearest first\n\n");
    say("Cost is time of statements a second, after less before, and what of it comes from the time of a call and from "
        "how often it is made.\n\n");
    say("| class | what | cost, ms/s | by time | by frequency | mean before | after | statement |\n");
    say("|---|---|---:|---:|---:|---:|---:|---|\n");
    for (std::size_t i = 0; i < std::min(noteworthy_.size(), kMostRows); ++i) {
      const ClassComparison& one = *noteworthy_[i];
      const auto mean = [](bool there, const ClassSide& side) { return there ? milliseconds_text(side.mean_ms) : "–"; };
      say("| {} | {} | {} | {} | {} | {} | {} | {} |\n", name_of(one), what_of(one), signed_text(one.cost()),
          signed_text(one.by_time), signed_text(one.by_frequency), mean(one.presence != Presence::kNew, one.before),
          mean(one.presence != Presence::kGone, one.after), table_code_span(shortened(one.normalized, kSqlInTable)));
    }
    if (noteworthy_.size() > kMostRows) say("\n{} more are in the JSON.\n", noteworthy_.size() - kMostRows);
    say("\n");
  }

  void side_row(const char* when, const ClassSide& side) {
    const auto told = [](const std::optional<double>& value) { return value ? milliseconds_text(*value) : "–"; };
    say("| {} | {} | {} | {} | {} | {} | {} |\n", when, count_text(side.calls), rate_text(side.calls_per_s),
        share_text(side.share), milliseconds_text(side.mean_ms), told(side.p50_ms), told(side.p95_ms));
  }

  void details() {
    for (std::size_t i = 0; i < std::min(noteworthy_.size(), kMostDetails); ++i) {
      const ClassComparison& one = *noteworthy_[i];
      say("<details><summary>{}: {}</summary>\n\n{}\n", name_of(one), what_of(one), code_block(one.normalized, "sql"));
      say("| | calls | a second | share of time | mean | p50 | p95 |\n|---|---:|---:|---:|---:|---:|---:|\n");
      if (one.presence != Presence::kNew) side_row("before", one.before);
      if (one.presence != Presence::kGone) side_row("after", one.after);
      say("\n</details>\n\n");
    }
  }

  void plans() {
    bool any = false;
    for (const ClassComparison& one : comparison_.classes) {
      if (one.plan_before.empty()) continue;
      if (!std::exchange(any, true)) {
        say("## Plans that differ\n\nOf the slowest execution that auto_explain logged, before and after. Other values "
            "may "
            "bring other plans, so this is a change only where the times say so, too.\n\n");
      }
      const char* times = one.time.change == Change::kMore   ? "slower"
                          : one.time.change == Change::kLess ? "faster"
                                                             : "times alike, or not compared";
      say("{} ({}): {}\n\n{}\n", name_of(one), times, code_span(shortened(one.normalized, kSqlInTable)),
          code_block("before  " + one.plan_before + "\nafter   " + one.plan_after, ""));
    }
  }

  void rows() {
    bool any = false;
    for (const ClassComparison& one : comparison_.classes) {
      if (!one.rows_changed) continue;
      if (!std::exchange(any, true)) {
        say("## Rows a call\n\n| class | before | after | statement |\n|---|---:|---:|---|\n");
      }
      say("| {} | {:.1f} | {:.1f} | {} |\n", name_of(one), *one.before.rows_per_call, *one.after.rows_per_call,
          table_code_span(shortened(one.normalized, kSqlInTable)));
    }
    if (any) say("\n");
  }

  void errors() {
    if (comparison_.new_errors.empty()) return;
    say("## Errors that only the log after tells\n\n| SQLSTATE | times | class | message |\n|---|---:|---|---|\n");
    for (std::size_t i = 0; i < std::min(comparison_.new_errors.size(), kMostRows); ++i) {
      const ErrorComparison& error = comparison_.new_errors[i];
      say("| {} | {} | {} | {} |\n", error.sqlstate.empty() ? "–" : table_code_span(error.sqlstate),
          count_text(error.after), error.class_id == 0 ? "–" : class_name(error.class_id).substr(0, 8),
          table_code_span(error.message));
    }
    say("\n");
  }

  /// Nothing compared is never the same as nothing changed.
  void left_out() {
    struct Tally {
      std::size_t classes = 0;
      double before = 0, after = 0;
    };
    std::map<std::string, Tally> reasons;
    for (const ClassComparison& one : comparison_.classes) {
      const bool is_uncertain = one.presence != Presence::kBoth && !one.is_certain;
      if (one.presence == Presence::kBoth && one.time.why_unjudged.empty()) continue;
      if (one.presence != Presence::kBoth && !is_uncertain) continue;
      const std::string reason =
          is_uncertain ? "in one log only, and too rare to call it new or gone" : one.time.why_unjudged;
      Tally& tally = reasons[reason];
      ++tally.classes;
      tally.before += one.before.share;
      tally.after += one.after.share;
    }
    say("## What was compared\n\n{} of {} had enough executions in both logs for their times to be compared.\n\n",
        plural(comparison_.judged_times, "query class", "query classes"), comparison_.classes.size());
    if (reasons.empty()) return;
    say("| not compared, because | classes | share of time before | after |\n|---|---:|---:|---:|\n");
    for (const auto& [reason, tally] : reasons) {
      say("| {} | {} | {} | {} |\n", plain_text(reason), tally.classes, share_text(tally.before),
          share_text(tally.after));
    }
    say("\n");
  }

  void methods() {
    say("## How it was compared\n\n"
        "Times by the mean of their logarithms, without what the machine did to all classes at that moment; the error "
        "of a "
        "mean is that of 48 windows of time, since executions close to each other share their noise. ");
    if (comparison_.judged_times >= 8) {
      say("What all classes share (times {:+.1f} %, frequencies {:+.1f} %) is told above once, and not of each class. "
          "Between "
          "two runs a class's times differ by some {:.0f} % without any cause, as the classes themselves show; that is "
          "in each "
          "error. ",
          100 * (comparison_.common_time - 1), 100 * (comparison_.common_frequency - 1), 100 * comparison_.run_to_run);
    }
    if (comparison_.judged_times > 0) {
      say("A class of typical noise would have to be {:.0f} % slower or more to be told, were it the only one. ",
          100 * (comparison_.detectable_time - 1));
    }
    say("Told is what differs by {:.0f} % or more (frequencies: {:.0f} %) beyond that, and is significant when "
        "corrected for "
        "the number of classes (Benjamini and Hochberg, at most {:.0f} % of what is told by chance). Ranges are 95 "
        "%.\n",
        100 * (kLeastTimeChange - 1), 100 * (kLeastFrequencyChange - 1), 100 * kSignificance);
  }

  const Diff& diff_;
  const Comparison& comparison_;
  std::vector<const ClassComparison*> noteworthy_;
  std::string text_;
};

}  // namespace

std::string to_markdown(const Diff& diff) { return DiffMarkdown(diff).write(); }

}  // namespace assay
