// What both faces of the tree are made of: the whole as one answer (whole.cpp), and rows with their changes (rows.cpp).
#pragma once
#include "gateway/routes/routes.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nova::gateway::tree {

using Json = nlohmann::ordered_json;

inline constexpr std::size_t lines_max = 10'000;  // entities in memory that one look at the host tells of

/// What is over is history, not part of the living tree.
inline const std::set<std::string, std::less<>> over = {"deleted", "archived", "answered", "withdrawn"};

Json node_of(std::string name, std::string kind, std::string status);
std::string text_of(const Json& object, const char* name);
/// The node itself with the services that its supervisors see, a JSON list; without tenants.
Json root_of(const Behind& behind, const std::string& services);
/// `port` and `url` of a service by the routes of its deployment's state; empty when it has none.
Json address_of(const Json& state, const std::string& service);

/// Entities in memory and services, put together. `done` is called once, on a worker, unless services cannot be asked:
/// then with the error. The filter is a tenant, empty for all.
using Looked = std::function<void(core::Result<std::string> services, std::vector<host::EntityLine> lines)>;
void look(Behind& behind, const std::string& tenant, Looked done);

/// Routes, called by add_tree.
void add_rows(Router& router, Behind& behind);

}  // namespace nova::gateway::tree
