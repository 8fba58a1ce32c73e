#include "gateway/routes/tree/shape.hpp"

namespace nova::gateway::tree {

Json node_of(std::string name, std::string kind, std::string status) {
  return {{"name", std::move(name)},
          {"kind", std::move(kind)},
          {"status", std::move(status)},
          {"reason", ""},
          {"restarts", 0},
          {"mailbox", 0},
          {"last_error", ""},
          {"facts", Json::object()},
          {"children", Json::array()}};
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json root_of(const Behind& behind, const std::string& services) {
  const auto health = behind.store.health();
  auto root = node_of(behind.options.node_name, "node",
                      behind.draining() ? "draining"
                      : health.writable ? "running"
                                        : "degraded");
  root["reason"] = health.reason;
  auto own = node_of("services", "group", "running");
  auto parsed = Json::parse(services, nullptr, false);
  if (parsed.is_array()) own["children"] = std::move(parsed);
  root["children"].push_back(std::move(own));
  return root;
}

Json address_of(const Json& state, const std::string& service) {
  auto facts = Json::object();
  const auto routes = state.find("routes");
  if (routes == state.end() || !routes->is_object() || !routes->contains(service)) return facts;
  const auto& route = (*routes)[service];
  if (const auto port = route.find("port"); port != route.end() && port->is_number_integer() && *port > 0) {
    facts["port"] = *port;
    facts["url"] = "http://127.0.0.1:" + std::to_string(port->get<int>());
  }
  return facts;
}

void look(Behind& behind, const std::string& tenant, Looked done) {
  behind.host.snapshot(tenant, lines_max, [&behind, done](std::vector<host::EntityLine> lines) {
    auto with_services = [&behind, done, l = std::move(lines)](core::Result<std::string> services) {
      behind.scheduler.post([done, l, s = std::move(services)] { done(s, l); });
    };
    if (!behind.options.providers.services) return with_services(std::string("[]"));
    behind.options.providers.services(std::move(with_services));
  });
}

}  // namespace nova::gateway::tree
