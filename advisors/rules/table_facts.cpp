#include "advisors/rules/table_facts.h"

#include <algorithm>
#include <cstdlib>

namespace assay {

const Column* TableFacts::column(std::string_view name) const { return table_ ? find_column(*table_, name) : nullptr; }

const ColumnStatistics* TableFacts::statistics(std::string_view name) const {
  const Column* found = column(name);
  return found && !found->statistics.empty() ? &found->statistics.front() : nullptr;
}

// n_distinct below zero is minus a share of the rows (pg_statistic.stadistinct).
double TableFacts::distinct(std::string_view name) const {
  const ColumnStatistics* known = statistics(name);
  if (!known) return 0;
  return known->distinct >= 0 ? known->distinct : -known->distinct * std::max(table_->rows, 0.0);
}

double TableFacts::width(std::string_view name) const {
  constexpr double kGuessed = 16;
  const ColumnStatistics* known = statistics(name);
  return known && known->average_width > 0 ? known->average_width : kGuessed;
}

double TableFacts::row_width() const {
  double sum = 0;
  if (table_) {
    for (const Column& column : table_->columns) sum += width(column.name);
  }
  return sum;
}

std::string_view TableFacts::type(std::string_view name) const {
  const Column* found = column(name);
  if (!found) return {};
  const std::string_view type = found->type;
  if (type.starts_with("timestamp") || type.starts_with("time")) return type;  // timestamp(3) with time zone
  return type.substr(0, type.find('('));
}

bool TableFacts::is_text(std::string_view name) const {
  const std::string_view found = type(name);
  return found == "text" || found == "character varying" || found == "varchar" || found == "character" ||
         found == "char" || found == "bpchar";
}

std::optional<double> TableFacts::share_of(std::string_view name, std::string_view value) const {
  const ColumnStatistics* known = statistics(name);
  if (!known || !known->most_common_values || !known->most_common_frequencies) return std::nullopt;
  const std::vector<std::string> values = array_elements(*known->most_common_values);
  const std::vector<std::string> shares = array_elements(*known->most_common_frequencies);
  const std::string_view printed = value == "true" && type(name) == "boolean"    ? "t"
                                   : value == "false" && type(name) == "boolean" ? "f"
                                                                                 : value;
  double listed = 0;
  for (std::size_t i = 0; i < std::min(values.size(), shares.size()); ++i) {
    const double share = std::strtod(shares[i].c_str(), nullptr);
    if (values[i] == printed) return share;
    listed += share;
  }
  const double others = std::max(1.0, distinct(name) - static_cast<double>(values.size()));
  return std::max(0.0, 1 - listed - known->null_fraction) / others;
}

std::optional<double> TableFacts::share_of_nulls(std::string_view name) const {
  const ColumnStatistics* known = statistics(name);
  if (!known) return std::nullopt;
  return known->null_fraction;
}

std::optional<bool> TableFacts::has_extension(std::string_view name) const {
  if (!catalog_) return std::nullopt;
  return std::find(catalog_->extensions.begin(), catalog_->extensions.end(), name) != catalog_->extensions.end();
}

// lc_collate_is_c(): the names C and POSIX of libc's provider, and no other.
bool TableFacts::sorts_by_bytes() const {
  if (!catalog_) return false;
  const auto setting = [&](const char* name) {
    const auto found = catalog_->settings.find(name);
    return found == catalog_->settings.end() ? std::string() : found->second;
  };
  const std::string collate = setting("datcollate").empty() ? setting("lc_collate") : setting("datcollate");
  return setting("datlocprovider") != "i" && (collate == "C" || collate == "POSIX");
}

std::vector<std::string> array_elements(std::string_view text) {
  std::vector<std::string> elements;
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return elements;
  text = text.substr(1, text.size() - 2);
  std::string element;
  bool quoted = false, any = !text.empty();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      element += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      elements.push_back(std::move(element));
      element.clear();
    } else {
      element += c;
    }
  }
  if (any) elements.push_back(std::move(element));
  return elements;
}

}  // namespace assay
