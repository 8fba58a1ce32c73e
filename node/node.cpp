#include "node/node.hpp"

#include "actors/host/effects/command_driver.hpp"
#include "actors/host/scheduler.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "drivers/data/data.hpp"
#include "drivers/edge/edge.hpp"
#include "drivers/emergency/driver.hpp"
#include "drivers/http/http.hpp"
#include "drivers/local/local.hpp"
#include "drivers/process/process.hpp"
#include "drivers/vault/vault.hpp"
#include "governance/authority/judge.hpp"
#include "governance/killswitch/rules.hpp"
#include "node/enrolment.hpp"
#include "node/governance/founding.hpp"
#include "node/governance/gates.hpp"
#include "node/log.hpp"
#include "node/outside.hpp"
#include "node/parts.hpp"
#include "node/token_file.hpp"
#include "store/memory/memory_store.hpp"
#include "store/postgres/postgres_store.hpp"
#include "store/postgres/vault_shelf.hpp"
#include "store/shelf.hpp"
#include "store/sqlite/sqlite_store.hpp"
#include "supervisors/tree/supervisor.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <thread>

namespace nova::node {
namespace {

using namespace std::chrono_literals;

// Reactions to what holds them up: a command waits for its commit, so more threads than cores only add switches.
constexpr unsigned actor_threads_min = 2;
// Bearer tokens name it: they are good on every node of an installation, whatever its address.
constexpr std::chrono::hours signing_key_life{24 * 30};
constexpr std::string_view token_issuer = "webnova";
constexpr auto settle_limit = 5s;  // for what the node tells its own entities at start

core::Status make_dirs(const Parts& parts) {
  for (const char* name : {"", "data", "sources", "run", "run/process", "run/edge", "uploads"}) {
    const auto path = parts.state_dir() / name;
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error)
      return core::unavailable("node.no_state_dir", "`" + path.string() + "` cannot be made: " + error.message())
          .fix("give a folder that this user may write, with --state or node.state_dir");
    // Services run as the same user; nobody else has business here.
    ::chmod(path.c_str(), 0700);
  }
  if (::access(parts.state_dir().c_str(), W_OK) != 0)
    return core::unavailable("node.no_state_dir", "`" + parts.state_dir().string() + "` cannot be written")
        .fix("give a folder that this user may write, with --state or node.state_dir");
  return core::ok();
}

store::PostgresOptions postgres_options(const Parts& parts) {
  const auto& config = parts.config.store;
  store::PostgresOptions options;
  options.url = config.url;
  options.password_file = in_state_dir(parts.config, config.password_file);
  options.node = parts.config.node.name;
  options.lease = config.lease;
  options.readers = std::size_t(config.connections);
  options.witness_file = (parts.state_dir() / "postgres.head").string();
  return options;
}

core::Status open_postgres(Parts& parts) {
  auto opened = store::open_postgres_store(postgres_options(parts));
  if (!opened) return opened.error();
  parts.store = std::move(*opened);
  return core::ok();
}

core::Status open_kind(Parts& parts) {
  if (parts.config.store.kind == StoreKind::memory) {
    parts.store = store::make_memory_store(core::system_clock());
    return core::ok();
  }
  if (parts.config.store.kind == StoreKind::postgres) return open_postgres(parts);
  store::SqliteOptions options;
  options.file = in_state_dir(parts.config, parts.config.store.path);
  auto opened = store::open_sqlite_store(std::move(options));
  if (!opened) return opened.error();
  parts.store = std::move(*opened);
  return core::ok();
}

core::Status open_store(Parts& parts) {
  if (auto opened = open_kind(parts); !opened) return opened;
  for (const auto& warning : parts.store->health().warnings) log(LogLevel::warn, warning);
  return core::ok();
}

// What a node on PostgreSQL sealed beside itself, before there was one vault for all, moves there once.
core::Status move_vault(const std::string& file, store::Shelf& shared) {
  auto local = store::open_local_shelf(file);
  if (!local) return std::move(local).error();
  auto differing = store::copy_shelf(**local, shared);
  if (!differing) return std::move(differing).error();
  if (*differing > 0)
    log(LogLevel::warn, "some secrets that this node had sealed are others in the database, and those hold",
        {{"secrets", std::to_string(*differing)}, {"kept", file + ".moved"}});
  local->reset();
  std::error_code error;
  std::filesystem::rename(file, file + ".moved", error);
  if (!error) return core::ok();
  return core::unavailable("vault.unavailable", "`" + file + "` cannot be renamed: " + error.message())
      .fix("check the folder and its owner");
}

// Nodes on one database share what is sealed there, and each has the key in its own folder.
core::Result<std::unique_ptr<store::Vault>> vault_of(const Parts& parts) {
  const auto file = (parts.state_dir() / "vault.db").string();
  const auto key_file = (parts.state_dir() / "node.key").string();
  if (parts.config.store.kind != StoreKind::postgres) return store::open_local_vault(file, key_file);
  std::error_code error;
  const bool has_own = std::filesystem::exists(file, error);
  // First of all: a key that opens the one and not the other moves nothing.
  if (has_own)
    if (auto own = store::open_local_vault(file, key_file); !own) return own;
  auto shelf = store::open_postgres_shelf(postgres_options(parts));
  if (!shelf) return std::move(shelf).error();
  auto& shared = **shelf;
  auto vault = store::open_vault(std::move(*shelf), key_file);
  if (!vault || !has_own) return vault;
  if (auto moved = move_vault(file, shared); !moved) return std::move(moved).error();
  return vault;
}

// Without its key the vault stays shut and says so; all that needs no secret goes on.
core::Status open_vault(Parts& parts) {
  auto vault = vault_of(parts);
  if (!vault && vault.error().code != "vault.sealed") return std::move(vault).error();
  if (!vault) log(LogLevel::error, core::to_line(vault.error()));
  parts.vault = vault ? std::move(*vault) : store::make_sealed_vault(std::move(vault).error());
  return core::ok();
}

void log_line(std::string_view level, std::string_view line) {
  log(level == "error" ? LogLevel::error : level == "warn" ? LogLevel::warn : LogLevel::info, line);
}

host::HostParts host_parts(Parts& parts) {
  host::HostParts made;
  made.store = parts.store.get();
  made.vault = parts.vault.get();
  made.clock = &core::system_clock();
  made.rules = [&parts] { return parts.constitution->now()->rules; };
  made.tenant_status = [&parts](const std::string& tenant) { return status_of(parts, tenant); };
  made.caller = [&parts](const core::Principal& principal, const std::string& tenant) {
    return authority::caller_of(parts.book, principal, tenant);
  };
  made.on_authority = [&parts](const store::Document& document) {
    parts.feed.take(document);
    parts.switch_feed.take(document);
    parts.constitution->take(document);
    if (parts.limits_feed) parts.limits_feed->take(document);
  };
  made.on_asks = [&parts](const core::EntityKey& key, const std::string& command, const std::string& correlation,
                          std::uint64_t position,
                          const core::Asks& asks) { parts.effects->asked(key, command, correlation, position, asks); };
  made.on_doubt = [&parts] { parts.effects->look_again(); };
  made.on_denied = [&parts](const core::CommandEnvelope& command, const core::DecisionRecord& decision,
                            const std::string& read, const core::Error& told) {
    parts.denials->note({command.principal, command.target.tenant, command.target.kind + "." + command.name,
                         core::to_string(command.target), told.code, decision.rules, decision.constitution, read});
  };
  // Whoever may send commands can only do so after the node is open.
  made.hold = [&parts](gate::Held held, std::string read, host::Host::Done done) {
    parts.approvals->hold(std::move(held), std::move(read), std::move(done));
  };
  made.log = [](const std::string& line) { log(LogLevel::warn, line); };
  made.active_max = std::size_t(parts.config.store.cache_entities);
  return made;
}

void make_drivers(Parts& parts, const std::filesystem::path& cgroup) {
  const auto dir = std::filesystem::absolute(parts.state_dir());
  process::Options process;
  process.run_dir = dir / "run/process";
  process.sources_dir = dir / "sources";
  process.data_dir = dir / "data";
  process.keeper = parts.program_dir / "nova-keeper";
  process.cgroup = cgroup;
  const auto range = *parse_port_range(parts.config.process.port_range);
  process.port_first = range.first;
  process.port_last = range.last;
  process.starts_per_tenant = std::size_t(parts.config.process.starts_per_tenant);
  process.resolve_secret = [&parts](const std::string& reference) { return parts.vault->reveal(reference); };
  process.log = log_line;
  parts.keep_drivers.push_back(process::make_process_driver(std::move(process)));
  if (parts.config.edge.enabled) {
    edge::Options edge;
    edge.run_dir = dir / "run/edge";
    edge.haproxy = std::string(parts.config.edge.haproxy);
    edge.log = log_line;
    parts.keep_drivers.push_back(edge::make_edge_driver(std::move(edge)));
  }
  parts.work_drivers.push_back(host::make_command_driver(*parts.host, core::system_clock()));
  parts.work_drivers.push_back(approvals::make_release_driver(approval_parts(parts)));
  parts.work_drivers.push_back(
      emergency::make_driver({parts.host.get(), parts.store.get(), &core::system_clock(),
                              [&parts](std::function<void()> step) { return parts.slow->try_post(std::move(step)); }}));
  parts.work_drivers.push_back(data::make_data_driver(dir / "data"));
  parts.work_drivers.push_back(vault::make_vault_driver(*parts.vault));
  const char* path = std::getenv("PATH");
  parts.work_drivers.push_back(local::make_local_driver(
      dir, parts.config.edge.enabled ? std::string(parts.config.edge.haproxy) : "", path ? path : ""));
  parts.work_drivers.push_back(sources::make_sources_driver(*parts.sources));
  parts.work_drivers.push_back(
      http::make_http_driver(*parts.http, core::system_clock(),
                             [&parts](const std::string& reference) { return parts.vault->reveal(reference); }));
}

core::Status open_http(Parts& parts) {
  http::Options options;
  options.reach.allowed = allowed_of(parts.config.http);
  options.ca_file = std::string(parts.config.http.ca_file);
  options.user_agent = "WebNova/" NOVA_VERSION;
  auto client = http::Client::open(std::move(options));
  if (!client) return std::move(client).error();
  parts.http = std::move(*client);
  return core::ok();
}

host::EffectParts effect_parts(Parts& parts) {
  host::EffectParts made;
  made.store = parts.store.get();
  made.host = parts.host.get();
  made.clock = &core::system_clock();
  for (auto& driver : parts.work_drivers) made.work_drivers.push_back(driver.get());
  for (auto& driver : parts.keep_drivers) made.keep_drivers.push_back(driver.get());
  made.log = [](const std::string& line) { log(LogLevel::warn, line); };
  made.fence = &parts.switches;
  if (parts.config.store.kind == StoreKind::postgres) made.others_end = host::others_end_after;
  return made;
}

// The runtime's own actors, under one supervisor: what they know is in the store, so each may be replaced alone.
core::Status start_supervisor(Parts& parts) {
  supervision::SupervisorPlan plan;
  plan.name = "services";
  const auto child = [&](std::string id, std::function<caf::actor()> start) {
    supervision::ChildPlan made;
    made.spec.id = std::move(id);
    made.start = [start = std::move(start)](caf::event_based_actor*) -> core::Result<caf::actor> { return start(); };
    plan.children.push_back(std::move(made));
  };
  child("host", [&parts] { return parts.host->spawn_janitor(); });
  child("effects", [&parts] { return parts.effects->spawn(); });
  plan.watcher = [](const supervision::Notice& notice) {
    if (notice.is_restart)
      log(LogLevel::warn, "a service was restarted", {{"service", notice.child}, {"why", notice.reason}});
  };
  auto spawned = supervision::spawn_supervisor(*parts.actors, std::move(plan));
  if (!spawned) return spawned.error();
  parts.supervisor = *spawned;
  parts.tree = supervision::snapshot_source(*parts.actors, parts.supervisor);
  auto up = std::make_shared<std::promise<core::Status>>();
  supervision::await_up(*parts.actors, parts.supervisor, 10s,
                        [up](core::Status status) { up->set_value(std::move(status)); });
  return up->get_future().get();
}

core::Status open_identity(Parts& parts) {
  auto keys = identity::Keyring::open(*parts.vault, core::system_clock().now());
  if (!keys) return std::move(keys).error();
  parts.keys = std::move(*keys);
  parts.bearer = std::make_unique<identity::Bearer>(*parts.keys, parts.book, std::string(token_issuer));
  parts.slow = std::make_unique<gateway::Workers>(identity::scrypts_at_once, identity::scrypts_waiting_max);
  identity::Parts made;
  made.host = parts.host.get();
  made.vault = parts.vault.get();
  made.book = &parts.book;
  made.keys = parts.keys.get();
  made.bearer = parts.bearer.get();
  made.clock = &core::system_clock();
  made.store = parts.store.get();
  made.public_url = public_url(parts.config);
  auto providers = outside_providers(parts);
  if (!providers) return std::move(providers).error();
  made.providers = std::move(*providers);
  made.sends_mail = sends_mail(parts.config);
  made.address_of = [&parts](const std::string& user) { return address_of(parts, user); };
  if (auto opened = open_enrolment(parts, made); !opened) return opened;
  made.slowly = [&parts](std::function<void()> step) { parts.slow->post(std::move(step)); };
  parts.identity = std::make_unique<identity::Identity>(std::move(made));
  parts.key_uses = std::make_unique<identity::KeyUses>(*parts.host, core::system_clock());
  return core::ok();
}

// What an AI principal works in, for the switches that stop more than its agent.
core::Reach reach_of_agent(const Parts& parts, const core::Principal& ai) {
  const auto key = authority::key_of(parts.book, ai);
  if (!key) return core::local_reach();
  return parts.switch_feed.reaches().of({{}, {}, key->agent, {}});
}

authority::ServiceLimits operator_limits(const Config& config) {
  const auto& part = config.operator_;
  return {{part.tenants.begin(), part.tenants.end()}, {part.environments.begin(), part.environments.end()}};
}

// A new store gets genesis. A text that does not load leaves reads and the owner's amendment, and the node says so.
core::Status open_constitution(Parts& parts) {
  auto gates = load_gates(parts.config);
  if (!gates) return std::move(gates).error();
  parts.gates = std::move(*gates);
  if (auto founded = found_constitution(*parts.store, false, ""); !founded) return std::move(founded).error();
  parts.constitution = std::make_unique<constitution::Standing>(
      *parts.store, std::make_shared<const constitution::Words>(core::kinds(), parts.gates),
      authority::make_role_rules(parts.book, operator_limits(parts.config)),
      [&parts](std::shared_ptr<const gate::Rules> rules) {
        return killswitch::make_rules(parts.switches, std::move(rules),
                                      [&parts](const core::Principal& ai) { return reach_of_agent(parts, ai); });
      });
  if (auto loaded = parts.constitution->load_regimes(); !loaded) return loaded;
  if (auto loaded = parts.constitution->follow(); !loaded) return loaded;
  if (const auto now = parts.constitution->now(); now->unloadable)
    log(LogLevel::error, "the stored constitution is not in force: " + core::to_line(*now->unloadable));
  return core::ok();
}

core::Result<std::unique_ptr<gateway::Gateway>> open_gateway(Parts& parts) {
  const auto& config = parts.config;
  const auto address = *parse_address(config.listen.address);
  gateway::Options options;
  options.server.address = address.host;
  options.server.port = address.port;
  options.server.tls_certificate_file = config.listen.tls_cert;
  options.server.tls_key_file = config.listen.tls_key;
  options.server.upload_folder = (parts.state_dir() / "uploads").string();
  options.server.connections_max = std::size_t(config.limits.connections);
  options.server.work_queue_max = std::size_t(config.limits.requests_in_flight);
  options.node_name = config.node.name;
  // Installed below the programs' own prefix, or built beside them.
  for (const auto* place : {"../share/webnova/console", "../console"})
    if (config.listen.console && options.console_folder.empty() &&
        std::filesystem::is_directory(parts.program_dir / place / "assets"))
      options.console_folder = (parts.program_dir / place).string();
  for (const auto& name : config.listen.names) options.host_names.push_back(name);
  options.tokens.push_back({parts.token, {"operator", "service"}});
  options.constitution = parts.constitution.get();
  options.on_denied = [&parts](const core::Principal& who, const std::string& tenant, const std::string& act,
                               const std::string& path, const core::Error& told) {
    note_denied_read(parts, {who, tenant, act, path}, told);
  };
  options.approvals = parts.approvals.get();
  options.limits = parts.limits.get();
  options.switches = &parts.switches;
  const auto limits = operator_limits(config);
  options.operator_tenants = {limits.tenants.begin(), limits.tenants.end()};
  options.identities = {&parts.book,      parts.bearer.get(), parts.identity.get(),
                        parts.keys.get(), parts.vault.get(),  parts.key_uses.get()};
  options.second_factor_for = {config.signin.second_factor_for.begin(), config.signin.second_factor_for.end()};
  options.command_bytes_max = std::size_t(*parse_size(config.limits.body_bytes));
  options.providers = make_providers(parts);
  add_switch_providers(parts, options.providers);
  options.log = [](const std::string& line) { log(LogLevel::warn, line); };
  auto opened = gateway::Gateway::open(std::move(options), *parts.store, *parts.host);
  if (opened) parts.identity->passkeys().serve_at(relying_party_of(config, (*opened)->port()));
  return opened;
}

class RunningNode final : public Node {
 public:
  explicit RunningNode(const Loaded& loaded, std::string program_dir) {
    parts_.config = loaded.config;
    parts_.origins = loaded.origins;
    parts_.program_dir = std::move(program_dir);
    parts_.started_at = core::system_clock().now();
  }

