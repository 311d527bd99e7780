#include "advisors/rules/table_facts.h"

#include <algorithm>
#include <cstdlib>

#include "analyzer/array_text.h"

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
  const auto values = array_elements(*known->most_common_values);
  const auto shares = array_elements(*known->most_common_frequencies);
  const std::string_view printed = value == "true" && type(name) == "boolean"    ? "t"
                                   : value == "false" && type(name) == "boolean" ? "f"
                                                                                 : value;
  double listed = 0;
  for (std::size_t i = 0; i < std::min(values.size(), shares.size()); ++i) {
    const double share = shares[i] ? std::strtod(shares[i]->c_str(), nullptr) : 0;
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
  return std::any_of(catalog_->extensions.begin(), catalog_->extensions.end(),
                     [&](const Extension& extension) { return extension.name == name; });
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

}  // namespace assay
