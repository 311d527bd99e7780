#include "cli/units.h"

#include <catch2/catch.hpp>

namespace assay {

TEST_CASE("figures have units and three digits that mean something") {
  CHECK(milliseconds_text(0) == "0.00 ms");
  CHECK(milliseconds_text(0.0421) == "0.042 ms");
  CHECK(milliseconds_text(12.345) == "12.3 ms");
  CHECK(milliseconds_text(999.6) == "1.00 s");
  CHECK(milliseconds_text(65'000) == "65.0 s");
  CHECK(milliseconds_text(125'000) == "2 min 5 s");
  CHECK(milliseconds_text(3'600'000.0 * 27 + 60'000) == "27 h 1 min");
  CHECK(duration_text(Microseconds{1500}) == "1.50 ms");
  CHECK(count_text(0) == "0");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(share_text(0.1234) == "12.3 %");
  CHECK(share_text(0.0001) == "< 0.1 %");
  CHECK(share_text(0) == "0.0 %");
  CHECK(bytes_text(512) == "512 bytes");
  CHECK(bytes_text(8192) == "8.00 kB");
  CHECK(bytes_text(50LL << 30) == "50.0 GB");
  CHECK(cost_text(8.4432) == "8.44");
  CHECK(cost_text(123456.7) == "123,000");
  CHECK(plural(1, "index", "indexes") == "1 index");
  CHECK(plural(2000, "index", "indexes") == "2,000 indexes");
}

}  // namespace assay
