#include "analyzer/gin_elements.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "analyzer/array_text.h"

namespace assay {
namespace {

constexpr std::size_t kMostSamples = 2000;   // statistics hold 200; hostile ones more
constexpr std::size_t kMostElements = 1000;  // of one value
constexpr double kTrigramWidth = 4, kHashWidth = 4;

using Elements = std::set<std::string>;

const ColumnStatistics* statistics_of(const Table& table, const IndexKey& key) {
  const Column* column = key.column.empty() ? nullptr : find_column(table, key.column);
  return column && !column->statistics.empty() ? &column->statistics.front() : nullptr;
}

/// What gin_extract_value_trgm makes of a text: words in lower case, two blanks before and one behind each.
Elements trigrams(const std::string& value) {
  Elements found;
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) word = "  " + word + " ";
    for (std::size_t i = 0; i + 3 <= word.size() && found.size() < kMostElements; ++i) found.insert(word.substr(i, 3));
    word.clear();
  };
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || byte >= 0x80) {
      word += static_cast<char>(std::tolower(byte));
    } else {
      end_word();
    }
  }
  end_word();
  return found;
}

/// What gin_extract_jsonb does: every key, and every scalar with a letter for its type.
void add_keys_and_values(const nlohmann::json& value, Elements& found) {
  if (found.size() >= kMostElements) return;
  if (value.is_structured()) {
    for (const auto& [key, member] : value.items()) {
      if (value.is_object()) found.insert("K" + key);
      add_keys_and_values(member, found);
    }
  } else {
    found.insert("V" + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
}

/// jsonb_path_ops: one hash for each scalar with the keys above it.
void add_paths(const nlohmann::json& value, const std::string& path, Elements& found) {
  if (found.size() >= kMostElements) return;
  if (!value.is_structured()) {
    found.insert(path + '\0' + value.dump());
    return;
  }
  for (const auto& [key, member] : value.items()) {
    add_paths(member, value.is_object() ? path + '\0' + key : path, found);
  }
}

Elements json_elements(const std::string& text, bool paths) {
  constexpr int kDeepest = 64;  // the library and the functions above recurse
  int depth = 0, deepest = 0;
  for (const char c : text) {
    depth += (c == '{' || c == '[') ? 1 : (c == '}' || c == ']') ? -1 : 0;
    deepest = std::max(deepest, depth);
  }
  Elements found;
  if (deepest > kDeepest) return found;
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (value.is_discarded()) return found;
  if (paths) {
    add_paths(value, "", found);
  } else {
    add_keys_and_values(value, found);
  }
  return found;
}

Elements array_members(const std::string& text) {
  Elements found;
  for (const auto& element : array_elements(text)) {
    if (element && found.size() < kMostElements) found.insert(*element);
  }
  return found;
}

/// How the values of the sample, each with its share of the rows, are made of elements.
struct Sampled {
  std::map<std::string, std::pair<int, double>> elements;  ///< seen in so many values, which stand for that share
  double share = 0;                                        ///< of all rows that the sample stands for

  void add(const Elements& found, double weight) {
    share += weight;
    for (const std::string& element : found) {
      auto& [count, sum] = elements[element];
      count += 1;
      sum += weight;
    }
  }

  /// Elements that the sample has not met, by those that it met once and twice.
  double unseen() const {
    double once = 0, twice = 0;
    for (const auto& [element, seen] : elements) {
      once += seen.first == 1;
      twice += seen.first == 2;
    }
    return once * (once - 1) / (2 * (twice + 1));
  }
};

template <typename Extract>
Sampled sample(const ColumnStatistics& statistics, Extract extract) {
  Sampled sampled;
  double rest = 1 - std::clamp(statistics.null_fraction, 0.0, 1.0);
  if (statistics.most_common_values && statistics.most_common_frequencies) {
    const auto values = array_elements(*statistics.most_common_values);
    const std::vector<double> frequencies = array_numbers(*statistics.most_common_frequencies);
    for (std::size_t i = 0; i < std::min({values.size(), frequencies.size(), kMostSamples}); ++i) {
      const double share = std::clamp(frequencies[i], 0.0, 1.0);
      rest -= share;
      if (values[i]) sampled.add(extract(*values[i]), share);
    }
  }
  if (statistics.histogram_bounds && rest > 0) {
    const auto bounds = array_elements(*statistics.histogram_bounds);
    const std::size_t count = std::min(bounds.size(), kMostSamples);
    for (std::size_t i = 0; i < count; ++i) {
      if (bounds[i]) sampled.add(extract(*bounds[i]), rest / static_cast<double>(count));
    }
  }
  return sampled;
}

/// A width of zero stands for the element's own length.
std::vector<ElementGroup> groups_of(const Sampled& sampled, double rows, double width) {
  std::vector<ElementGroup> groups;
  double once = 0, once_rows = 0, once_width = 0;
  for (const auto& [element, seen] : sampled.elements) {
    const double own = width > 0 ? width : static_cast<double>(element.size()) + 1;
    if (seen.first > 1) {
      groups.push_back({1, seen.second * rows, own});
    } else {
      once += 1;
      once_rows += seen.second * rows;
      once_width += own;
    }
  }
  // What was met once stands for itself and for its like that were not met.
  const double count = std::clamp(once + sampled.unseen(), once, std::max(once, once_rows));
  if (once > 0) groups.push_back({count, once_rows / count, once_width / once});
  return groups;
}

/// Occurrences that no list names are of rarer elements than those on it: between that and all different, the
/// geometric mean.
ElementGroup unlisted(double occurrences, double least_rows, double rows, double width) {
  const double fewest = std::max(1.0, occurrences / std::max(1.0, std::min(least_rows, rows)));
  const double count = std::sqrt(fewest * std::max(fewest, occurrences));
  return {count, occurrences / count, width};
}

double per_row_of(const ColumnStatistics& statistics, double listed, double element_width, bool is_tsvector) {
  if (statistics.element_count_histogram) {  // its last number is the mean of different elements a row
    const std::vector<double> counts = array_numbers(*statistics.element_count_histogram);
    if (!counts.empty()) return std::clamp(counts.back(), 0.0, 1e6);
  }
  if (!is_tsvector) return listed;
  constexpr double kHeader = 8, kEntry = 4, kPositions = 4;  // tsvector: WordEntry, and one position a lexeme
  return std::max(listed, (statistics.average_width - kHeader) / (kEntry + kPositions + element_width));
}

std::vector<ElementGroup> listed_elements(const ColumnStatistics& statistics, double rows, bool is_tsvector) {
  const auto elements = array_elements(*statistics.most_common_elements);
  const std::vector<double> frequencies = array_numbers(*statistics.most_common_element_frequencies);
  const double not_null = rows * (1 - std::clamp(statistics.null_fraction, 0.0, 1.0));
  std::vector<ElementGroup> groups;
  double listed = 0, least = 1, widths = 0;
  // Behind the elements' own frequencies stand the least and the greatest (and, for arrays, that of NULLs).
  for (std::size_t i = 0; i < std::min(elements.size(), frequencies.size()); ++i) {
    const double share = std::clamp(frequencies[i], 0.0, 1.0);
    const double width = elements[i] ? static_cast<double>(elements[i]->size()) : 1;
    listed += share;
    least = std::min(least, share);
    widths += width;
    groups.push_back({1, share * not_null, width + 1});
  }
  if (groups.empty()) return groups;
  const double width = widths / static_cast<double>(groups.size());
  const double rest = (per_row_of(statistics, listed, width, is_tsvector) - listed) * not_null;
  constexpr double kNoise = 0.05;  // of all occurrences: the shares are a sample's
  if (rest <= kNoise * listed * not_null) return groups;
  // Elements are counted lossily: those of a share below 9/bucket_width (= 1000 × 1000 / 7) of all elements are lost.
  constexpr double kLost = 9.0 * 7 / 1e6;
  constexpr std::size_t kFullList = 1000;
  const double per_row = rest / std::max(1.0, not_null) + listed;
  const double rarer_than = groups.size() < kFullList ? std::min(least, kLost * per_row) : least;
  groups.push_back(unlisted(rest, rarer_than * not_null, rows, width + 1));
  return groups;
}

/// Where statistics tell nothing: so many elements a row as the width has room for.
std::vector<ElementGroup> guessed(const ColumnStatistics* statistics, double rows, bool trigram) {
  constexpr double kGuessedWidth = 32, kBytesAnElement = 10, kUsualTrigrams = 8000;
  const double width = statistics ? std::max(1, statistics->average_width) : kGuessedWidth;
  const double per_row = trigram ? width + 1 : std::max(1.0, width / kBytesAnElement);
  const double occurrences = rows * per_row;
  const double count =
      std::max(1.0, trigram ? std::min(occurrences, kUsualTrigrams) : std::sqrt(occurrences * per_row));
  return {{count, occurrences / count, trigram ? kTrigramWidth : kBytesAnElement}};
}

}  // namespace

std::vector<ElementGroup> gin_elements(const IndexKey& key, const Table& table, double rows) {
  const ColumnStatistics* statistics = statistics_of(table, key);
  const bool trigram = key.operator_class.find("trgm") != std::string::npos;
  if (!statistics) return guessed(nullptr, rows, trigram);
  const std::string_view type = find_column(table, key.column)->type;
  if (statistics->most_common_elements && statistics->most_common_element_frequencies) {
    return listed_elements(*statistics, rows, type == "tsvector");
  }
  const bool paths = key.operator_class.find("jsonb_path_ops") != std::string::npos;
  std::vector<ElementGroup> groups;
  if (trigram) {
    groups = groups_of(sample(*statistics, trigrams), rows, kTrigramWidth);
  } else if (type == "jsonb") {
    const auto elements = [&](const std::string& text) { return json_elements(text, paths); };
    groups = groups_of(sample(*statistics, elements), rows, paths ? kHashWidth : 0);
  } else if (type.ends_with("[]")) {
    groups = groups_of(sample(*statistics, array_members), rows, 0);
  }
  return groups.empty() ? guessed(statistics, rows, trigram) : groups;
}

}  // namespace assay
