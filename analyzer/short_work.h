// Schedulers favour short work: what needs less than a slice runs through, once it has a core, however many wait.
//
// Then a short statement's duration does not grow with the load, and its demand is the duration itself, where the sweep
// for processor sharing would divide it by the slowdown. By how little it grows the log tells: the elasticity is that
// of the class's median duration with respect to the slowdown, between the quiet third and the busy third of its
// executions; 1 under processor sharing, near 0 under Linux's schedulers. It is trusted where the load changes more
// slowly than stamps do. Hidden work is short work, too.
#pragma once

#include "analyzer/service_demand.h"

namespace assay {

/// Corrects the demands of short classes, and the hidden one, from which `slowdown_in_gaps` was taken off.
void favour_short_work(const MeasuredDemand& measured, ServiceDemand& demand, double slowdown_in_gaps);

}  // namespace assay