  ~RunningNode() override {
    if (!stopped_) stop(Leave::services_running);
  }

  core::Status open() {
    // Before any thread: the cgroup that a service manager gave us is prepared for the services.
    const auto cgroup = process::delegated_cgroup();
    if (auto made = make_dirs(parts_); !made) return made;
    if (auto opened = open_store(parts_); !opened) return opened;
    if (auto opened = open_vault(parts_); !opened) return opened;
    auto token = token_file((parts_.state_dir() / "operator.token").string(), operator_prefix);
    if (!token) return token.error();
    parts_.token = *token;
    auto sources = sources::SourceStore::open(std::filesystem::absolute(parts_.state_dir()) / "sources");
    if (!sources) return sources.error();
    parts_.sources = std::move(*sources);
    if (auto opened = open_constitution(parts_); !opened) return opened;
    if (auto loaded = parts_.feed.load(*parts_.store); !loaded) return loaded;
    if (auto loaded = load_switches(parts_); !loaded) return loaded;

    host::use_scheduler(parts_.actor_config, std::max(actor_threads_min, std::thread::hardware_concurrency()));
    parts_.actors = std::make_unique<caf::actor_system>(parts_.actor_config);
    parts_.denials = std::make_unique<audit::Denials>(denial_parts(parts_));
    parts_.host = host::make_local_host(*parts_.actors, host_parts(parts_));
    if (auto opened = open_identity(parts_); !opened) return opened;
    if (parts_.config.store.kind == StoreKind::postgres)
      parts_.follower = std::make_unique<Follower>(
          parts_.book, parts_.feed, *parts_.store, std::string(parts_.config.node.name), [this] { follow(); },
          follow_switches(parts_));
    parts_.approvals = std::make_unique<approvals::Approvals>(approval_parts(parts_));
    if (auto opened = open_limits(parts_); !opened) return opened;
    if (auto opened = open_http(parts_); !opened) return opened;
    make_drivers(parts_, cgroup);
    if (auto added = add_mail_driver(parts_); !added) return added;
    parts_.effects = host::make_effects(*parts_.actors, effect_parts(parts_));
    // The port is bound before anything acts on the world: a second node ends here without having touched a service.
    auto gateway = open_gateway(parts_);
    if (!gateway) return gateway.error();
    parts_.gateway = std::move(*gateway);
    return core::ok();
  }

