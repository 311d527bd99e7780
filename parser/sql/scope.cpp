#include "parser/sql/scope.h"

#include <algorithm>
#include <array>
#include <optional>

namespace assay {
namespace {

bool is_system_column(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

Source unknown(const std::string& name) { return {{-1, name}, Reach::kAll, false}; }

}  // namespace

void Columns::add(const Columns& other) {
  named.insert(named.end(), other.named.begin(), other.named.end());
  open.insert(open.end(), other.open.begin(), other.open.end());
  more = more || other.more;
}

void Columns::limit(Reach reach) {
  for (Output& output : named) output.source.reach = std::min(output.source.reach, reach);
  for (OpenRelation& relation : open) relation.reach = std::min(relation.reach, reach);
}

/// Picks among several places that may have a column: the only one that has, else the only one that may.
class Resolver::Choice {
 public:
  void add(const Found& found) {
    if (found.answer == Answer::kNo) return;
    if (found.answer > best_.answer) {
      best_ = found;
      count_ = 1;
    } else if (found.answer == best_.answer && !(found.source.column == best_.source.column)) {
      ++count_;
    }
  }

  /// `same`: columns of one name are the same, and the first stands for all.
  Found result(const std::string& name, bool same) const {
    if (count_ > 1 && !(same && best_.answer == Answer::kYes)) return {best_.answer, unknown(name)};
    return best_;
  }

 private:
  Found best_;
  int count_ = 0;
};

bool Resolver::charge(std::size_t steps) const {
  steps_left_ -= std::min(steps, steps_left_);
  return steps_left_ > 0;
}

Resolver::Answer Resolver::asks(int relation, const std::string& name) const {
  if (is_system_column(name)) return Answer::kYes;
  if (!has_column_) return Answer::kMaybe;
  const RelationUse& use = relations_[relation];
  const std::optional<bool> has = has_column_(use.schema, use.name, name);
  return !has ? Answer::kMaybe : *has ? Answer::kYes : Answer::kNo;
}

Resolver::Found Resolver::find(const Columns& columns, const std::string& name) const {
  if (!charge(columns.size() + 1)) return {Answer::kMaybe, unknown(name)};
  for (const Output& output : columns.named) {
    if (output.name == name) return {Answer::kYes, output.source};
  }
  Choice choice;
  for (const OpenRelation& open : columns.open) {
    choice.add({asks(open.relation, name), {{open.relation, name}, open.reach}});
  }
  if (columns.more) choice.add({Answer::kMaybe, {{-1, name}, Reach::kNone}});
  return choice.result(name, false);
}

Resolver::Found Resolver::find_among(const std::string& name, const Scope& scope, std::size_t begin,
                                     std::size_t end) const {
  for (auto merged = scope.merged.rbegin(); merged != scope.merged.rend(); ++merged) {
    const bool in_sight = merged->item >= begin && merged->item < end;
    if (in_sight && merged->output.name == name) return {Answer::kYes, merged->output.source};
  }
  Choice choice;
  for (std::size_t i = begin; i < end; ++i) {
    if (!scope.items[i].qualified_only) choice.add(find(scope.items[i].columns, name));
  }
  return choice.result(name, scope.natural);
}

Source Resolver::resolve_among(const std::string& name, const Scope& scope, std::size_t begin, std::size_t end) const {
  const Found found = find_among(name, scope, begin, end);
  return found.answer == Answer::kNo ? unknown(name) : found.source;
}

bool Resolver::is_input_column(const std::string& name, const Scope& scope) const {
  return find_among(name, scope, scope.first, scope.items.size()).answer == Answer::kYes;
}

/// The text says which item is meant, so a lone relation has the column whatever a catalog knows of it.
Source Resolver::find_qualified(const FromItem& item, const std::string& name) const {
  const Found found = find(item.columns, name);
  if (found.answer != Answer::kNo) return found.source;
  if (item.columns.open.size() != 1) return unknown(name);
  const OpenRelation& open = item.columns.open.front();
  return {{open.relation, name}, open.reach};
}

const FromItem* Resolver::find_item(const std::vector<std::string>& path, const Scope& scope) const {
  const std::string& name = path[path.size() - 2];
  const std::string schema = path.size() > 2 ? path[path.size() - 3] : std::string();
  for (std::size_t i = scope.first; i < scope.items.size(); ++i) {
    const FromItem& item = scope.items[i];
    if (item.name != name) continue;
    if (schema.empty() || (!item.aliased && (item.schema.empty() || item.schema == schema))) return &item;
  }
  return nullptr;
}

Resolution Resolver::resolve_qualified(const std::vector<std::string>& path, const Scope& scope) const {
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    if (!charge(at->items.size() + 1)) break;
    if (const FromItem* item = find_item(path, *at)) return {find_qualified(*item, path.back()), at, nullptr};
  }
  return {unknown(path.back()), nullptr, nullptr};
}

Resolution Resolver::resolve_unqualified(const std::string& name, const Scope& scope) const {
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    if (!charge(at->items.size() + at->merged.size() + 1)) break;
    const Found found = find_among(name, *at, at->first, at->items.size());
    // `SELECT t FROM table AS t` means the row, unless there is such a column; a table's own name is as often that of a
    // column.
    const FromItem* item = found.answer == Answer::kYes ? nullptr : find_item({name, {}}, *at);
    if (item != nullptr && (item->aliased || found.answer == Answer::kNo)) return {{{-1, name}}, at, item};
    if (found.answer != Answer::kNo) return {found.source, at, nullptr};
  }
  return {unknown(name), nullptr, nullptr};
}

Resolution Resolver::resolve(const std::vector<std::string>& path, const Scope& scope) const {
  return path.size() > 1 ? resolve_qualified(path, scope) : resolve_unqualified(path.front(), scope);
}

}  // namespace assay
