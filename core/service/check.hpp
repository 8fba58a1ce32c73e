// Rules between the fields of services, which types cannot say: pure, so that blueprint, deployment and client agree.
#pragma once
#include "core/error.hpp"
#include "core/service/service.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nova::service {

using Services = std::map<std::string, Service>;

/// Everything wrong with the services of one blueprint, by path below `root` ("services.api.port"); empty when all is
/// well.
std::vector<core::Problem> check(const Services& services, std::string_view root = "services");

/// Names in an order in which each service comes after those that it needs, by name where that leaves a choice. Stop in
/// reverse. Services in a circle (which `check` refuses) come last.
std::vector<std::string> start_order(const Services& services);

/// The environment variable with the address of a service: "NOVA_URL_API" for "api", "-" becomes "_".
std::string url_variable(std::string_view service);

/// True for variables that the runtime sets itself: PORT and NOVA_*.
bool is_reserved_variable(std::string_view name);

inline constexpr std::int64_t port_min = 1024;    ///< lower ones need rights that novad does not have
inline constexpr std::size_t name_size_max = 40;  ///< ids of instances are made of it and may have 128 bytes
/// All services as JSON: a deployment keeps several revisions in a document of 64 KiB.
inline constexpr std::size_t services_size_max = 16 * 1024;
inline constexpr milliseconds every_min{100};  ///< shorter is no interval but a busy loop
inline constexpr milliseconds probe_interval_min{50};
inline constexpr milliseconds wait_max{3'600'000};  ///< of timeouts and backoff: longer is a typing error

}  // namespace nova::service
