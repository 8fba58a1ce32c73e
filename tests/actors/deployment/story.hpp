// Words for stories about a deployment of two services: `web`, which takes traffic, and `api`, which it needs.
#pragma once
#include "actors/deployment/deployment.hpp"
#include "tests/testkit/spec.hpp"

#include <string>

namespace nova::deployment::story {

using Spec = testkit::Spec<State, Command, Event>;

inline constexpr std::string_view self = "clinic-development";

service::Service api(int version = 1);
service::Service web(int version = 1);
Services clinic(int version = 1);

Deploy deploy(Services services = clinic());
core::Settle settle(const std::string& work, core::Outcome outcome = core::Outcome::done, std::string code = {});

/// "web.r1.0" -> the whole name of the instance.
std::string instance(const std::string& name);

/// A new deployment, nothing said yet.
Spec fresh();

/// What the world says next, as the state waits for it.
struct World {
  explicit World(Spec& told) : spec(told) {}
  World& fetch(core::Outcome outcome = core::Outcome::done, std::string code = {});
  World& say(const std::string& name, Phase phase, std::string code = {});
  World& ready(const std::string& name) { return say(name, Phase::ready); }
  World& edge(const std::string& service, const std::string& phase);
  World& fire(Wait wait);
  Spec& spec;
};

/// Revision 1 serves and is healthy.
Spec running();
/// Brings the candidate all the way; instances end when they are dropped.
void roll_out(Spec& spec);

}  // namespace nova::deployment::story
