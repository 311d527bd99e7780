#include "analyzer/gin_size.h"

#include <algorithm>
#include <cmath>

#include "analyzer/gin_elements.h"

namespace assay {
namespace {

constexpr double kPage = 8192;
constexpr double kEntryRoom = kPage - 24 - 8;         // page header, GinPageOpaqueData
constexpr double kDataRoom = kPage - 24 - 8 - 8;      // and the right bound of a posting tree's page
constexpr double kLargestEntry = 2712;                // GinMaxItemSize
constexpr double kSegment = 256, kSegmentHeader = 8;  // GinPostingListSegmentTargetSize
constexpr double kLinePointer = 4;
constexpr double kBuildMemory = 64 * 1024 * 1024.0;  // maintenance_work_mem's default

double aligned(double size, double alignment) { return std::ceil(size / alignment) * alignment; }

struct Pages {
  double entry_bytes = 0;  ///< of leaf tuples, line pointers included
  double entries = 0;
  double tree_pages = 0;   ///< of posting trees
  double accumulated = 0;  ///< bytes that the build holds in memory
};

/// One key column more needs its number in every entry.
void add(Pages& pages, const ElementGroup& group, double all_rows, double table_pages, bool many_columns) {
  if (group.count <= 0) return;
  const double rows = std::clamp(group.rows, 1.0, std::max(1.0, all_rows));
  const double key = aligned(8 + (many_columns ? 2 : 0) + group.width, 2);
  const double postings = posting_bytes(rows, all_rows, table_pages);
  double entry = aligned(key + kSegmentHeader + postings, 8);
  if (entry > kLargestEntry) {
    const double segments = postings * (1 + kSegmentHeader / kSegment);
    double level = std::ceil(segments / kDataRoom);
    pages.tree_pages += group.count * level;
    constexpr double kFanOut = kDataRoom / 10;  // PostingItem
    while (level > 1) pages.tree_pages += group.count * (level = std::ceil(level / kFanOut));
    entry = aligned(key, 8);
  }
  pages.entries += group.count;
  pages.entry_bytes += group.count * (entry + kLinePointer);
  pages.accumulated += group.count * (rows * 6 + 64);
}

}  // namespace

double posting_bytes(double rows, double all_rows, double pages) {
  const double share = std::clamp(rows / std::max(1.0, all_rows), 1e-15, 1.0);
  const double rows_a_page = std::max(1.0, all_rows / std::max(1.0, pages));
  // A difference is pages × 2048 + items. Seven bits hold the rest of the page, 14 eight pages, 21 a thousand.
  const auto beyond = [&](double distance) { return std::exp(-distance * share); };
  double bytes = 1 + (rows_a_page <= 1 ? 1 : beyond(rows_a_page / 2));
  for (double reach = 8; reach < pages; reach *= 128) bytes += beyond(reach * rows_a_page);
  return (rows - 1) * bytes;  // the first stands in the header
}

std::int64_t gin_pages(const IndexDefinition& definition, const Table& table, double rows) {
  Pages pages;
  const double table_pages = std::max(1.0, static_cast<double>(table.pages));
  for (const IndexKey& key : definition.keys) {
    for (const ElementGroup& group : gin_elements(key, table, rows)) {
      add(pages, group, rows, table_pages, definition.keys.size() > 1);
    }
  }
  // Entries arrive in their order, and a full page is split in halves: what stays behind is half full. A build that
  // must empty its memory several times comes back to those pages.
  const double filled = pages.accumulated < kBuildMemory ? 0.5 : 0.7;
  const double room = kEntryRoom * filled;
  double level = std::max(1.0, std::ceil(pages.entry_bytes / room));
  double all = 1 + level + pages.tree_pages;  // the metapage
  const double separator = aligned(8 + 8, 8) + kLinePointer;
  while (level > 1) all += level = std::ceil(level * separator / room);
  return static_cast<std::int64_t>(std::min(all, 1e15));
}

}  // namespace assay
