// What several areas say and read alike.
#pragma once
#include "core/envelope.hpp"
#include "core/kind.hpp"
#include "core/result.hpp"
#include "gateway/http.hpp"
#include "gateway/reads.hpp"
#include "gateway/routes/routes.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::gateway {

inline constexpr std::size_t page_items_max = 1000;
inline constexpr std::size_t page_items_default = 100;
inline constexpr std::string_view any_tenant = "-";

/// The paths under which an entity of a kind stands. Tenants are their own address: /v1/tenants/clinic is the tenant
/// clinic.
struct Paths {
  std::string list;  ///< /v1/tenants/{tenant}/deployments
  std::string one;   ///< /v1/tenants/{tenant}/deployments/{id}
};
bool is_root_kind(const core::Kind& kind);
Paths paths_of(const core::Kind& kind);

/// The entity that a request's path names. Errors: `entity.not_found` for what can be no name.
core::Result<core::EntityKey> key_of(const Request& request, const core::Kind& kind);

/// As people may see it: hidden fields left out, personal values in the clear.
std::string item_json(const Behind& behind, const store::Document& document);
/// CloudEvents 1.0, without hidden fields; personal values stay sealed.
std::string event_json(const core::StoredEvent& event);

/// Query values with limits; errors are `input.invalid` naming the parameter.
core::Result<std::uint64_t> number_query(const Request& request, std::string_view name, std::uint64_t fallback,
                                         std::uint64_t min, std::uint64_t max);
core::Result<bool> flag_query(const Request& request, std::string_view name);
/// Empty where the request says nothing.
core::Result<std::string> word_query(const Request& request, std::string_view name,
                                     const std::vector<std::string_view>& words);

/// The document as the caller may see it, or `<kind>.not_found`.
core::Result<Seen> existing(Behind& behind, const Request& request, const core::EntityKey& key);
/// The store for this request's caller.
inline Reads reads_for(Behind& behind, const Request& request) { return {behind, request.principal}; }

core::Error not_found(const core::EntityKey& key);

void reply_error(const Request& request, const Reply& reply, const core::Error& error);

}  // namespace nova::gateway
