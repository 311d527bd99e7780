// From the command line to an exit status.
#pragma once

namespace assay {

/// 0 done; 1 failed; 2 wrong usage. Prints everything that is to be said; throws nothing.
int run(int argc, char** argv);

}  // namespace assay
