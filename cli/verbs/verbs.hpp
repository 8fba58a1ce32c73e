// The verbs: each file adds one area's subcommands to the command line. A verb's work is a function from the session to
// an exit code or an error; `run` carries out the one that was chosen.
#pragma once
#include "cli/session.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <memory>
#include <string>

namespace nova::cli {

using Work = std::function<core::Result<int>(Session&)>;

/// What the parser found: the work of the chosen verb.
struct Chosen {
  Work work;
};

/// Adds a subcommand whose callback chooses `work`. `help` begins with examples.
CLI::App* add_verb(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& summary,
                   const std::string& examples, Work work);

/// Whether the word is an option of the program or verb that the next word is the value of.
bool takes_value(const CLI::App& app, const std::string& word);

void add_apply(CLI::App& app, Chosen& chosen);         // apply, plan
void add_get(CLI::App& app, Chosen& chosen);           // get, describe
void add_tree(CLI::App& app, Chosen& chosen);          // tree, why
void add_streams(CLI::App& app, Chosen& chosen);       // events, logs
void add_commands(CLI::App& app, Chosen& chosen);      // rollback, scale, restart, stop, start, delete, answer, command
void add_wait(CLI::App& app, Chosen& chosen);          // wait
void add_node(CLI::App& app, Chosen& chosen);          // doctor, version
void add_policy(CLI::App& app, Chosen& chosen);        // policy
void add_constitution(CLI::App& app, Chosen& chosen);  // constitution
void add_login(CLI::App& app, Chosen& chosen);         // login, logout, whoami
void add_mfa(CLI::App& app, Chosen& chosen);           // mfa
void add_users(CLI::App& app, Chosen& chosen);         // users
void add_passkeys(CLI::App& app, Chosen& chosen);      // passkeys
void add_sessions(CLI::App& app, Chosen& chosen);      // sessions
void add_keys(CLI::App& app, Chosen& chosen);          // keys
void add_secrets(CLI::App& app, Chosen& chosen);       // secret
void add_roles(CLI::App& app, Chosen& chosen);         // roles
void add_limits(CLI::App& app, Chosen& chosen);        // limits
void add_approvals(CLI::App& app, Chosen& chosen);     // approvals
void add_ai(CLI::App& app, Chosen& chosen);            // ai
void add_kill(CLI::App& app, Chosen& chosen);          // kill
void add_config(CLI::App& app, Chosen& chosen);        // config
void add_store(CLI::App& app, Chosen& chosen);         // store move, store reopen
void add_backup(CLI::App& app, Chosen& chosen);        // backup key, create, verify, restore
void add_completion(CLI::App& app, Chosen& chosen);    // completion, and what its scripts call

}  // namespace nova::cli
