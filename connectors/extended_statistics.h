// The bytes of extended statistics: pg_ndistinct, pg_dependencies and pg_mcv_list as pg_statistic_ext_data holds them.
//
// The server trusts them (most of its checks are assertions), so bytes from a snapshot must be checked before a server
// sees them; and where a role may read only the view pg_stats_ext, the first two are made from the view's text.
// Formats: src/backend/statistics/mvdistinct.c, dependencies.c and mcv.c (statext_*_serialize), the same in PostgreSQL
// 12 to 18; what is not exactly that is refused. In the server's own byte order, which is taken to be little-endian.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// A column of the statistics object, as the shadow knows its type.
struct StatisticsColumn {
  std::uint32_t type = 0;  ///< oid
  int length = 0;          ///< pg_type.typlen: > 0 bytes, -1 varlena, -2 C string
  bool by_value = false;
};

/// Bytes of pg_ndistinct from the view's '{"1, 2": 3}'; nothing for what is none.
std::optional<std::string> distinct_from_text(std::string_view text);
/// Bytes of pg_dependencies from the view's '{"1 => 2": 0.500000}'.
std::optional<std::string> dependencies_from_text(std::string_view text);

/// Can a server read these bytes without stumbling?
bool is_sound_distinct(std::string_view bytes);
bool is_sound_dependencies(std::string_view bytes);
/// Also: are its columns of exactly these types? Only types of PostgreSQL's own, whose values have no inner structure
/// that could lead a server astray, are sound.
bool is_sound_mcv_list(std::string_view bytes, const std::vector<StatisticsColumn>& columns);

/// Sound bytes of either of the two with the columns' numbers replaced; nothing when one has no replacement.
std::optional<std::string> renumbered_distinct(std::string bytes, const std::map<int, int>& numbers);
std::optional<std::string> renumbered_dependencies(std::string bytes, const std::map<int, int>& numbers);

std::string to_hex(std::string_view bytes);
/// Nothing for an odd number of digits or what is no digit.
std::optional<std::string> from_hex(std::string_view digits);

}  // namespace assay
