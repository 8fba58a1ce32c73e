// The whole tree: the runtime's services as the supervisors see them, the tenants as their documents tell, and what the
// host knows of entities in memory. Asked for, never kept: nothing is computed while nobody looks.
#include "gateway/routes/tree/shape.hpp"
#include "gateway/routes/words.hpp"

#include <map>

namespace nova::gateway {
namespace {

using namespace tree;

constexpr std::size_t entities_max = 10'000;  // in one answer; a larger node is read as rows
constexpr std::size_t read_items = 200;
constexpr std::size_t facts_max = 30;
constexpr std::size_t fact_bytes_max = 300;
constexpr int depth_max = 12;

// The plain values of a state: what a person wants to see beside a name.
void add_facts(Json& node, const Json& state) {
  auto& facts = node["facts"];
  for (const auto& [name, value] : state.items()) {
    if (facts.size() >= facts_max || value.is_structured() || value.is_null() || name == "status" || name == "reason")
      continue;
    if (value.is_string() &&
        (value.get_ref<const std::string&>().empty() || value.get_ref<const std::string&>().size() > fact_bytes_max))
      continue;
    facts[name] = value;
  }
  if (const auto restarts = state.find("restarts"); restarts != state.end() && restarts->is_number())
    node["restarts"] = *restarts;
  if (const auto last = state.find("last_exit"); last != state.end() && last->is_object())
    node["last_error"] = text_of(*last, "message");
}

struct Entity {
  core::EntityKey key;
  std::string parent;
  Json node;
  Json state;  // of containers only: their children are arranged by it
};

class Forest {
 public:
  core::Status read(const Reads& reads, const std::string& tenant) {
    for (const auto* kind : core::kinds()) {
      store::DocumentQuery query;
      query.tenant = tenant;
      query.kind = kind->name;
      query.limit = read_items;
      do {
        auto page = reads.documents(query);
        if (!page) return std::move(page).error();
        for (const auto& document : page->items) add(*kind, document);
        query.after = std::move(page->next);
      } while (!query.after.empty() && count_ < entities_max);
    }
    return core::ok();
  }

  void add_lines(const std::vector<host::EntityLine>& lines) {
    for (const auto& line : lines) {
      const auto found = entities_.find({line.key.tenant, line.key.kind + "/" + line.key.id});
      if (found == entities_.end()) continue;
      auto& node = found->second.node;
      node["mailbox"] = line.waiting;
      if (line.restarts > 0 && node["restarts"] == 0) node["restarts"] = line.restarts;
      if (!line.last_error.empty()) node["last_error"] = line.last_error;
      if (line.state == "parked") node["status"] = "parked";
    }
  }

  Json tenants() {
    for (const auto& [id, entity] : entities_) {
      if (is_root_kind(*core::find_kind(entity.key.kind))) continue;
      // What outlived its parent stands under the tenant, where it is seen.
      const bool orphan = !entities_.contains({entity.key.tenant, entity.parent});
      children_[{entity.key.tenant, orphan ? std::string() : entity.parent}].push_back(id);
    }
    Json list = Json::array();
    for (const auto& [id, entity] : entities_)
      if (is_root_kind(*core::find_kind(entity.key.kind))) list.push_back(tree_of(id, "", depth_max));
    return list;
  }

  bool complete() const { return count_ < entities_max; }

 private:
  using Id = std::pair<std::string, std::string>;  // tenant, kind/id

  void add(const core::Kind& kind, const store::Document& document) {
    if (count_ >= entities_max || over.contains(document.status)) return;
    ++count_;
    Entity entity{document.key, document.parent, node_of(document.key.id, std::string(kind.name), document.status), {}};
    auto state = Json::parse(document.body, nullptr, false);
    entity.node["reason"] = document.reason;
    if (state.is_object()) {
      add_facts(entity.node, state);
      entity.state = std::move(state);
    }
    entities_.emplace(Id{document.key.tenant, document.key.kind + "/" + document.key.id}, std::move(entity));
  }

