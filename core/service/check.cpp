#include "core/service/check.hpp"

#include "core/describe/codec.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <set>

namespace nova::service {
namespace {

class Checker {
 public:
  Checker(const Services& services, std::string_view root) : services_(services), root_(root) {}

  std::vector<core::Problem> run() {
    if (services_.empty()) wrong("", "must name at least one service");
    if (services_.size() > services_max) wrong("", "must have at most " + std::to_string(services_max) + " services");
    std::size_t size = 0;
    for (const auto& [name, service] : services_) {
      name_ = name;
      size += name.size() + core::to_json(service_without_secrets(service)).size();
      check_name();
      check_run(service);
      check_traffic(service);
      check_health(service.health, service);
      check_environment(service);
      check_needs(service);
      check_times(service);
    }
    name_.clear();
    if (size > services_size_max)
      wrong("",
            "must have at most " + std::to_string(services_size_max) + " bytes as JSON, not " + std::to_string(size));
    check_cycles();
    return std::move(problems_);
  }

 private:
  void wrong(std::string_view field, std::string message) {
    std::string path(root_);
    if (!name_.empty()) path += "." + core::printable(name_);
    if (!field.empty()) path.append(".").append(field);
    problems_.push_back({std::move(path), std::move(message)});
  }

  // Values that are not sealed yet have no JSON form, and their references are short.
  static Service service_without_secrets(Service service) {
    service.secrets.clear();
    return service;
  }

  void check_name() {
    if (name_.size() > name_size_max || !core::has_shape(core::Shape::slug, name_))
      return wrong("", "its name " + std::string(core::shape_rule(core::Shape::slug)) + ", 40 at most");
    const auto [other, fresh] = variables_.emplace(url_variable(name_), name_);
    if (!fresh) wrong("", "its variable `" + other->first + "` is also that of `" + other->second + "`");
  }

  void check_run(const Service& service) {
    if (service.run.empty()) wrong("run", "must name the program to start");
  }

  void check_traffic(const Service& service) {
    if (service.port > 0 && service.port < port_min)
      wrong("port", "must be " + std::to_string(port_min) + " to 65535, or 0 for none");
    if (service.port >= port_min) {
      const auto [other, fresh] = ports_.emplace(service.port, name_);
      if (!fresh) wrong("port", "is also the port of `" + other->second + "`");
    }
    if (service.every.count() == 0) return;
    if (service.port > 0) wrong("every", "does not go with `port`: it runs to completion and serves nobody");
    if (service.scale > 1) wrong("every", "does not go with `scale` above 1: each interval has one run");
  }

  void check_health(const Health& health, const Service& service) {
    const bool http = !health.http.empty(), exec = !health.exec.empty();
    if (http + health.tcp + exec > 1) wrong("health", "must have at most one of `http`, `tcp` and `exec`");
    if (http && (health.http.front() != '/' || health.http.find_first_of(" \"#\\") != std::string::npos))
      wrong("health.http", "must be a path such as `/health`");
    if (service.every.count() > 0 && (http || health.tcp || exec))
      return wrong("health", "does not go with `every`: its exit code tells");
    if (http && service.port == 0) wrong("health.http", "needs a `port`");
    if (health.tcp && service.port == 0) wrong("health.tcp", "needs a `port`");
  }

  void check_environment(const Service& service) {
    for (const auto& [name, value] : service.env) {
      check_variable("env." + name, name);
      if (service.secrets.contains(name)) wrong("env." + name, "stands under `secrets` too");
    }
    for (const auto& [name, value] : service.secrets) check_variable("secrets." + name, name);
  }

  void check_variable(const std::string& field, std::string_view name) {
    if (!core::has_shape(core::Shape::env_name, name))
      wrong(core::printable(field), "its name " + std::string(core::shape_rule(core::Shape::env_name)));
    else if (is_reserved_variable(name))
      wrong(field, "is set by the runtime itself");
  }

