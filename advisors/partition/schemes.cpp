#include "advisors/partition/schemes.h"

#include <fmt/format.h>

namespace assay {

SchemeProposals propose_schemes(const TableSignals& signals, ZonedTime now) {
  SchemeProposals proposals;
  propose_range(signals, now, proposals);  // first: it alone makes retention cheap
  propose_list(signals, proposals);
  propose_hash(signals, proposals);
  return proposals;
}

bool moves_rows(const TableSignals& signals, const KeySignals& key, SchemeProposals& proposals) {
  constexpr double kHardlyEver = 0.01;  // of the table's statements
  if (key.updates_per_s <= kHardlyEver * signals.calls_per_s) return false;
  proposals.unfit.push_back(fmt::format(
      "{} is updated by {:.2g} statements a second, {:.0f} % of the table's: each that crosses a bound deletes the row "
      "in one partition and inserts it into another",
      key.column->name, key.updates_per_s, 100 * key.updates_per_s / signals.calls_per_s));
  return true;
}

}  // namespace assay
