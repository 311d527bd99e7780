// What a labelled line of the stderr format says, whatever file it stands in.
#pragma once

#include <string_view>

#include "parser/log/entry.h"
#include "parser/log/prefix.h"

namespace assay {

/// The instant that the prefix tells.
ZonedTime resolve(const PrefixMatch& head, ZoneClock& clock);

/// Fills in the entry that begins with `head` and tells `text`; neither its place in the file nor its meaning.
void fill_in(LogEntry& entry, const PrefixMatch& head, std::string_view text, ZoneClock& clock);

}  // namespace assay
