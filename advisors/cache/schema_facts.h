// SchemaFacts: what stands behind the names of a schema, for whoever keeps results: the tables behind a view or a
// partitioned table, what a write sets off (cascades, triggers, rules), what functions of the database's own may do.
//
// All of it comes from the catalog, and from its DDL where the catalog itself does not tell. Tables are named
// "schema.name"; without a catalog as the text names them, and then nothing is known to stand behind them. What a
// trigger or a function does is taken from the words of its source: a table that it names counts as written; one that
// runs dynamic SQL, or whose source is not known, may write anything.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/catalog.h"
#include "parser/sql/statement.h"

namespace assay {

using TableNames = std::set<std::string>;

/// What a statement or a function may change.
struct Effects {
  TableNames tables;
  bool anything = false;  ///< there is no telling
  std::string cause;      ///< of `anything`: "function f, whose source is not known"
};

/// Which kinds of changes a write makes, since triggers and cascades tell them apart.
struct WriteKinds {
  bool inserts = false, updates = false, deletes = false;
  bool truncates_referencing = false;  ///< TRUNCATE … CASCADE: whatever refers to it, whatever its foreign key says

  auto operator<=>(const WriteKinds&) const = default;
};

class SchemaFacts {
 public:
  /// `catalog` may be null; it must outlive this.
  explicit SchemaFacts(const Catalog* catalog);

  const Catalog* catalog() const { return catalog_; }
  const Table* find_table(const std::string& name) const;

  /// "schema.name" of a table or view; as written where no catalog has it.
  std::string resolve(std::string_view schema, std::string_view name) const;

  /// What a view says, and no materialized one; nullptr for what is no view, or one whose definition is not known.
  const Statement* view(const std::string& name) const;

  /// The table and those whose rows it shows: partitions and children, at any depth.
  TableNames with_children(const std::string& name) const;

  /// What a write to a table (or through a view) changes, its children, cascades, triggers and rules included.
  Effects effects_of_write(const std::string& name, WriteKinds kinds) const;

  /// Whether names without a schema may mean several tables: sessions' search paths choose.
  bool is_ambiguous(std::string_view name) const;
  /// All tables and views of that name, "schema.name".
  std::vector<std::string> named(std::string_view name) const;

  /// What a domain stands for, and what that does; the type itself where it is none.
  std::string base_type(const std::string& type) const;
  bool is_enum(const std::string& type) const { return enums_.contains(type); }

  /// Of an operator of the database's own: the most volatile function of that name; nothing where there is none.
  std::optional<char> volatility_of_operator(std::string_view name) const;

  /// What a function that says that it is immutable asks nevertheless, by the words of its source and of those that it
  /// calls: "now"; empty for nothing that is known.
  std::string hidden_dependence(std::string_view function) const;

  /// All functions of that name that the database holds beside PostgreSQL's own.
  std::vector<const Function*> functions(std::string_view name) const;

  /// The tables that the source of a function of the database's own names, and of those that it calls.
  Effects effects_of_function(std::string_view name) const;

  /// Whether it is known which triggers there are: not in a snapshot of the first version.
  bool knows_triggers() const { return knows_triggers_; }

 private:
  using Seen = std::set<std::string>;

  void take(const Catalog& catalog);
  void add_write(const std::string& name, WriteKinds kinds, Effects& effects, Seen& seen) const;
  void add_triggers(const std::string& table, WriteKinds kinds, Effects& effects, Seen& seen) const;
  void add_cascades(const std::string& table, WriteKinds kinds, Effects& effects, Seen& seen) const;
  void add_function(const std::string& name, Effects& effects, Seen& seen) const;
  void add_words(const Function& function, Effects& effects, Seen& seen) const;
  void take_type(const std::string& ddl);
  std::string hidden_dependence(const std::string& name, Seen& seen) const;
  TableNames with_ancestors(const std::string& name) const;

  const Catalog* catalog_;
  Catalog told_by_ddl_;
  bool knows_triggers_ = true;
  std::map<std::string, Statement> views_;
  std::map<std::string, std::vector<const Function*>, std::less<>> functions_;  // by name without schema
  std::map<std::string, std::vector<const Trigger*>> triggers_;                 // by table
  std::set<std::string> ruled_;                                                 // tables with rules
  std::map<std::string, std::set<std::string>> children_;                       // by parent
  std::map<std::string, std::set<std::string>> parents_;                        // by child
  std::map<std::string, std::vector<const ForeignKey*>> referencing_;           // by referenced table
  std::map<std::string, std::string> domains_;                                  // with schema and without: base type
  std::set<std::string> enums_;                                                 // with schema and without
  std::map<std::string, char, std::less<>> operators_;                          // by name without schema
  std::map<std::string, std::vector<std::string>, std::less<>> tables_;         // by name without schema
};

}  // namespace assay
