#include "cli/check_baseline.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "parser/base/error.h"

namespace assay {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLargest = 64 << 20;  // bytes
constexpr int kVersion = 1;

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(path + ": no baseline of assay check: " + why, "write one with `assay check … --write-baseline FILE`");
}

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) refuse(path, "it cannot be opened");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.size() > kLargest) refuse(path, "it is too large");
  return text;
}

}  // namespace

CheckBaseline load_baseline(const std::string& path) {
  CheckBaseline baseline;
  try {
    const Json json = Json::parse(text_of(path));
    if (json.at("assay_baseline").get<int>() != kVersion) refuse(path, "its version is not that of this program");
    for (const auto& [name, cost] : json.at("classes").items()) {
      baseline.costs[name] = cost.is_null() ? std::nullopt : std::optional(cost.get<double>());
    }
    for (const Json& accepted : json.at("accepted")) {
      baseline.accepted.emplace(accepted.at("rule").get<std::string>(), accepted.at("subject").get<std::string>());
    }
  } catch (const Json::exception& problem) {
    refuse(path, problem.what());
  }
  return baseline;
}

// One line an entry and sorted, so that a change of the baseline reads well in a diff.
std::string baseline_text(const CheckSubject& subject, const std::vector<Finding>& findings) {
  std::map<std::string, std::string> classes;
  for (std::size_t i = 0; i < subject.workload.classes.size(); ++i) {
    const PlannedClass* planned = subject.planned_class(i);
    classes[class_name(subject.workload.classes[i].id)] =
        planned ? Json(std::round(planned->cost * 100) / 100).dump() : "null";
  }
  std::map<std::pair<std::string, std::string>, std::string> accepted;
  if (subject.baseline) {
    for (const auto& [rule, name] : subject.baseline->accepted) accepted[{rule, name}];
  }
  for (const Finding& finding : findings) accepted[{std::string(finding.rule), finding.subject}] = finding.message;
  std::string text = "{\n  \"assay_baseline\": 1,\n  \"classes\": {";
  const char* before = "\n";
  for (const auto& [name, cost] : classes) {
    text += before + ("    " + Json(name).dump()) + ": " + cost;
    before = ",\n";
  }
  text += "\n  },\n  \"accepted\": [";
  before = "\n";
  for (const auto& [what, message] : accepted) {
    const Json json = {{"rule", what.first}, {"subject", what.second}, {"message", message}};
    text += before + ("    " + json.dump(-1, ' ', false, Json::error_handler_t::replace));
    before = ",\n";
  }
  return text + "\n  ]\n}\n";
}

}  // namespace assay
