#include "drivers/process/environment.hpp"

#include "core/ids.hpp"

#include <cstdio>
#include <map>

namespace nova::process {
namespace {

std::vector<std::string> lines_of(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) lines.push_back(name + "=" + value);
  return lines;
}

core::Error invalid(const std::string& message) { return core::refusal("start.payload_invalid", message); }

bool is_variable(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name.find_first_of(std::string_view("=\0\n ", 4)) == name.npos;
}

bool has_zero(std::string_view text) { return text.find('\0') != text.npos; }

}  // namespace

std::filesystem::path source_folder(const Options& options, const service::Instance& instance) {
  const std::string& digest = instance.spec.source.digest;
  const auto colon = digest.find(':');
  return options.sources_dir / (colon == digest.npos ? digest : digest.substr(colon + 1));
}

std::filesystem::path data_folder(const Options& options, const service::Instance& instance) {
  return options.data_dir / instance.tenant / instance.platform / instance.environment / instance.service;
}

std::vector<std::string> plain_environment(const Options& options, const service::Instance& instance,
                                           std::uint32_t port) {
  const std::string data = data_folder(options, instance).string();
  std::map<std::string, std::string> variables = {
      {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LANG", "C.UTF-8"}, {"HOME", data}};
  for (const auto& [name, value] : instance.spec.env) variables[name] = value;
  for (const auto& [name, value] : instance.urls) variables[name] = value;
  variables["NOVA_DATA"] = data;
  variables["NOVA_TENANT"] = instance.tenant;
  variables["NOVA_PLATFORM"] = instance.platform;
  variables["NOVA_ENVIRONMENT"] = instance.environment;
  variables["NOVA_SERVICE"] = instance.service;
  variables["NOVA_REVISION"] = std::to_string(instance.revision);
  variables["NOVA_INSTANCE"] = std::to_string(instance.index);
  if (port != 0) variables["PORT"] = std::to_string(port);
  return lines_of(variables);
}

core::Result<std::vector<std::string>> secret_environment(const Options& options, const service::Instance& instance) {
  std::vector<std::string> lines;
  for (const auto& [name, secret] : instance.spec.secrets) {
    core::Result<std::string> plain =
        options.resolve_secret ? options.resolve_secret(secret.ref)
                               : core::Result<std::string>(core::unavailable("secret.no_vault", "there is no vault"));
    if (!plain || has_zero(*plain)) {
      const std::string why = plain ? "its value holds a zero byte" : core::to_line(plain.error());
      return core::unavailable("start.secret_unavailable", "the secret for `" + name + "` cannot be opened: " + why);
    }
    lines.push_back(name + "=" + *plain);
  }
  return lines;
}

std::vector<std::string> cgroup_limits(const service::Limits& limits) {
  std::vector<std::string> lines;
  if (limits.memory_mb > 0) {
    lines.push_back("memory.max=" + std::to_string(limits.memory_mb * 1024 * 1024));
    // One process killed alone would leave a service half alive.
    lines.push_back("memory.oom.group=1");
  }
  // cgroup v2: microseconds of processor time in each period of 100 ms.
  if (limits.cpu_millis > 0) lines.push_back("cpu.max=" + std::to_string(limits.cpu_millis * 100) + " 100000");
  if (limits.processes > 0) lines.push_back("pids.max=" + std::to_string(limits.processes));
  return lines;
}

std::string fingerprint_of(const service::Instance& instance) {
  std::uint64_t hash = 14695981039346656037ull;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
    hash = (hash ^ 0xff) * 1099511628211ull;
  };
  const service::Service& spec = instance.spec;
  add(spec.source.digest);
  for (const auto& word : spec.run) add(word);
  for (const auto& [name, value] : spec.env) add(name), add(value);
  for (const auto& [name, secret] : spec.secrets) add(name), add(secret.ref);
  for (const auto& [name, value] : instance.urls) add(name), add(value);
  for (const std::int64_t limit : {std::int64_t(spec.limits.memory_mb), std::int64_t(spec.limits.cpu_millis),
                                   std::int64_t(spec.limits.processes), std::int64_t(spec.limits.open_files)}) {
    add(std::to_string(limit));
  }
  add(std::to_string(instance.revision));
  add(spec.every.count() > 0 ? "worker" : "service");
  char hex[17];
  std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(hash));
  return hex;
}

core::Status check(const service::Instance& instance) {
  for (const std::string& name : {instance.tenant, instance.platform, instance.environment, instance.service}) {
    if (!core::is_name(name)) return invalid("`" + core::printable(name) + "` is no name");
  }
  const service::Service& spec = instance.spec;
  if (spec.run.empty() || spec.run.front().empty()) return invalid("there is no command to run");
  for (const auto& word : spec.run) {
    if (has_zero(word)) return invalid("an argument holds a zero byte");
  }
  for (const auto& [name, value] : spec.env) {
    if (!is_variable(name) || has_zero(value)) return invalid("`" + core::printable(name) + "` is no variable");
  }
  for (const auto& [name, value] : instance.urls) {
    if (!is_variable(name) || has_zero(value)) return invalid("`" + core::printable(name) + "` is no variable");
  }
  for (const auto& [name, secret] : spec.secrets) {
    if (!is_variable(name)) return invalid("`" + core::printable(name) + "` is no variable");
  }
  const std::string digest = source_folder({}, instance).string();
  if (digest.find_first_not_of("0123456789abcdef") != digest.npos) return invalid("the source has no digest");
  for (const char c : spec.health.http) {
    if (static_cast<unsigned char>(c) <= ' ') return invalid("the health path holds a space or control character");
  }
  return core::ok();
}

}  // namespace nova::process