  core::Status start() override {
    if (auto supervised = start_supervisor(parts_); !supervised) return supervised;
    if (auto adopted = parts_.effects->start(); !adopted) return adopted;
    introduce();
    parts_.denials_ticker = std::make_unique<Ticker>(1s, [this] { parts_.denials->flush(); });
    parts_.ai_stops = make_ai_stops(parts_);
    watch_outcomes(parts_);
    parts_.webhooks = std::make_unique<Webhooks>(*parts_.store, *parts_.host);
    parts_.gateway->start();
    if (!parts_.enrolment.empty())
      log(LogLevel::warn, "no owner yet",
          {{"enrol", "novactl login --enrol " + (parts_.state_dir() / "enrolment.token").string()}});
    log(LogLevel::info, "listening", {{"url", url()}, {"version", NOVA_VERSION}, {"pid", std::to_string(::getpid())}});
    return core::ok();
  }

  std::string url() const override {
    const auto address = *parse_address(parts_.config.listen.address);
    const auto host = address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
    const char* scheme = parts_.config.listen.tls_cert.empty() ? "http://" : "https://";
    return scheme + host + ":" + std::to_string(parts_.gateway ? parts_.gateway->port() : address.port);
  }

  bool stop(Leave leave) override {
    if (std::exchange(stopped_, true)) return true;
    if (!parts_.gateway) return stop_parts(leave), true;
    log(LogLevel::info, "draining");
    parts_.webhooks.reset();
    const auto limit = parts_.config.shutdown.drain;
    const auto deadline = core::system_clock().now() + limit;
    bool clean = parts_.gateway->drain(limit);
    // Said while commands are still taken; a node that did not say it has crashed.
    tell({"system", "node", parts_.config.node.name}, "leave", "{}");
    parts_.outcomes_ticker.reset();
    parts_.ai_stops.reset();
    parts_.denials_ticker.reset();
    parts_.denials->finish(1s);
    auto drained = std::make_shared<std::promise<void>>();
    parts_.host->drain(deadline, [drained] { drained->set_value(); });
    clean &= drained->get_future().wait_for(limit + 1s) == std::future_status::ready;
    stop_parts(leave);
    log(LogLevel::info, "stopped", {{"clean", clean ? "yes" : "no"}});
    return clean;
  }

