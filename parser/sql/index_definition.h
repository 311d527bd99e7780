// An index as a value: what CREATE INDEX says, real or hypothetical.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct IndexKey {
  std::string column;      ///< empty for an expression
  std::string expression;  ///< SQL, without the outer parentheses
  bool descending = false;
  bool nulls_first = false;    ///< PostgreSQL's default: last when ascending, first when descending
  std::string operator_class;  ///< SQL, qualified and quoted as needed; empty for the type's default
  std::string collation;       ///< likewise; empty for the column's

  bool operator==(const IndexKey&) const = default;
};

struct IndexDefinition {
  std::string schema = "public";
  std::string table;
  std::string name;  ///< empty: not named yet
  std::string method = "btree";
  bool unique = false;
  std::vector<IndexKey> keys;
  std::vector<std::string> include;
  std::string predicate;                            ///< SQL of a partial index; empty for a full one
  std::map<std::string, std::string> storage = {};  ///< WITH (…): {"fillfactor", "70"}; not read from catalogs

  bool operator==(const IndexDefinition&) const = default;
};

/// `name` as an identifier in SQL: quoted where it must be (upper case, keywords, odd characters).
std::string quote_identifier(std::string_view name);

/// `text` as a string literal in SQL: 'it''s', E'…' where it holds a backslash.
std::string quote_literal(std::string_view text);

/// "table (a, b DESC) INCLUDE (c) WHERE …": how a report names an index, and how tests spell candidates.
/// The schema stands before the table unless it is public.
std::string describe(const IndexDefinition& index);

/// CREATE [UNIQUE] INDEX [CONCURRENTLY] name ON schema.table USING method (…), without a semicolon.
std::string create_index_sql(const IndexDefinition& index, bool concurrently);

/// The name that PostgreSQL itself would choose (ChooseIndexName): table_a_b_idx, INCLUDE columns too, an expression
/// under its function's name or "expr", each part cut so that the whole fits 63 bytes. The caller makes it unique.
std::string conventional_index_name(const IndexDefinition& index, int number = 0);

}  // namespace assay