  Json tree_of(const Id& id, const std::string& below, int depth) {
    auto& entity = entities_.at(id);
    Json node = std::move(entity.node);
    const auto found =
        children_.find({id.first, below.empty() && is_root_kind(*core::find_kind(entity.key.kind)) ? "" : id.second});
    if (found == children_.end() || depth == 0) return node;
    std::map<std::string, Json> services;
    for (const auto& child : found->second) arrange(entity, child, node, services, depth);
    for (auto& [name, service] : services) node["children"].push_back(std::move(service));
    return node;
  }

  // Children that name a service stand under it; those of earlier revisions that have ended are left out.
  void arrange(const Entity& parent, const Id& child, Json& node, std::map<std::string, Json>& services, int depth) {
    const auto& entity = entities_.at(child);
    const auto service = text_of(entity.state.is_object() ? entity.state : Json::object(), "service");
    if (service.empty()) {
      node["children"].push_back(tree_of(child, "x", depth - 1));
      return;
    }
    const auto wanted = parent.state.find("instances");
    if (wanted != parent.state.end() && wanted->is_object() && !wanted->contains(entity.key.id) &&
        entity.node["status"] == "stopped")
      return;
    auto [at, fresh] = services.try_emplace(service, fresh_service(parent, service));
    at->second["restarts"] = at->second["restarts"].get<std::uint64_t>() + entity.node["restarts"].get<std::uint64_t>();
    if (entity.node["status"] != "running") {
      at->second["status"] = entity.node["status"];
      at->second["reason"] = entity.node["reason"];
    }
    at->second["children"].push_back(tree_of(child, "x", depth - 1));
  }

  static Json fresh_service(const Entity& parent, const std::string& service) {
    auto node = node_of(service, "service", "running");
    node["facts"] = address_of(parent.state, service);
    return node;
  }

  std::map<Id, Entity> entities_;
  std::map<std::pair<std::string, std::string>, std::vector<Id>> children_;  // (tenant, parent) -> children
  std::size_t count_ = 0;
};

void answer_tree(Behind& behind, const Request& request, const Reply& reply, const std::vector<host::EntityLine>& lines,
                 const std::string& services) {
  const auto tenant = std::string(request.query_value("tenant").value_or(""));
  Forest forest;
  if (auto read = forest.read(reads_for(behind, request), tenant == any_tenant ? "" : tenant); !read)
    return reply_error(request, reply, read.error());
  forest.add_lines(lines);
  auto root = root_of(behind, services);
  auto tenants = node_of("tenants", "group", "running");
  tenants["children"] = forest.tenants();
  if (!forest.complete())
    tenants["reason"] =
        "only the first " + std::to_string(entities_max) + " entities are shown: ask for one tenant, or for rows";
  root["children"].push_back(std::move(tenants));
  reply(json(200, root.dump(-1, ' ', false, Json::error_handler_t::replace)));
}

void whole(Behind& behind, Request request, Reply reply) {
  auto shared = std::make_shared<Request>(std::move(request));
  const auto tenant = std::string(shared->query_value("tenant").value_or(""));
  look(behind, tenant == any_tenant ? "" : tenant,
       [&behind, shared, reply](core::Result<std::string> services, std::vector<host::EntityLine> lines) {
         if (!services) return reply_error(*shared, reply, services.error());
         answer_tree(behind, *shared, reply, lines, *services);
       });
}

}  // namespace

void add_tree(Router& router, Behind& behind) {
  Route route;
  route.method = "GET";
  route.pattern = "/v1/tree";
  route.summary = "The whole tree with states, mailboxes, restarts and last errors";
  route.tag = "node";
  route.query = {{"tenant", "only this tenant"}};
  route.handle = [&behind](Request request, Reply reply) { whole(behind, std::move(request), std::move(reply)); };
  router.add(std::move(route));
  add_rows(router, behind);
}

}  // namespace nova::gateway
