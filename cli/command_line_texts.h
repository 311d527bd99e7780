// What others need to know of the command line, told from the one place that defines it, so that it cannot fall behind:
// completions for shells, and the manual page.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace assay {

/// A script that bash sources (bash-completion finds it as /usr/share/bash-completion/completions/assay).
std::string bash_completion(const CLI::App& app);

/// A completion function of zsh (_assay in a folder of $fpath).
std::string zsh_completion(const CLI::App& app);

/// assay(1), in man's macros.
std::string manual_page(const CLI::App& app);

}  // namespace assay
