#include "gateway/router.hpp"

#include <stdexcept>

namespace nova::gateway {
namespace {

bool takes_rest(std::string_view segment) { return segment.ends_with("*}"); }

}  // namespace

std::string_view param_name(std::string_view segment) {
  if (segment.size() < 3 || segment.front() != '{') return {};
  return segment.substr(1, segment.size() - (takes_rest(segment) ? 3 : 2));
}

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

Router::Node& Router::below(Node& node, const std::string& segment, const std::string& pattern) {
  const auto name = param_name(segment);
  if (name.empty()) {
    auto& next = node.literal[segment];
    if (!next) next = std::make_unique<Node>();
    return *next;
  }
  auto& next = takes_rest(segment) ? node.rest : node.any;
  auto& known = takes_rest(segment) ? node.rest_name : node.any_name;
  if (!next) {
    next = std::make_unique<Node>();
    known = name;
  }
  if (known != name) throw std::logic_error("two names for one parameter in " + pattern);
  return *next;
}

void Router::add(Route route) {
  Node* node = &root_;
  bool ended = false;
  for (const auto& segment : pattern_segments(route.pattern)) {
    if (ended) throw std::logic_error("nothing can follow what takes all that is left in " + route.pattern);
    ended = takes_rest(segment);
    node = &below(*node, segment, route.pattern);
  }
  routes_.push_back(std::make_unique<Route>(std::move(route)));
  const Route* row = routes_.back().get();
  if (!node->methods.emplace(row->method, row).second)
    throw std::logic_error("two routes for " + row->method + " " + row->pattern);
}

void Router::end_at(const Node& node, std::string_view method, const Fields& params, Found& found) {
  for (const auto& [name, row] : node.methods)
    if (!row->hidden) found.allowed.insert(name);
  auto row = node.methods.find(method);
  if (row == node.methods.end() && method == "HEAD") row = node.methods.find("GET");
  if (row == node.methods.end() || found.route) return;
  // A row that only explains what is missing gives way to a path that exists with other methods.
  if (row->second->hidden && !found.allowed.empty()) return;
  found.route = row->second;
  found.params = params;
}

void Router::walk(const Node& node, std::string_view method, const std::vector<std::string>& segments, std::size_t at,
                  Fields& params, Found& found) const {
  if (at == segments.size()) return end_at(node, method, params, found);
  if (const auto next = node.literal.find(segments[at]); next != node.literal.end()) {
    walk(*next->second, method, segments, at + 1, params, found);
    if (found.route) return;
  }
  if (node.any) {
    params.emplace_back(node.any_name, segments[at]);
    walk(*node.any, method, segments, at + 1, params, found);
    params.pop_back();
    if (found.route) return;
  }
  if (!node.rest) return;
  auto rest = segments[at];
  for (auto i = at + 1; i < segments.size(); ++i) rest.append(1, '/').append(segments[i]);
  params.emplace_back(node.rest_name, std::move(rest));
  end_at(*node.rest, method, params, found);
  params.pop_back();
}

Router::Found Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  Found found;
  Fields params;
  walk(root_, method, segments, 0, params, found);
  return found;
}

}  // namespace nova::gateway
