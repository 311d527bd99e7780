#include "connectors/server_programs.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "parser/base/error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

bool holds(const fs::path& folder, const char* program) {
  std::error_code ignored;
  return fs::exists(folder / program, ignored);
}

/// ASSAY_SERVER_PROGRAMS names the only folder to look into; one that holds none hides what is installed.
std::vector<fs::path> program_folders() {
  if (const char* only = std::getenv("ASSAY_SERVER_PROGRAMS")) return {only};
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", ignored)) {
    folders.push_back(version.path() / "bin");
  }
  const char* path = std::getenv("PATH");
  std::istringstream entries(path ? path : "");
  for (std::string entry; std::getline(entries, entry, ':');) {
    if (entry.starts_with('/')) folders.emplace_back(entry);  // a relative one would run what lies about
  }
  return folders;
}

/// "15.8 (Debian 15.8-0+deb12u1)" from "postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)".
std::string version_of(const fs::path& program) {
  const std::string command = "'" + program.string() + "' --version";
  if (command.find('\'', 1) != command.rfind('\'')) return "";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string line(200, '\0');
  if (!pipe || !std::fgets(line.data(), static_cast<int>(line.size()), pipe.get())) return "";
  line.resize(line.find_first_of(std::string_view("\n\0", 2)));
  constexpr std::string_view kProduct = "(PostgreSQL) ";
  const std::size_t at = line.find(kProduct);
  return at == std::string::npos ? "" : line.substr(at + kProduct.size());
}

int major_of(const std::string& version) {
  int major = 0;
  std::from_chars(version.data(), version.data() + version.size(), major);
  return major;
}

}  // namespace

ServerPrograms find_server_programs(int preferred) {
  const auto rank = [preferred](int major) { return std::pair(major > 0 && major == preferred, major); };
  ServerPrograms best;
  for (const fs::path& folder : program_folders()) {
    if (!holds(folder, "postgres") || !holds(folder, "initdb")) continue;
    ServerPrograms found{folder, 0, version_of(folder / "postgres")};
    found.major = major_of(found.version);
    if (rank(found.major) > rank(best.major)) best = found;
  }
  if (best.major == 0) {
    throw Error("no PostgreSQL server programs were found on this machine",
                "install the package postgresql, or put the folder of initdb and postgres into PATH");
  }
  return best;
}

std::optional<fs::path> find_pg_dump(int server_major) {
  std::optional<fs::path> best;
  int best_major = 0;
  for (const fs::path& folder : program_folders()) {
    if (!holds(folder, "pg_dump")) continue;
    const int major = major_of(version_of(folder / "pg_dump"));
    if (major < server_major || (best && major >= best_major)) continue;
    best = folder / "pg_dump";
    best_major = major;
  }
  return best;
}

}  // namespace assay
