#include "advisors/cache/function_volatility.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/connectors/real_server.h"

namespace assay {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool is_pure(std::string_view name, int arguments) {
  return dependence_of_builtin(name, arguments) == Dependence::kNothing;
}

}  // namespace

TEST_CASE("the list of immutable functions is the server's", "[cache]") {
  RealServer server;
  const std::string query = text_of(std::string(ASSAY_TESTS) + "/../advisors/cache/immutable_functions.sql");
  REQUIRE(!query.empty());
  std::vector<std::string> told = server.column(query);
  std::sort(told.begin(), told.end());
  const auto& list = immutable_functions();
  if (server.value("SHOW server_version_num").starts_with("15")) {
    CHECK(std::vector<std::string>(list.begin(), list.end()) == told);
  }
  // On any version: what is called pure is immutable there, or not there.
  const auto impure = server.column(
      "SELECT proname || '/' || n FROM pg_proc, generate_series((pronargs - pronargdefaults)::int, pronargs::int) n "
      "WHERE pronamespace = 'pg_catalog'::regnamespace AND provolatile <> 'i'");
  for (const std::string& function : impure) {
    INFO(function);
    CHECK_FALSE(std::binary_search(list.begin(), list.end(), std::string_view(function)));
  }
}

TEST_CASE("operators that count as pure are immutable on the server", "[cache]") {
  RealServer server;
  for (const std::string& name : server.column("SELECT DISTINCT oprname FROM pg_operator o JOIN pg_proc p ON p.oid = "
                                               "oprcode WHERE provolatile <> 'i'")) {
    INFO(name);
    CHECK(dependence_of_operator(name) != OperatorDependence::kNothing);
  }
  for (const std::string& name : server.column("SELECT DISTINCT oprname FROM pg_operator")) {
    INFO(name);
    const bool compares_records = name.starts_with('*') && name.size() > 1;  // *= and kin: for the system's own use
    CHECK((dependence_of_operator(name) != OperatorDependence::kUnknown || compares_records));
  }
}

TEST_CASE("no function that may differ is pure", "[cache]") {
  CHECK(is_pure("lower", 1));
  CHECK(is_pure("pg_catalog.lower", 1));
  CHECK(is_pure("length", 1));
  CHECK_FALSE(is_pure("length", 2));  // of bytea in an encoding: stable
  CHECK(is_pure("age", 2));
  CHECK_FALSE(is_pure("age", 1));
  CHECK_FALSE(is_pure("date_trunc", 2));
  CHECK_FALSE(is_pure("extract", 2));
  CHECK_FALSE(is_pure("jsonb_object_agg", 2));
  CHECK_FALSE(is_pure("to_tsvector", 1));
  CHECK(is_pure("to_tsvector", 2));
  CHECK(dependence_of_builtin("now", 0) == Dependence::kClock);
  CHECK(dependence_of_builtin("random", 0) == Dependence::kRandom);
  CHECK(dependence_of_builtin("pg_try_advisory_lock", 1) == Dependence::kSideEffects);
  CHECK(dependence_of_builtin("has_table_privilege", 2) == Dependence::kSession);
  CHECK(dependence_of_builtin("myschema.lower", 1) == Dependence::kUnknown);
}

}  // namespace assay
