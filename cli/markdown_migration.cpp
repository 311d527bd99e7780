// The way to a partitioned table: steps in words, their SQL folded, what has to be done from then on, and what changes
// for the application.
#include "cli/markdown.h"

namespace assay {
namespace {

using Texts = std::vector<std::string>;

std::string lines(const Texts& statements) {
  std::string text;
  for (const std::string& statement : statements) text += statement + "\n";
  return text;
}

std::string commented(const std::string& what, const Texts& statements) {
  return statements.empty() ? "" : "-- " + what + "\n" + lines(statements);
}

std::string partman_script(const PartmanUpkeep& upkeep) {
  std::string text =
      commented("Once, behind the change over:", upkeep.setup) + commented("Every day, from cron:", upkeep.every_day);
  for (const std::string& setting : upkeep.server_settings) text += "-- or in postgresql.conf: " + setting + "\n";
  text += commented("Retention. " + upkeep.retention_when, upkeep.retention);
  return text + commented("To take it back:", upkeep.rollback);
}

std::string plain_script(const PlainUpkeep& upkeep) {
  return commented("Every day, from cron:", upkeep.every_day) +
         commented("Retention: each row of the answer is a statement, to be run by itself (psql: \\gexec):",
                   upkeep.retention);
}

}  // namespace

void Markdown::folded_sql(const std::string& summary, const std::string& sql) {
  say("<details><summary>{}</summary>\n\n{}\n</details>\n\n", summary, code_block(sql, "sql"));
}

void Markdown::migration(const MigrationPlan& plan) {
  const MigrationWay& way = *recommended_way(plan);
  say("**The way there.** {}\n\n", plain_text(way.summary));
  migration_way(way);
  for (const MigrationWay& other : plan.ways) {
    if (&other != &way) another_way(other);
  }
  for (const std::string& reason : plan.not_offered) say("{}\n\n", plain_text(reason));
  partition_upkeep(way.upkeep);
  say("**What changes for the application:**\n\n");
  for (const std::string& change : plan.application) say("- {}\n", plain_text(change));
  say("\n**What comes over by itself, and what does not:**\n\n");
  for (const std::string& remark : plan.remarks) say("- {}\n", plain_text(remark));
  say("\n");
}

void Markdown::migration_way(const MigrationWay& way) {
  for (std::size_t i = 0; i < way.steps.size(); ++i) {
    const MigrationStep& step = way.steps[i];
    say("{}. {}. Lock: {}. What may fail: {}\n", i + 1, plain_text(step.title), plain_text(step.lock),
        plain_text(step.may_fail));
  }
  say("\n");
  folded_sql("SQL of these steps, each with its way back", script_of(way));
}

void Markdown::another_way(const MigrationWay& way) {
  say("*Another way.* {}{}\n\n", plain_text(way.summary),
      way.kind == MigrationKind::kAttach
          ? " What is saved comes to pass only as new partitions fill: the figures above are of a table that is "
            "divided."
          : "");
  folded_sql("SQL of that way, each step with its lock and its way back", script_of(way));
}

void Markdown::partition_upkeep(const PartitionUpkeep& upkeep) {
  const auto& [partman, plain] = upkeep;
  if (!partman.refused.empty() && partman.refused == plain.refused) {
    say("{}\n\n", plain_text(sentence(partman.refused)));
    return;
  }
  say("**From then on**, either by pg_partman or by plain SQL:\n\n");
  if (partman.refused.empty()) {
    folded_sql("With pg_partman 4.7", partman_script(partman));
  } else {
    say("pg_partman is not offered: {}\n\n", plain_text(partman.refused));
  }
  if (plain.refused.empty()) {
    folded_sql("With plain SQL", plain_script(plain));
  } else {
    say("Plain SQL is not offered: {}\n\n", plain_text(plain.refused));
  }
  for (const std::string& remark : plain.remarks) say("- {}\n", plain_text(remark));
  if (!plain.remarks.empty()) say("\n");
}

}  // namespace assay
