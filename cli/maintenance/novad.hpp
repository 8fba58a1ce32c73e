// Work on a node's store and folder themselves is done by novad, which holds what can open them; novactl asks it.
#pragma once
#include "cli/session.hpp"

#include <CLI/App.hpp>

#include <string>

namespace nova::cli {

/// Which node's store and folder are meant.
struct NodePlace {
  std::string config;  ///< its configuration file
  std::string state;   ///< its state folder
};
void add_node_place(CLI::App& verb, NodePlace& place);
/// What was given; else NOVA_CONFIG, the development node here, the package's configuration. `maintenance.no_node`.
core::Result<NodePlace> find_node(NodePlace place);

/// Runs `novad --maintain` with the request and answers its result. The program is the one beside novactl, or the one
/// in PATH. `maintenance.no_program`, `maintenance.no_answer`, `maintenance.no_dry_run`, and what the work itself says.
core::Result<Json> ask_novad(Session& session, Json request);

}  // namespace nova::cli
