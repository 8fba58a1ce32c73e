#include "cli/policy/answers.hpp"

#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "governance/cedar/syntax/print.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace nova::cli::policy {
namespace {

constexpr std::size_t shown_bytes_max = 400;  // of a value or condition, for people and scripts alike

std::string shortened(std::string text) {
  if (text.size() <= shown_bytes_max) return text;
  std::size_t end = shown_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

Json policy_json(const cedar::Authorizer& authorizer, const Policies& policies, std::uint32_t number) {
  const cedar::Policy& policy = authorizer.policy(number);
  Json out = {{"policy", policy.id},
              {"effect", policy.effect == cedar::Effect::permit ? "permit" : "forbid"},
              {"place", policies.place(policy.span)}};
  for (const auto& annotation : policy.annotations)
    if (annotation.key == "id" && annotation.has_value) out["name"] = std::string(annotation.value);
  return out;
}

std::string line_of(const Json& policy) {
  const std::string name = text_at(policy, "name");
  return text_at(policy, "effect") + " " + text_at(policy, "policy") + (name.empty() ? "" : " (" + name + ")") +
         " at " + text_at(policy, "place");
}

const char* word_of(cedar::ConditionOutcome::Result result) {
  using Result = cedar::ConditionOutcome::Result;
  return result == Result::held ? "held" : result == Result::failed ? "failed" : "did not hold";
}

Json read_json(const cedar::Read& read) {
  return {{"of", read.entity ? Json(to_text(*read.entity)) : Json(nullptr)},
          {read.is_tag ? "tag" : "attribute", std::string(read.name)},
          {"value", read.is_there ? Json(to_text(read.value, shown_bytes_max)) : Json(nullptr)}};
}

std::string read_text(const Json& read) {
  const std::string owner = at(read, "of").is_null() ? "a record" : text_at(read, "of");
  const std::string name = read.contains("tag") ? "tag " + text_at(read, "tag") : text_at(read, "attribute");
  return owner + ": " + name + (at(read, "value").is_null() ? " is missing" : " = " + text_at(read, "value"));
}

// The decision in capitals, for it is what people look for.
std::string decision_line(const Json& answer, const Paint& paint) {
  const bool is_allowed = text_at(answer, "decision") == "allow";
  const bool has_reason = !at(answer, "reason").empty();
  return (is_allowed ? paint.green("ALLOW") : paint.red("DENY")) + (has_reason ? "" : ", for no policy permits it") +
         "\n";
}

Json finding_json(const Policies& policies, const cedar::Finding& finding) {
  return {{"policy", finding.policy},
          {"place", policies.place(finding.span)},
          {"code", finding.code},
          {"message", finding.message}};
}

Json example_json(const std::optional<cedar::Example>& example) {
  if (!example) return nullptr;
  return {{"request", example->text}, {"explanation", example->explanation}};
}

std::string example_text(const Json& example, const std::string& title) {
  if (example.is_null()) return {};
  return title + "\n  " + safe(text_at(example, "request")) + "\n  " + safe(text_at(example, "explanation")) + "\n";
}

}  // namespace

Json answer_json(const cedar::Authorizer& authorizer, const Policies& policies, const cedar::Answer& answer) {
  Json reason = Json::array(), errors = Json::array();
  for (const std::uint32_t policy : answer.reasons) reason.push_back(policy_json(authorizer, policies, policy));
  for (const auto& failed : answer.failures) {
    errors.push_back(policy_json(authorizer, policies, failed.policy));
    errors.back()["message"] = describe(failed.failure);
  }
  return {{"decision", answer.decision == cedar::Decision::allow ? "allow" : "deny"},
          {"reason", std::move(reason)},
          {"errors", std::move(errors)}};
}

std::string answer_text(const Json& answer, const Paint& paint) {
  std::string out = decision_line(answer, paint);
  for (const auto& policy : at(answer, "reason")) out += "  by " + safe(line_of(policy)) + "\n";
  for (const auto& failed : at(answer, "errors"))
    out += "  " + paint.yellow("skipped") + " " + safe(line_of(failed) + ": " + text_at(failed, "message")) + "\n";
  return out;
}

Json explanation_json(const cedar::Authorizer& authorizer, const Policies& policies,
                      const cedar::Explanation& explanation) {
  using Result = cedar::ConditionOutcome::Result;
  Json out = answer_json(authorizer, policies, explanation.answer);
  Json all = Json::array();
  for (const auto& outcome : explanation.outcomes) {
    if (outcome.condition == cedar::ConditionOutcome::scope) {
      all.push_back(policy_json(authorizer, policies, outcome.policy));
      all.back()["result"] = outcome.result == Result::held ? "satisfied" : "not satisfied";
      all.back()["scope"] = word_of(outcome.result);
      all.back()["conditions"] = Json::array();
      continue;
    }
    const auto& condition = authorizer.policy(outcome.policy).conditions[outcome.condition];
    Json reads = Json::array();
    for (const auto& read : outcome.reads) reads.push_back(read_json(read));
    Json entry = {{"kind", condition.is_unless ? "unless" : "when"},
                  {"text", shortened(to_text(*condition.body))},
                  {"place", policies.place(condition.body->span)},
                  {"result", word_of(outcome.result)}};
    if (outcome.result == Result::failed) entry["message"] = describe(outcome.failure);
    entry["reads"] = std::move(reads);
    all.back()["conditions"].push_back(std::move(entry));
    if (outcome.result != Result::held)
      all.back()["result"] = outcome.result == Result::failed ? "failed" : "not satisfied";
  }
  out["policies"] = std::move(all);
  return out;
}

std::string explanation_text(const Json& explanation, const Paint& paint) {
  std::string out = answer_text(explanation, paint);
  for (const auto& policy : at(explanation, "policies")) {
    out += "\n" + safe(line_of(policy)) + ": " + text_at(policy, "result") + "\n";
    out += "  scope " + text_at(policy, "scope") + "\n";
    for (const auto& condition : at(policy, "conditions")) {
      const std::string message = text_at(condition, "message");
      out += "  " + text_at(condition, "kind") + " { " + safe(text_at(condition, "text")) + " } " +
             text_at(condition, "result") + (message.empty() ? "" : ": " + safe(message)) + "\n";
      for (const auto& read : at(condition, "reads")) out += "    " + safe(read_text(read)) + "\n";
    }
  }
  if (at(explanation, "policies").empty()) out += "\nno policy has a scope that could match\n";
  return out;
}

Json validation_json(const Policies& policies, const cedar::Validation& validation) {
  Json errors = Json::array(), warnings = Json::array();
  for (const auto& finding : validation.errors) errors.push_back(finding_json(policies, finding));
  for (const auto& finding : validation.warnings) warnings.push_back(finding_json(policies, finding));
  return {{"ok", validation.ok()}, {"errors", std::move(errors)}, {"warnings", std::move(warnings)}};
}

void add_error(Json& validation, const core::Error& error) {
  validation["ok"] = false;
  if (error.problems.empty())
    validation["errors"].push_back({{"policy", ""}, {"place", ""}, {"code", error.code}, {"message", error.message}});
  for (const auto& problem : error.problems)
    validation["errors"].push_back(
        {{"policy", ""}, {"place", problem.path}, {"code", error.code}, {"message", problem.message}});
}

void add_unused(Json& validation, const Policies& policies, const cedar::Inspection& inspection) {
  const auto add = [&](const std::vector<std::string>& ids, const char* code, const char* message) {
    for (const auto& id : ids)
      validation["warnings"].push_back(
          {{"policy", id}, {"place", policies.place_of(id)}, {"code", code}, {"message", message}});
  };
  add(inspection.never_match, "never_matches", "no request was found that this policy matches");
  add(inspection.shadowed_forbids, "shadowed_forbid",
      "no request was found that only this policy forbids: without it the decisions are the same");
  validation["unused"] = {{"exhaustive", inspection.is_exhaustive}, {"worlds", inspection.worlds}};
}

std::string validation_text(const Json& validation, const Paint& paint) {
  std::string out;
  const auto add = [&](const char* list, const std::string& word) {
    for (const auto& finding : at(validation, list)) {
      const std::string policy = text_at(finding, "policy");
      out += safe(text_at(finding, "place")) + ": " + word + ": " + (policy.empty() ? "" : safe(policy) + ": ") +
             safe(text_at(finding, "message")) + " [" + text_at(finding, "code") + "]\n";
    }
  };
  add("errors", paint.red("error"));
  add("warnings", paint.yellow("warning"));
  if (validation.contains("unused")) {
    out += "looked for policies without effect in " + text_at(validation, "unused.worlds") + " requests" +
           (flag_at(validation, "unused.exhaustive") ? "" : " (a sample)") +
           " made of the policies' literals and the schema's types: look before you delete\n";
  }
  return out + (flag_at(validation, "ok") ? paint.green("valid") : paint.red("invalid")) + "\n";
}

Json comparison_json(const cedar::Comparison& comparison) {
  return {{"change", std::string(name_of(comparison.change))},
          {"exact", comparison.is_exact},
          {"exhaustive", comparison.is_exhaustive},
          {"worlds", comparison.worlds},
          {"now_denied", example_json(comparison.now_denied)},
          {"now_allowed", example_json(comparison.now_allowed)}};
}

std::string comparison_text(const Json& comparison, const Paint& paint) {
  std::string out = paint.bold(text_at(comparison, "change")) + "\n";
  out += example_text(at(comparison, "now_denied"), paint.red("now denied, for example:"));
  out += example_text(at(comparison, "now_allowed"), paint.yellow("now allowed, for example:"));
  if (flag_at(comparison, "exact")) {
    // An example proves its half; the other half follows from what was removed and added.
    return out + "exact: holds for every request\n";
  }
  return out + "bounded: " + text_at(comparison, "worlds") +
         " requests made of both sets' literals and the schema's types were " +
         (flag_at(comparison, "exhaustive") ? "tried, all there are of these" : "tried, a sample of these") +
         "; an example is a proof, that there is no other kind of example is not\n";
}

}  // namespace nova::cli::policy
