// May the results of a class of MySQL's or MariaDB's be kept? As in cacheability.h, without a schema: nothing is
// cacheable without an if, since views, triggers, cascades, types and stored functions are not known.
#pragma once

#include "advisors/cache/cacheability.h"
#include "advisors/cache/session_habits.h"
#include "analyzer/meaning.h"

namespace assay {

/// `meaning` as from understand_mysql.
Cacheability judge_mysql_cacheability(const ClassMeaning& meaning, const SessionHabits& habits);

}  // namespace assay