 private:
  // Nodes on one vault each wait another while after their start, so that no two do it in the same moment.
  void renew_signing_key() {
    constexpr auto spread_max = std::chrono::milliseconds(1h).count();
    const auto spread = std::hash<std::string_view>()(parts_.config.node.name) % std::size_t(spread_max);
    if (std::chrono::steady_clock::now() - started_at_ < std::chrono::milliseconds(spread)) return;
    const auto now = core::system_clock().now();
    const auto renewed = parts_.keys->rotate_when_due(now, signing_key_life, now + identity::access_life + 1min);
    if (!renewed)
      log(LogLevel::warn, "the key that signs tokens could not be renewed: " + core::to_line(renewed.error()));
    else if (*renewed)
      log(LogLevel::info, "tokens are signed with a new key");
  }

  // What other nodes may have changed beside who may do what.
  void follow() {
    parts_.keys->look_again(std::chrono::steady_clock::now());
    renew_signing_key();
    if (auto followed = parts_.constitution->follow(); !followed)
      log(LogLevel::debug, "the constitution was not read: " + core::to_line(followed.error()));
  }

  void stop_parts(Leave leave) {
    parts_.webhooks.reset();
    // The supervisor before what it supervises, else it would start that again.
    if (parts_.supervisor) {
      auto ended = std::make_shared<std::promise<void>>();
      supervision::stop_tree(*parts_.actors, parts_.supervisor, 5s, [ended](core::Status) { ended->set_value(); });
      ended->get_future().wait_for(6s);
      parts_.supervisor = nullptr;
    }
    if (parts_.effects) parts_.effects->stop();
    // The edge first: nobody is sent to an instance that is about to go.
    for (auto driver = parts_.keep_drivers.rbegin(); driver != parts_.keep_drivers.rend(); ++driver)
      (*driver)->shut_down(leave == Leave::nothing_running);
    if (parts_.slow) parts_.slow->stop();
    if (parts_.gateway) parts_.gateway->stop();
    parts_.tree = nullptr;
    parts_.follower.reset();
    parts_.shared_rates.reset();
    if (parts_.store) parts_.store->close();
    parts_.host.reset();
    parts_.effects.reset();
  }

