#include "connectors/scratch_server.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <thread>

#include "connectors/client_program.h"
#include "connectors/server_programs.h"
#include "parser/base/error.h"
#include "parser/sql/script.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const StopFlag kNever{false};  // what puts things away is not stopped

std::string unguessable_name() {
  std::array<unsigned char, 16> bits{};
  if (getrandom(bits.data(), bits.size(), 0) != static_cast<ssize_t>(bits.size())) throw Error("no random numbers");
  std::string name(ScratchServer::kPrefix);
  for (const unsigned char byte : bits) {
    name += "0123456789abcdef"[byte >> 4U];
    name += "0123456789abcdef"[byte & 15U];
  }
  return name;
}

Error creation_failed(const SqlError& refusal, const std::string& source) {
  const std::string& state = refusal.state();
  const std::string hint = state == "55006"
                               ? "end the sessions that are connected to " + source + ", or give a --dump of it"
                           : state == "42501" ? "the role needs CREATEDB, and must own the template or be a superuser"
                           : state == "3D000" ? "psql -l lists the server's databases"
                           : state == "53100" ? "the scratch server needs room for several copies of the database"
                                              : "";
  return Error("the scratch server makes no database: " + std::string(refusal.what()), hint);
}

/// A file's bytes, read when they are looked at.
class MappedFile {
 public:
  explicit MappedFile(const fs::path& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat about {};
    const bool is_open = file >= 0 && fstat(file, &about) == 0;
    size_ = is_open && S_ISREG(about.st_mode) ? static_cast<std::size_t>(about.st_size) : 0;
    if (size_ > 0) start_ = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    const std::string reason = is_open ? "it is empty, or no file" : std::strerror(errno);
    if (file >= 0) close(file);
    if (size_ == 0 || start_ == MAP_FAILED) throw Error(path.string() + ": cannot be read: " + reason);
  }
  ~MappedFile() { munmap(start_, size_); }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view text() const { return {static_cast<const char*>(start_), size_}; }

 private:
  void* start_ = MAP_FAILED;
  std::size_t size_ = 0;
};

bool is_archive(const fs::path& dump) {
  std::error_code ignored;
  if (fs::is_directory(dump, ignored)) return true;
  const MappedFile file(dump);
  constexpr std::size_t kTarMark = 257;  // where a tar's "ustar" stands
  const bool is_tar = file.text().size() > 512 && file.text().substr(kTarMark, 5) == "ustar";
  return file.text().starts_with("PGDMP") || is_tar;
}

/// Owners and privileges of roles that this server does not have say nothing about plans.
bool may_fail(std::string_view statement, const SqlError& refusal) {
  Lexer lexer(statement);
  const std::string_view word = lexer.next().text;
  return refusal.state() == "42704" && (is_word(word, "alter") || is_word(word, "grant") || is_word(word, "revoke"));
}

void run_script(std::string_view text, ReplayConnection& connection) {
  Script script(text);
  for (ScriptPart part = script.next(); part.kind != ScriptPartKind::kEnd; part = script.next()) {
    if (part.kind != ScriptPartKind::kStatement) continue;
    try {
      if (part.data_follows) {
        const ScriptPart data = script.next();
        connection.copy_in(std::string(part.text), data.kind == ScriptPartKind::kCopyData ? data.text : "");
      } else {
        connection.command(std::string(part.text));
      }
    } catch (const SqlError& refusal) {
      if (may_fail(part.text, refusal)) continue;
      throw Error("line " + std::to_string(part.line) + " of the dump: " + refusal.what(),
                  "a dump by pg_dump --no-owner --no-privileges of the same major version should fit");
    }
  }
}

}  // namespace

std::string dump_leads_out(std::string_view text) {
  constexpr std::array<std::string_view, 3> kVerbs{"create", "drop", "alter"};
  constexpr std::array<std::string_view, 6> kOfServer{"database", "role", "user", "group", "tablespace", "system"};
  const auto is_one_of = [](std::string_view word, const auto& words) {
    return std::any_of(words.begin(), words.end(), [&](auto one) { return is_word(word, one); });
  };
  Script script(text);
  for (ScriptPart part = script.next(); part.kind != ScriptPartKind::kEnd; part = script.next()) {
    const std::string where = "line " + std::to_string(part.line) + " of the dump ";
    if (part.kind == ScriptPartKind::kCommand && !part.text.starts_with("\\restrict") &&
        !part.text.starts_with("\\unrestrict")) {
      return where + "is a command of psql: " + std::string(part.text.substr(0, 40));
    }
    if (part.kind != ScriptPartKind::kStatement) continue;
    Lexer lexer(part.text);
    const bool is_verb = is_one_of(lexer.next().text, kVerbs);
    if (is_verb && is_one_of(lexer.next().text, kOfServer)) return where + "changes more than one database";
  }
  return {};
}

