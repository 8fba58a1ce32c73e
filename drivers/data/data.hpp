// The driver "data": what services stored (NOVA_DATA) is removed only on demand. Verb "purge", payload
// {"tenant", "platform", "environment"}; idempotent; errors `data.invalid_name`, `data.purge_failed`.
#pragma once
#include "actors/host/driver.hpp"

#include <filesystem>
#include <memory>

namespace nova::data {

/// Owns one thread, on which folders are removed in order.
std::unique_ptr<host::WorkDriver> make_data_driver(std::filesystem::path data_dir);

}  // namespace nova::data
