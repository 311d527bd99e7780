// Types and qualified names of a syntax tree as SQL text.
#pragma once

#include <pg_query/pg_query.pb-c.h>

#include <cstddef>
#include <string>

#include "parser/sql/syntax_tree.h"

namespace assay {

/// The type as format_type() of PostgreSQL writes it: int4 and pg_catalog.int4 become integer, timestamptz(3) becomes
/// timestamp(3) with time zone, decimal(8,2)[] becomes numeric(8,2)[].
std::string type_text(const PgQuery__TypeName& type);

/// A list of names as SQL: public.gin_trgm_ops, pg_catalog."C".
std::string qualified_name(std::size_t count, Node* const* names);

}  // namespace assay
