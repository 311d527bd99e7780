// Requests by the tags of sqlcommenter.
#include "analyzer/request_loads.h"

#include <catch2/catch.hpp>

namespace assay {
namespace {

LogRecord execution(std::string_view sql, std::int64_t us, std::int64_t process = 1) {
  LogRecord record;
  record.kind = RecordKind::kExecution;
  record.sql = sql;
  record.duration = Microseconds(us);
  record.process = process;
  return record;
}

}  // namespace

TEST_CASE("a tag is the route, or the controller and its action") {
  CHECK(request_tag("SELECT 1 /*route='%2Fcheckout'*/").kind == "/checkout");
  CHECK(request_tag("SELECT 1 /*action='create',controller='orders',framework='rails'*/").kind == "orders#create");
  CHECK(request_tag("SELECT 1 /*controller='orders'*/").kind == "orders");
  CHECK(request_tag("SELECT 1 /* a remark */").kind.empty());
  CHECK(request_tag("SELECT 1").kind.empty());
  CHECK(request_tag("SELECT '/*route=''x''*/'").kind.empty());
  CHECK(request_tag("SELECT 1 /*route='x").kind.empty());
}

TEST_CASE("the trace id is the second field of traceparent") {
  CHECK(request_tag("SELECT 1 /*route='x',traceparent='00-5bd6-c3f-01'*/").trace == "5bd6");
}

TEST_CASE("statements of one trace are one request, those of another are the next") {
  RequestLoads loads;
  loads.add(execution("SELECT 1 /*route='a',traceparent='00-1-x-01'*/", 1000));
  loads.add(execution("SELECT 2 /*route='a',traceparent='00-1-y-01'*/", 2000));
  loads.add(execution("SELECT 1 /*route='a',traceparent='00-2-x-01'*/", 500));
  const auto found = loads.finish();
  REQUIRE(found.size() == 1);
  CHECK(found[0].requests == 2);
  CHECK(found[0].statements == 3);
  CHECK(found[0].longest == Microseconds(3000));
  CHECK(found[0].mean_ms() == Approx(1.75));
}

TEST_CASE("without a trace a request lasts until another kind comes in its session") {
  RequestLoads loads;
  loads.add(execution("SELECT 1 /*route='a'*/", 10, 1));
  loads.add(execution("SELECT 1 /*route='b'*/", 10, 2));
  loads.add(execution("SELECT 2 /*route='a'*/", 10, 1));
  loads.add(execution("COMMIT", 10, 1));
  loads.add(execution("SELECT 2 /*route='a'*/", 10, 1));
  const auto found = loads.finish();
  REQUIRE(found.size() == 2);
  CHECK(found[0].requests == 2);
  CHECK(found[1].requests == 1);
}

}  // namespace assay
