// What the demand that was measured on a part of a trace says of the whole one.
//
// How many executions there were of each class, and their mean response, is counted on the whole trace. So rates and
// mix are its own (poststratification: Cochran, Sampling Techniques, 3rd edition 1977, chapter 5A), and what was
// measured is in proportion to the responses, with which it goes (ratio estimate, chapter 6). A class that the part
// does not hold has the response that the trace tells of it, and needs the same share of it as all others do on
// average; it belongs to the sessions of its application that execute most.
#pragma once

#include "analyzer/service_demand.h"
#include "analyzer/trace_part.h"

namespace assay {

/// `demand` is the part's.
void stand_for_whole(const Workload& workload, const TracePart& part, ServiceDemand& demand);

}  // namespace assay