  // The node and this machine as a provider are entities too, so that they have a history.
  void introduce() {
    std::string body;
    core::JsonWriter(body)
        .object()
        .field("version", NOVA_VERSION)
        .field("pid", ::getpid())
        .field("address", url())
        .field("started_at", core::to_rfc3339(parts_.started_at))
        .end();
    tell({"system", "node", parts_.config.node.name}, "register", body);
    tell({"system", "provider", "local"}, "add", R"({"kind":"local","name":"This machine"})");
    tell({"system", "provider", "local"}, "verify", "{}");
  }

  void tell(core::EntityKey to, std::string name, std::string body) {
    core::CommandEnvelope command;
    command.id = core::new_uuid(core::system_clock().now());
    command.target = std::move(to);
    command.name = std::move(name);
    command.body = std::move(body);
    command.principal = core::system_principal();
    auto answered = std::make_shared<std::promise<void>>();
    const auto what = core::to_string(command.target) + "." + command.name;
    parts_.host->submit(std::move(command), [answered, what](core::Result<host::Answer> answer) {
      if (!answer && answer.error().status != 409) log(LogLevel::warn, what + ": " + core::to_line(answer.error()));
      answered->set_value();
    });
    answered->get_future().wait_for(settle_limit);
  }

  const std::chrono::steady_clock::time_point started_at_ = std::chrono::steady_clock::now();
  Parts parts_;
  bool stopped_ = false;
};

}  // namespace

core::Result<std::unique_ptr<Node>> Node::open(const Loaded& configuration, const std::string& program_dir) {
  auto node = std::make_unique<RunningNode>(configuration, program_dir);
  auto opened = node->open();
  if (!opened) return opened.error();
  return std::unique_ptr<Node>(std::move(node));
}

}  // namespace nova::node
