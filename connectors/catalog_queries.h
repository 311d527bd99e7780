// The questions that a snapshot asks of a server: one list of SELECTs from its system catalogs.
//
// `assay snapshot` asks them itself; `assay snapshot --print-sql` prints them as a script for psql. Either way the
// rows that come back are the same, and catalog_rows.h makes a Catalog of them. PostgreSQL 12 to 18: columns that only
// some versions have are read through to_jsonb(row), or the question has a condition.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace assay {

struct CatalogQuery {
  std::string name;         ///< of the answer; questions of one name exclude each other by their conditions
  std::string about;        ///< what it asks for, in a line for the DBA
  std::size_t columns = 0;  ///< of the answer
  std::string sql;          ///< one SELECT
  /// An expression in SQL that is NULL where the question cannot be asked; empty: it always can. In `sql`, `:found`
  /// stands for its value.
  std::string condition = {};
};

/// Reading the largest catalogs takes seconds; a lock that is not there at once is somebody else's DDL.
inline constexpr std::array kSnapshotTransaction{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                                                 "SET LOCAL statement_timeout = '60s'", "SET LOCAL lock_timeout = '2s'",
                                                 "SET LOCAL idle_in_transaction_session_timeout = '60s'"};

/// Names come out with their schemas, and values in forms that do not depend on the server's settings.
inline constexpr std::array kOutputForms{"SET LOCAL search_path = pg_catalog, pg_temp",
                                         "SET LOCAL DateStyle = 'ISO, YMD'",
                                         "SET LOCAL IntervalStyle = 'postgres'",
                                         "SET LOCAL extra_float_digits = 1",
                                         "SET LOCAL bytea_output = 'hex'",
                                         "SET LOCAL xmloption = 'content'"};

/// To be asked in the transaction before kOutputForms: they tell of the session's own settings.
std::vector<CatalogQuery> session_queries();

/// To be asked after kOutputForms. With `redact`, statistics tell no values but those of columns that are numbers,
/// truth values, dates or times; the schema's text leaves out what no plan needs of its literals (ddl_queries.cpp).
std::vector<CatalogQuery> catalog_queries(bool redact);

// The parts of catalog_queries, each in a file of its own.
std::vector<CatalogQuery> relation_queries();
std::vector<CatalogQuery> statistics_queries(bool redact);
std::vector<CatalogQuery> ddl_queries(bool redact);

}  // namespace assay

/// Relations of users, extensions' included; `n` is the pg_namespace.
#define ASSAY_USER_SCHEMA "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"

/// And without what belongs to an extension, which comes with that extension.
#define ASSAY_OWN(class_name, oid)                                                                     \
  ASSAY_USER_SCHEMA                                                                                    \
  " AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = '" class_name "'::regclass AND objid = " oid \
  " AND deptype = 'e')"
