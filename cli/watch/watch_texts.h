// Windows and alerts as people and programs read them: lines of text, and lines of JSON.
#pragma once

#include <functional>
#include <string>

#include "advisors/watch/alert.h"
#include "analyzer/watch/window.h"

namespace assay {

using ClassNames = std::function<const WatchedClass*(ClassId)>;

/// One sentence: what, since when, how much, what it costs, why, and what to do. In the zone of `offset`.
std::string alert_text(const Alert& alert, const ClassNames& names, UtcOffset offset);

/// "10:05  123/s  p50 0.4 ms …" on one line.
std::string window_line(const Window& window, UtcOffset offset);

/// {"window": {…}} and {"alert": {…}}, each on one line with its newline.
std::string window_json(const Window& window, const ClassNames& names, std::size_t top, UtcOffset offset);
std::string alert_json(const Alert& alert, const ClassNames& names, UtcOffset offset);

}  // namespace assay
