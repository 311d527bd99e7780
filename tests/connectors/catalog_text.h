// A catalog as one text, so that two can be compared to the last member.
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "analyzer/catalog.h"

namespace assay {

class Writer {
 public:
  template <typename Value>
  Writer& operator<<(const Value& value) {
    text_ << value << '|';
    return *this;
  }
  template <typename Value>
  Writer& operator<<(const std::optional<Value>& value) {
    return value ? *this << *value : *this << "none";
  }
  Writer& operator<<(const std::optional<ZonedTime>& time) { return *this << (time ? to_iso8601(*time) : "none"); }
  template <typename Value>
  Writer& operator<<(const std::vector<Value>& values) {
    *this << values.size();
    for (const Value& value : values) *this << value;
    return *this;
  }
  Writer& operator<<(const ColumnStatistics& s) {
    return *this << s.null_fraction << s.average_width << s.distinct << s.inherited << s.most_common_values
                 << s.most_common_frequencies << s.histogram_bounds << s.correlation << s.most_common_elements
                 << s.most_common_element_frequencies << s.element_count_histogram << s.range_length_histogram
                 << s.range_empty_fraction << s.range_bounds_histogram;
  }
  Writer& operator<<(const Column& c) { return *this << c.name << c.type << c.not_null << c.statistics; }
  Writer& operator<<(const TableCounters& c) {
    return *this << c.sequential_scans << c.index_scans << c.inserted << c.updated << c.hot_updated << c.deleted;
  }
  Writer& operator<<(const DeadRows& d) { return *this << d.count << d.last_vacuum; }
  Writer& operator<<(const Table& t) {
    return *this << t.schema << t.name << t.kind << t.columns << t.parents << t.definition << t.rows << t.pages
                 << t.all_visible_pages << t.row_security << t.row_security_forced << t.policies << t.has_rules
                 << t.counters << t.dead_rows;
  }
  Writer& operator<<(const IndexKey& k) {
    return *this << k.column << k.expression << k.descending << k.nulls_first << k.operator_class << k.collation;
  }
  Writer& operator<<(const Index& i) {
    const IndexDefinition& d = i.definition;
    return *this << d.schema << d.table << d.name << d.method << d.unique << d.keys << d.include << d.predicate << i.sql
                 << i.constraint << i.primary << i.valid << i.rows << i.pages << i.height << i.scans
                 << i.expression_statistics;
  }
  Writer& operator<<(const ForeignKey& k) {
    return *this << k.name << k.schema << k.table << k.columns << k.referenced_schema << k.referenced_table
                 << k.referenced_columns << k.on_update << k.on_delete;
  }
  Writer& operator<<(const Extension& e) { return *this << e.name << e.version; }
  Writer& operator<<(const Function& f) {
    return *this << f.schema << f.name << f.arguments << f.language << f.body << f.kind << f.volatility;
  }
  Writer& operator<<(const Trigger& t) {
    return *this << t.schema << t.table << t.name << t.function_schema << t.function << t.time << t.on_insert
                 << t.on_update << t.on_delete << t.on_truncate << t.for_each_row << t.enabled;
  }
  Writer& operator<<(const OwnOperator& o) { return *this << o.schema << o.name << o.volatility; }
  Writer& operator<<(const OwnCast& k) { return *this << k.source << k.target << k.implicit << k.volatility; }
  Writer& operator<<(const QualifiedName& n) { return *this << n.schema << n.name; }
  Writer& operator<<(const StatisticsKey& k) { return *this << k.number << k.column; }
  Writer& operator<<(const ExtendedStatistics& s) {
    return *this << s.schema << s.name << s.inherited << s.keys << s.distinct << s.dependencies << s.most_common
                 << s.expressions;
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_ = [] {
    std::ostringstream stream;
    stream.precision(17);
    return stream;
  }();
};

/// Every member but the source and the time.
inline std::string all_but_time(const Catalog& c) {
  Writer writer;
  writer << c.database << c.server_version << c.statistics_reset << c.has_statistics << c.redacted_columns
         << c.extensions << c.search_path << c.tables << c.indexes << c.foreign_keys << c.functions << c.triggers
         << c.operators << c.casts << c.knows_rules << c.extended_statistics << c.ddl << c.hidden_tables
         << c.hidden_statistics;
  for (const auto& [name, value] : c.settings) writer << name << value;
  for (const auto& [name, volatility] : c.builtin_functions) writer << name << volatility;
  return writer.text();
}

/// Every member but the source.
inline std::string all_of(const Catalog& c) {
  Writer writer;
  writer << c.taken_at;
  return all_but_time(c) + writer.text();
}

}  // namespace assay
