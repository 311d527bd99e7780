// What a command (COPY, TRUNCATE, DO …) does to tables, as far as its text tells.
#pragma once

#include "parser/sql/statement.h"
#include "parser/sql/syntax_tree.h"

namespace assay {

/// Adds the relations that it fills, empties or changes as written ones, and says when it may run more than it tells.
void read_command(const Node& command, Statement& statement);

}  // namespace assay