  void check_needs(const Service& service) {
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < service.needs.size(); ++i) {
      const auto& need = service.needs[i];
      const auto field = "needs[" + std::to_string(i) + "]";
      if (need == name_)
        wrong(field, "names the service itself");
      else if (!services_.contains(need))
        wrong(field, "names `" + core::printable(need) + "`, which is no service here" + hint(need));
      if (!seen.insert(need).second) wrong(field, "is named twice");
    }
  }

  std::string hint(std::string_view need) const {
    std::vector<std::string_view> names;
    for (const auto& [name, service] : services_) names.push_back(name);
    const auto meant = core::nearest(need, names);
    return meant.empty() ? "" : "; did you mean `" + std::string(meant) + "`?";
  }

  void check_time(std::string_view field, milliseconds time, milliseconds min, milliseconds max) {
    if (time < min || time > max) wrong(field, "must be " + core::to_text(min) + " to " + core::to_text(max));
  }

  void check_times(const Service& service) {
    constexpr milliseconds one{1}, none{0};
    check_time("health.interval", service.health.interval, probe_interval_min, wait_max);
    check_time("health.timeout", service.health.timeout, one, wait_max);
    check_time("health.start_timeout", service.health.start_timeout, one, wait_max);
    check_time("restart.period", service.restart.period, one, wait_max);
    check_time("restart.backoff", service.restart.backoff, one, wait_max);
    check_time("restart.backoff_max", service.restart.backoff_max, service.restart.backoff,
               std::max(service.restart.backoff, wait_max));
    check_time("stop_timeout", service.stop_timeout, none, wait_max);
    if (service.every.count() != 0) check_time("every", service.every, every_min, std::chrono::hours(24 * 366));
  }

  // Depth first; a need that is already on the way closes a circle. Each circle is named once, at its first service.
  void check_cycles() {
    std::set<std::string_view> done;
    for (const auto& [name, service] : services_) {
      std::vector<std::string_view> way;
      walk(name, way, done);
    }
  }

  void walk(std::string_view name, std::vector<std::string_view>& way, std::set<std::string_view>& done) {
    const auto on_way = std::find(way.begin(), way.end(), name);
    if (on_way != way.end()) {
      std::string circle;
      for (auto at = on_way; at != way.end(); ++at) circle.append(*at).append(" -> ");
      name_ = *on_way;
      if (way.end() - on_way > 1) wrong("needs", "go in a circle: " + circle.append(name));
      return;
    }
    const auto found = services_.find(std::string(name));
    if (found == services_.end() || done.contains(name)) return;
    way.push_back(found->first);
    for (const auto& need : found->second.needs) walk(need, way, done);
    way.pop_back();
    done.insert(found->first);
  }

  const Services& services_;
  std::string_view root_;
  std::string name_;  // of the service being checked; empty: all of them
  std::map<std::string, std::string> variables_;
  std::map<std::int64_t, std::string> ports_;
  std::vector<core::Problem> problems_;
};

}  // namespace

std::vector<core::Problem> check(const Services& services, std::string_view root) {
  return Checker(services, root).run();
}

std::vector<std::string> start_order(const Services& services) {
  std::vector<std::string> order;
  std::set<std::string_view> placed;
  const auto ready = [&](const Service& service) {
    return std::all_of(service.needs.begin(), service.needs.end(),
                       [&](const auto& need) { return placed.contains(need) || !services.contains(need); });
  };
  for (bool any_ready = true; order.size() < services.size();) {
    const bool circle = !any_ready;  // nothing was ready in the last round, so what is left goes in circles
    any_ready = false;
    std::vector<std::string_view> wave;
    for (const auto& [name, service] : services)
      if (!placed.contains(name) && (circle || ready(service))) wave.push_back(name);
    for (const auto name : wave) {
      placed.insert(name);
      order.emplace_back(name);
      any_ready = true;
    }
  }
  return order;
}

std::string url_variable(std::string_view service) {
  std::string variable = "NOVA_URL_";
  for (const char c : service)
    variable += c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : ((c >= '0' && c <= '9') ? c : '_');
  return variable;
}

bool is_reserved_variable(std::string_view name) { return name == "PORT" || name.starts_with("NOVA_"); }

}  // namespace nova::service
