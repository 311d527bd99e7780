// From PostgreSQL's syntax tree to Ingredients: see ingredients.h.
#pragma once

#include "parser/sql/ingredients.h"
#include "parser/sql/syntax_tree.h"

namespace assay {

Ingredients ingredients_of(const Node& statement);

}  // namespace assay
