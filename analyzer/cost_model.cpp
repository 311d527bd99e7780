#include "analyzer/cost_model.h"

namespace assay {

std::string_view to_string(Evidence evidence) {
  switch (evidence) {
    case Evidence::kMeasured:
      return "measured";
    case Evidence::kPlanned:
      return "planned";
    case Evidence::kEstimated:
      return "estimated";
    case Evidence::kNone:
      return "none";
  }
  return "none";
}

}  // namespace assay
