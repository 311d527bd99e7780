// Compressed logs: each way of compression, whole, in several streams, cut off, damaged.
#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <functional>

#include "parser/base/error.h"
#include "tests/parser/log/log_text.h"

using namespace assay;
using namespace assay::test;

namespace {

std::string gzipped(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string zstd_compressed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string xz_compressed(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  const auto result =
      lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                              text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size());
  REQUIRE(result == LZMA_OK);
  out.resize(size);
  return out;
}

std::string bzip2_compressed(const std::string& text) {
  auto size = static_cast<unsigned>(text.size() + text.size() / 100 + 600);
  std::string out(size, '\0');
  // Blocks of 100 kB, so that what was cut off still has whole ones before.
  const int result = BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                              static_cast<unsigned>(text.size()), 1, 0, 0);
  REQUIRE(result == BZ_OK);
  out.resize(size);
  return out;
}

struct Compression {
  std::string name;
  std::function<std::string(const std::string&)> compress;
};
const std::vector<Compression> kCompressions{
    {"gzip", gzipped}, {"zstd", zstd_compressed}, {"xz", xz_compressed}, {"bzip2", bzip2_compressed}};

/// A log of 15,000 records that does not compress too well.
std::string long_log() {
  std::string text;
  unsigned state = 1;
  for (int i = 0; i < 15'000; ++i) {
    state = state * 1664525 + 1013904223;
    text += "2026-11-22 10:00:00.125 UTC [1] u@d/a LOG:  duration: 1.000 ms  statement: SELECT " +
            std::to_string(state) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("compressed logs are recognised by content") {
  const std::vector<Event> run{log(1, "duration: 1.000 ms  statement: SELECT 1")};
  for (const auto& [name, compress] : kCompressions) {
    for (const auto& text : {as_stderr(run), as_csv(run), as_json(run)}) {
      const auto compressed = compress(text);
      const auto reading = read_text(compressed);
      CAPTURE(name);
      CHECK(reading.records == std::vector<std::string>{"web@crm 1.000ms SELECT 1"});
      CHECK(reading.account.compression == name);
      CHECK(reading.account.bytes == compressed.size());
      CHECK(!reading.account.cut_short);
      CHECK(reading.diagnostics.empty());
    }
  }
}

TEST_CASE("several compressed streams in one file are read to the end") {
  const auto text = as_json({log(1, "duration: 1.000 ms  statement: SELECT 1")});
  for (const auto& [name, compress] : kCompressions) {
    CAPTURE(name);
    CHECK(executions(compress(text) + compress(text) + compress(text)).size() == 3);
  }
}

TEST_CASE("of a file that was cut off, the records before are read, and the place is told") {
  const auto text = long_log();
  for (const auto& [name, compress] : kCompressions) {
    auto compressed = compress(text);
    compressed.resize(compressed.size() - 20);
    const auto reading = read_text(compressed);
    CAPTURE(name, reading.account.executions);
    CHECK(reading.account.executions > 10'000);
    CHECK(reading.account.cut_short);
    REQUIRE(!reading.diagnostics.empty());
    const auto& told = reading.diagnostics.back();
    CHECK(told.severity == Severity::kError);
    CHECK(told.line == reading.account.lines);
    CHECK(told.message == "the " + name + " data is damaged at byte " + std::to_string(compressed.size()) +
                              ": unexpected end of file; the log was read up to this line");
    CHECK(told.hint == "the file was cut off or is damaged; copy it again");
  }
}

TEST_CASE("of a file that is damaged in the middle, no wrong record is told") {
  const auto text = long_log();
  const auto whole = read_text(text).records;
  for (const auto& [name, compress] : kCompressions) {
    auto compressed = compress(text);
    for (std::size_t i = 0; i < 50; ++i) compressed[compressed.size() * 9 / 10 + i] ^= 0x55;
    const auto reading = read_text(compressed);
    CAPTURE(name);
    CHECK(reading.account.cut_short);
    CHECK(reading.account.executions > 5'000);
    // The last piece before the damage is told may be wrong, where the format checks only whole streams.
    const std::size_t sure = reading.records.size() > 2000 ? reading.records.size() - 2000 : 0;
    CHECK(std::equal(reading.records.begin(), reading.records.begin() + static_cast<std::ptrdiff_t>(sure),
                     whole.begin()));
  }
}

TEST_CASE("what stands behind a compressed stream and is none is told") {
  const auto text = long_log();
  for (const auto& [name, compress] : kCompressions) {
    const auto reading = read_text(compress(text) + "garbage behind it");
    CAPTURE(name);
    CHECK(reading.account.executions == 15'000);
    CHECK(reading.account.cut_short);
  }
}

TEST_CASE("a file of which nothing can be decompressed is an error") {
  for (const auto& [name, compress] : kCompressions) {
    CAPTURE(name);
    CHECK_THROWS_AS(read_text(compress(long_log()).substr(0, 8)), Error);
  }
}

TEST_CASE("other compressions are named") {
  const TemporaryFile file("\x04\x22\x4D\x18....");
  try {
    Diagnostics diagnostics;
    read_log(
        file.path(), {}, [](const LogRecord&) {}, diagnostics);
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.what() == file.path() + ": is compressed with lz4, which is not supported");
    CHECK(error.hint() == "decompress it first: lz4 -dc " + file.path() + " | assay report -");
  }
}
