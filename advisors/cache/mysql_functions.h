// What a call of one of MySQL's or MariaDB's own functions depends on, beside its arguments. A name that is on no list
// is unknown: a stored or a loadable function, which may do anything.
//
// From the function references of MySQL 8.4 and MariaDB 10.11, and from the rules by which MySQL's own query cache
// (until 5.7) refused a statement. What the lists leave out is denied, never kept.
#pragma once

#include <string_view>

#include "advisors/cache/function_volatility.h"

namespace assay {

/// `name` in lower case, as mysql_rewrite.h gives it.
Dependence dependence_of_mysql_function(std::string_view name, int arguments);

}  // namespace assay
