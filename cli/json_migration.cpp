#include "cli/json_migration.h"

namespace assay {
namespace {

using Json = nlohmann::ordered_json;

void add(Json& json, const char* name, const std::vector<std::string>& texts) {
  if (!texts.empty()) json[name] = texts;
}

Json step_json(const MigrationStep& step) {
  Json json = {{"title", step.title}, {"sql", step.sql}, {"lock", step.lock}, {"may_fail", step.may_fail}};
  json["rollback"] = step.rollback;
  if (step.at_last) json["at_last"] = true;
  return json;
}

Json partman_json(const PartmanUpkeep& upkeep) {
  if (!upkeep.refused.empty()) return {{"refused", upkeep.refused}};
  Json json = {{"setup", upkeep.setup}, {"every_day", upkeep.every_day}};
  add(json, "server_settings", upkeep.server_settings);
  add(json, "retention", upkeep.retention);
  if (!upkeep.retention_when.empty()) json["retention_when"] = upkeep.retention_when;
  json["rollback"] = upkeep.rollback;
  return json;
}

Json plain_json(const PlainUpkeep& upkeep) {
  if (!upkeep.refused.empty()) return {{"refused", upkeep.refused}};
  Json json = {{"every_day", upkeep.every_day}};
  add(json, "retention", upkeep.retention);
  add(json, "remarks", upkeep.remarks);
  return json;
}

Json way_json(const MigrationWay& way) {
  Json json = {{"kind", to_string(way.kind)}, {"summary", way.summary}, {"steps", Json::array()}};
  for (const MigrationStep& step : way.steps) json["steps"].push_back(step_json(step));
  json["pg_partman"] = partman_json(way.upkeep.partman);
  json["plain_sql"] = plain_json(way.upkeep.plain);
  return json;
}

}  // namespace

Json migration_json(const MigrationPlan& plan) {
  Json json = {{"recommended", to_string(recommended_way(plan)->kind)}, {"ways", Json::array()}};
  for (const MigrationWay& way : plan.ways) json["ways"].push_back(way_json(way));
  json["not_offered"] = plan.not_offered;
  json["application"] = plan.application;
  json["remarks"] = plan.remarks;
  return json;
}

}  // namespace assay
