// The files of a relation that holds nothing but claims to be large.
//
// The planner asks the file system how long a relation is (RelationGetNumberOfBlocks), so its files are made as long as
// production's, as holes that take no disk; and it asks a B-tree's metapage for the height, so a nearly empty tree of
// that height is written. Formats: src/include/storage/bufpage.h, src/include/access/nbtree.h, md.c for the segments.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "connectors/child_process.h"

namespace assay {

/// PostgreSQL's limit, BlockNumber's largest value less one; 32 TB in pages of 8192 bytes.
inline constexpr std::int64_t kMostPages = 0xFFFFFFFE;

/// Makes the relation whose first file is `file` `pages` long: the file itself, and segments of 1 GB as .1, .2, … .
/// `owner` is whom new files are given to. Throws Error when the file system refuses.
void set_length(const std::filesystem::path& file, std::int64_t pages, const std::optional<Account>& owner);

/// Empties the first file alone, which is what a session that has not opened the relation yet takes for the whole.
/// Throws Error.
void truncate_first_segment(const std::filesystem::path& file);

/// The same for its length afterwards. What fails is not told: the table then merely looks empty.
void restore_first_segment(const std::filesystem::path& file, std::int64_t pages) noexcept;

/// Writes a B-tree of `height` levels above its one leaf, `height` + 2 pages in all. The leaf holds `tuples`, whole
/// IndexTuples in their order; they must fit the page. Throws Error.
void write_btree(const std::filesystem::path& file, int height, const std::vector<std::string>& tuples = {});

/// Writes the visibility map of the table whose first file is `file`: its first page is all-visible, so that nobody
/// looks there for the rows that an index tells of. Throws Error.
void write_visibility_map(const std::filesystem::path& file, const std::optional<Account>& owner);

}  // namespace assay
