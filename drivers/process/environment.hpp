// What a service finds in its environment, and the order that its keeper gets.
#pragma once
#include "core/result.hpp"
#include "core/service/service.hpp"
#include "drivers/process/keeper_link.hpp"
#include "drivers/process/process.hpp"

#include <string>
#include <vector>

namespace nova::process {

/// `NAME=value` lines without secrets: a small PATH, PORT (when not 0), NOVA_DATA, NOVA_URL_<NAME>, NOVA_TENANT and the
/// like, and what the blueprint says. The blueprint may replace PATH, HOME and LANG, but not what the runtime tells the
/// service.
std::vector<std::string> plain_environment(const Options& options, const service::Instance& instance,
                                           std::uint32_t port);

/// `NAME=value` lines of the secrets, opened now. Errors: `start.secret_unavailable`, naming the variable.
core::Result<std::vector<std::string>> secret_environment(const Options& options, const service::Instance& instance);

std::filesystem::path source_folder(const Options& options, const service::Instance& instance);
std::filesystem::path data_folder(const Options& options, const service::Instance& instance);

/// Limits for the cgroup of an instance as `file=value`.
std::vector<std::string> cgroup_limits(const service::Limits& limits);

/// Differs when something differs that a running process cannot take over: program, environment, source, limits.
std::string fingerprint_of(const service::Instance& instance);

/// Wrong names and values that no keeper could pass on: `start.payload_invalid`.
core::Status check(const service::Instance& instance);

}  // namespace nova::process
