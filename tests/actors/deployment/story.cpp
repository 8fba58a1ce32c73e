#include "tests/actors/deployment/story.hpp"

namespace nova::deployment::story {

service::Service api(int version) {
  service::Service spec;
  spec.source = {"./api", "sha256:" + std::string(63, 'a') + std::to_string(version)};
  spec.run = {"python3", "api.py"};
  spec.port = 7482;
  spec.health.http = "/health";
  return spec;
}

service::Service web(int version) {
  auto spec = api(version);
  spec.source.path = "./web";
  spec.port = 7481;
  spec.needs = {"api"};
  return spec;
}

Services clinic(int version) { return {{"api", api(version)}, {"web", web(version)}}; }

Deploy deploy(Services services) { return {"clinic", "development", 1, std::move(services)}; }

core::Settle settle(const std::string& work, core::Outcome outcome, std::string code) {
  core::Settle settle;
  settle.work_id = work;
  settle.outcome = outcome;
  settle.code = std::move(code);
  return settle;
}

std::string instance(const std::string& name) { return std::string(self) + "." + name; }

Spec fresh() {
  Spec spec;
  spec.self({"clinic", "deployment", std::string(self)}).as_system();  // for a platform, which has room
  return spec;
}

World& World::fetch(core::Outcome outcome, std::string code) {
  spec.as_system().when(settle(spec.state().fetch, outcome, std::move(code)));
  return *this;
}

World& World::say(const std::string& name, Phase phase, std::string code) {
  ObserveInstance seen;
  seen.instance = instance(name);
  seen.phase = phase;
  seen.code = std::move(code);
  const auto found = spec.state().instances.find(seen.instance);
  if (found != spec.state().instances.end()) seen.attempt = found->second.attempt;
  seen.port = 20000 + std::uint32_t(std::hash<std::string>()(name) % 10000);
  spec.as_system().when(seen);
  return *this;
}

World& World::edge(const std::string& service, const std::string& phase) {
  core::Report report;
  report.driver = "edge";
  report.key = std::string(self) + "." + service;
  report.phase = phase;
  report.code = phase == "failed" ? "edge.port_in_use" : "";
  const auto found = spec.state().routes.find(service);
  const auto generation = found == spec.state().routes.end() ? 0 : found->second.generation;
  report.data.text = R"({"generation":)" + std::to_string(generation) + "}";
  spec.as_system().when(report);
  return *this;
}

World& World::fire(Wait wait) {
  for (const auto& [id, timer] : spec.state().timers)
    if (timer.wait == wait) {
      spec.as_system().at(timer.at).when(core::Fire{id});
      return *this;
    }
  FAIL("no such timer is set: " << core::name_of(wait));
  return *this;
}

void roll_out(Spec& spec) {
  World world(spec);
  world.fetch();
  const auto r = ".r" + std::to_string(spec.state().candidate) + ".0";
  // A first revision's `web` waits for `api` at its stable port; for a later one this report is a late copy.
  world.ready("api" + r).edge("api", "applied").ready("web" + r);
  world.edge("api", "applied").edge("web", "applied");
  world.edge("api", "drained").edge("web", "drained");
  std::vector<std::string> ending;
  for (int round = 0; round < 2; ++round) {
    for (const auto& [id, known] : spec.state().instances)
      if (!known.wanted) ending.push_back(id.substr(self.size() + 1));
    for (const auto& name : ending) world.say(name, Phase::stopped, "stop.dropped");
  }
}

Spec running() {
  auto spec = fresh();
  spec.when(deploy());
  roll_out(spec);
  return spec;
}

}  // namespace nova::deployment::story
