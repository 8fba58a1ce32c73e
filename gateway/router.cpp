#include "gateway/router.hpp"

#include <stdexcept>

namespace nova::gateway {
namespace {

bool is_param(std::string_view segment) { return segment.size() > 2 && segment.front() == '{'; }

}  // namespace

std::vector<std::string> pattern_segments(std::string_view pattern) {
  std::vector<std::string> segments;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const auto slash = pattern.find('/');
    segments.emplace_back(pattern.substr(0, slash));
    pattern.remove_prefix(slash == std::string_view::npos ? pattern.size() : slash);
  }
  return segments;
}

void Router::add(Route route) {
  Node* node = &root_;
  for (const auto& segment : pattern_segments(route.pattern)) {
    if (!is_param(segment)) {
      auto& next = node->literal[segment];
      if (!next) next = std::make_unique<Node>();
      node = next.get();
      continue;
    }
    const std::string name = segment.substr(1, segment.size() - 2);
    if (!node->any) {
      node->any = std::make_unique<Node>();
      node->any_name = name;
    }
    if (node->any_name != name) throw std::logic_error("two names for one parameter in " + route.pattern);
    node = node->any.get();
  }
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  const Route* row = routes_.back().get();
  if (!node->methods.emplace(row->method, row).second)
    throw std::logic_error("two routes for " + row->method + " " + row->pattern);
}

void Router::walk(const Node& node, std::string_view method, const std::vector<std::string>& segments, std::size_t at,
                  Fields& params, Found& found) const {
  if (at == segments.size()) {
    for (const auto& [name, row] : node.methods)
      if (!row->hidden) found.allowed.insert(name);
    auto row = node.methods.find(method);
    if (row == node.methods.end() && method == "HEAD") row = node.methods.find("GET");
    if (row == node.methods.end() || found.route) return;
    // A row that only explains what is missing gives way to a path that exists with other methods.
    if (row->second->hidden && !found.allowed.empty()) return;
    found.route = row->second;
    found.params = params;
    return;
  }
  if (const auto next = node.literal.find(segments[at]); next != node.literal.end()) {
    walk(*next->second, method, segments, at + 1, params, found);
    if (found.route) return;
  }
  if (!node.any) return;
  params.emplace_back(node.any_name, segments[at]);
  walk(*node.any, method, segments, at + 1, params, found);
  params.pop_back();
}

Router::Found Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  Found found;
  Fields params;
  walk(root_, method, segments, 0, params, found);
  return found;
}

}  // namespace nova::gateway
