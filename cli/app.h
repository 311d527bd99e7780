// From the command line to an exit status.
#pragma once

namespace assay {

/// 0 done; 1 failed; 2 wrong usage; 3 `check` found what it was told to fail on. Prints everything that is to be said; throws nothing.
int run(int argc, char** argv);

}  // namespace assay
