// assay snapshot on the command line.
#include <CLI/CLI.hpp>

#include "cli/command_flags.h"

namespace assay {

CLI::App* add_snapshot_command(CLI::App& app, SnapshotOptions& options) {
  CLI::App* command = app.add_subcommand("snapshot", "Write the schema and statistics of a server to a file, no rows");
  CLI::Option* uri =
      command->add_option("URI", options.uri, "The server: a URI or key=value pairs; passwords come from ~/.pgpass");
  CLI::Option* output = command->add_option("-o,--output", options.output, "The file to write")->type_name("FILE");
  command->add_flag("--redact", options.redact,
                    "Leave out the values of columns that are no numbers, truth values, dates or times, and of\n"
                    "expressions. Of the schema's literals, those that plans may need stay: predicates of indexes,\n"
                    "bounds of partitions, views, enums, functions in SQL; checks and defaults with a string literal\n"
                    "and bodies in PL/pgSQL are left out");
  CLI::Option* print = command->add_flag("--print-sql", options.print_sql,
                                         "Ask no server: print a script for psql, whose output is a catalog too");
  print->excludes(uri)->excludes(output);
  command->footer(
      "Examples:\n"
      "  assay snapshot 'host=crm.example dbname=crm user=reader' -o crm.snapshot\n"
      "  assay snapshot --print-sql > snapshot.sql\n"
      "  psql -X -f snapshot.sql -o crm.snapshot.txt crm\n");
  return command;
}

}  // namespace assay
