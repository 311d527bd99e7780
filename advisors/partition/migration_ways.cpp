#include "advisors/partition/migration_ways.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "advisors/partition/carry_over.h"
#include "parser/sql/index_definition.h"

namespace assay {

std::vector<std::string> in_transaction(std::vector<std::string> sql) {
  std::vector<std::string> all{"BEGIN;", kLockTimeout};
  append(all, std::move(sql));
  all.emplace_back("COMMIT;");
  return all;
}

MigrationStep check_step(const MigrationNames& names, bool attaches) {
  return {.title = "Check on the server that nothing stands in the way that a snapshot does not show",
          .sql = {check_on_server(names, attaches)},
          .lock = "none beyond that of a query; catalogs only",
          .may_fail = "It fails with the list of what the next steps could not keep; nothing has been changed then."};
}

std::string rename_index(const MigrationNames& names, const std::string& from, const std::string& to) {
  return fmt::format("ALTER INDEX {} RENAME TO {};", qualified(names.schema(), from), quote_identifier(to));
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace assay
