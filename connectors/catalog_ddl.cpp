// The order of a schema's DDL.
#include <unordered_map>
#include <utility>

#include "connectors/catalog_rows.h"
#include "connectors/sql_value.h"

namespace assay {
namespace {

struct Object {
  std::string key, sql;
  std::vector<std::size_t> needs;
  bool visited = false;
};

std::vector<Object> objects_of(const CatalogRows& rows) {
  std::vector<Object> objects;
  for (const char* name : {"ddl_types", "ddl_functions", "ddl_sequences", "ddl_tables", "ddl_keys", "ddl_views"}) {
    for (const SqlRow& row : answer(rows, name)) objects.push_back({as_text(row[0]), as_text(row[1]), {}});
  }
  std::unordered_map<std::string, std::size_t> positions;
  for (std::size_t i = 0; i < objects.size(); ++i) positions[objects[i].key] = i;
  for (const SqlRow& edge : answer(rows, "dependencies")) {
    const auto needing = positions.find(as_text(edge[0])), needed = positions.find(as_text(edge[1]));
    if (needing != positions.end() && needed != positions.end()) {
      objects[needing->second].needs.push_back(needed->second);
    }
  }
  return objects;
}

/// Depth first, each object after all that it needs; a circle is broken where it closes. No recursion, since
/// views can stand on views without end.
void append_in_order(std::vector<Object>& objects, std::vector<std::string>& ddl) {
  std::vector<std::pair<std::size_t, std::size_t>> path;  // an object, and how many of its needs are done
  for (std::size_t root = 0; root < objects.size(); ++root) {
    if (std::exchange(objects[root].visited, true)) continue;
    path.emplace_back(root, 0);
    while (!path.empty()) {
      auto& [position, done] = path.back();
      Object& object = objects[position];
      if (done == object.needs.size()) {
        ddl.push_back(object.sql);
        path.pop_back();
      } else if (const std::size_t next = object.needs[done++]; !std::exchange(objects[next].visited, true)) {
        path.emplace_back(next, 0);
      }
    }
  }
}

}  // namespace

std::vector<std::string> ordered_ddl(const CatalogRows& rows) {
  std::vector<std::string> ddl;
  const auto append = [&](const char* name) {
    for (const SqlRow& row : answer(rows, name)) ddl.push_back(as_text(row[0]));
  };
  for (const char* name : {"ddl_schemas", "ddl_extensions", "ddl_collations"}) append(name);
  std::vector<Object> objects = objects_of(rows);
  append_in_order(objects, ddl);
  for (const char* name :
       {"ddl_defaults", "ddl_partitions", "ddl_indexes", "ddl_index_partitions", "ddl_statistics", "ddl_constraints"}) {
    append(name);
  }
  return ddl;
}

}  // namespace assay