ScratchServer::ScratchServer(std::string uri, const StopFlag& stop)
    : uri_(std::move(uri)), stop_(stop), admin_(uri_, "", stop) {}

ScratchServer::~ScratchServer() {
  while (!ours_.empty()) {
    const std::string last = ours_.back();
    try {
      drop(last);
    } catch (const std::exception&) {
      std::erase(ours_, last);  // it keeps its telling name
    }
  }
}

std::string ScratchServer::create(const std::string& source) {
  const std::string name = unguessable_name();
  // Faster, and without a log of every page; needs PostgreSQL 15.
  const std::string strategy = admin_.server_version() >= 150000 ? " STRATEGY = file_copy" : "";
  ours_.push_back(name);
  try {
    admin_.command("CREATE DATABASE " + quoted_name(name) + " TEMPLATE = " + quoted_name(source) + strategy);
  } catch (const SqlError& refusal) {
    throw creation_failed(refusal, source);
  }
  return name;
}

/// CREATE DATABASE does not copy what ALTER DATABASE … SET has set.
void ScratchServer::copy_settings(const std::string& from, const std::string& to) {
  const std::string settings =
      "FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS item WHERE s.setrole = 0 AND "
      "s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = $1)";
  const auto count = std::stoul(admin_.value("SELECT pg_catalog.count(*) " + settings, {from}));
  for (std::size_t i = 0; i < count; ++i) {
    const std::string item =
        admin_.value("SELECT item " + settings + " ORDER BY item OFFSET $2::int LIMIT 1", {from, std::to_string(i)});
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = item.substr(0, equals);
    admin_.value("SELECT pg_catalog.set_config($1, $2, false)", {name, item.substr(equals + 1)});
    admin_.command("ALTER DATABASE " + quoted_name(to) + " SET " + quoted_name(name) + " FROM CURRENT");
    admin_.command("RESET " + quoted_name(name));
  }
}

std::string ScratchServer::copy(const std::string& database) {
  const std::string name = create(database);
  try {
    copy_settings(database, name);
  } catch (const SqlError& refusal) {
    throw Error("the settings of " + database + " cannot be copied: " + refusal.what());
  }
  return name;
}

std::string ScratchServer::restore(const fs::path& dump) {
  const bool archive = is_archive(dump);
  if (!archive) {
    const MappedFile file(dump);
    const std::string problem = dump_leads_out(file.text());
    if (!problem.empty()) {
      throw Error(dump.string() + ": " + problem, "give a dump by pg_dump without --create, not one by pg_dumpall");
    }
    const std::string name = create("template0");
    ReplayConnection connection = connect(name);
    run_script(file.text(), connection);
    return name;
  }
  const auto pg_dump = find_pg_dump(admin_.server_version() / 10000);
  if (!pg_dump) throw Error("pg_restore of the server's version or later was not found", "install postgresql-client");
  const std::string name = create("template0");
  const ReplayConnection target = connect(name);
  run_program({(pg_dump->parent_path() / "pg_restore").string(), "--no-owner", "--no-privileges", "--exit-on-error",
               "--no-password", "--dbname=" + target.conninfo(), dump.string()});
  return name;
}

void ScratchServer::run_program(const std::vector<std::string>& command) const {
  const int words = memfd_create("errors", MFD_CLOEXEC);
  const pid_t child = start_client_program(command, words, words);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (stop_) kill(child, SIGTERM);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  std::string text(1000, '\0');
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, pread(words, text.data(), text.size(), 0))));
  close(words);
  if (status == 0) return;
  throw Error("the dump cannot be restored: " + (text.empty() ? "it was ended" : text.substr(0, text.find('\n'))));
}

void ScratchServer::drop(const std::string& database) {
  const auto found = std::find(ours_.begin(), ours_.end(), database);
  if (found == ours_.end() || !database.starts_with(kPrefix)) return;
  ReplayConnection connection(uri_, "", kNever);
  const std::string force = connection.server_version() >= 130000 ? " WITH (FORCE)" : "";
  connection.command("DROP DATABASE IF EXISTS " + quoted_name(database) + force);
  ours_.erase(found);
}

ReplayConnection ScratchServer::connect(const std::string& database) const {
  assert(std::find(ours_.begin(), ours_.end(), database) != ours_.end());
  return ReplayConnection(uri_, database, stop_);
}

std::vector<std::string> ScratchServer::others() const {
  const std::string names = admin_.value(
      "SELECT pg_catalog.string_agg(datname, ' ' ORDER BY datname) FROM pg_catalog.pg_database "
      "WHERE pg_catalog.starts_with(datname, $1)",
      {std::string(kPrefix)});
  std::vector<std::string> others;
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find(' ', at), names.size());
    const std::string name = names.substr(at, end - at);
    if (std::find(ours_.begin(), ours_.end(), name) == ours_.end()) others.push_back(name);
    at = end + 1;
  }
  return others;
}

}  // namespace assay
