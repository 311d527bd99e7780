// What the demand that was measured on a part of a trace says of the whole one.
//
// Means over a class's executions are the whole one's, as they are. How many there were of each class is counted on the
// whole trace, so rates and mix are its own (poststratification by class: Cochran, Sampling Techniques, 3rd edition
// 1977, chapter 5A). A class that the part does not hold has the response that the trace tells of it, and needs the
// same share of it as all others do on average; it belongs to the sessions of its application that execute most.
#pragma once

#include "analyzer/service_demand.h"
#include "analyzer/trace_part.h"

namespace assay {

/// `demand` is the part's.
void stand_for_whole(const Workload& workload, const TracePart& part, ServiceDemand& demand);

}  // namespace assay
