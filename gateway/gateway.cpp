#include "gateway/gateway.hpp"

#include "actors/host/turn.hpp"
#include "gateway/access.hpp"
#include "gateway/console/cookies.hpp"
#include "gateway/console/files.hpp"
#include "gateway/guarded_stream.hpp"
#include "gateway/rates.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/sovereign/sovereign.hpp"
#include "gateway/target.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/identity/key_uses.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <set>

namespace nova::gateway {
namespace {

constexpr std::size_t request_id_max = 64;
constexpr std::chrono::milliseconds position_limit(2000);  // how long a read waits for the position it asked for

bool is_request_id(std::string_view text) {
  if (text.empty() || text.size() > request_id_max) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  });
}

bool is_media_type(std::string_view header, std::string_view wanted) {
  header = header.substr(0, header.find(';'));
  while (!header.empty() && header.back() == ' ') header.remove_suffix(1);
  return std::equal(header.begin(), header.end(), wanted.begin(), wanted.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

bool is_safe(std::string_view method) { return method == "GET" || method == "HEAD"; }

bool has_body(const Request& request) {
  return request.has_header("transfer-encoding") ||
         (request.has_header("content-length") && request.header("content-length") != "0");
}

class HttpGateway final : public Gateway, public Application {
 public:
  HttpGateway(Options options, store::EventStore& store, host::Host& host, core::Clock& clock,
              std::unique_ptr<Server> server)
      : options_(std::move(options)),
        server_(std::move(server)),
        cache_(store, options_.cache_bytes_max),
        tail_(store, *server_),
        guard_(options_, clock),
        rates_(options_),
        behind_{options_,
                store,
                host,
                clock,
                cache_,
                tail_,
                *server_,
                guard_,
                [this] { return draining_.load(); },
                [this] { return server_->stats(); }} {
    for (auto& token : options_.tokens) {
      tokens_.push_back({credentials::sha256(token.secret), token.principal});
      token.secret.clear();
    }
    host_names_ = {"localhost", "127.0.0.1", "::1", options_.server.address};
    for (const auto& name : options_.host_names) host_names_.insert(host_name(name));
    host_names_.erase(std::string());
    add_node(router_, behind_);
    add_resources(router_, behind_);
    add_commands(router_, behind_);
    add_events(router_, behind_);
    add_why(router_, behind_);
    add_apply(router_, behind_);
    add_tree(router_, behind_);
    add_logs(router_, behind_);
    add_sources(router_, behind_);
    add_dead_letters(router_, behind_);
    add_people(router_, behind_);
    if (options_.identities.identity)
      for (const auto add : {add_auth, add_second_factor, add_by_mail, add_outside, add_passkeys, add_device_login,
                             add_auth_methods, add_signin_page, add_permissions, add_owner, add_api_keys, add_webhooks,
                             add_tenants, add_vault, add_ai, add_sovereign})
        add(router_, behind_);
    if (options_.approvals && options_.identities.identity) add_approvals(router_, behind_);
    if (options_.constitution) add_constitution(router_, behind_);
    if (options_.limits) add_limits(router_, behind_);
    if (options_.switches) add_kill_switch(router_, behind_);
    add_descriptions(router_, behind_);
    rates_.learn(router_);
  }

  core::Status open_console() {
    if (options_.console_folder.empty() || !options_.identities.identity) return core::ok();
    auto files = console::Files::open(options_.console_folder);
    if (!files) return std::move(files).error();
    console_ = std::move(*files);
    if (console_) console_route_ = console::route_of(console_);
    return core::ok();
  }

  ~HttpGateway() override { stop(); }

  void start() override { server_->start(*this); }
  std::uint16_t port() const override { return server_->port(); }
  ServerStats stats() const override { return server_->stats(); }

  bool drain(std::chrono::milliseconds limit) override {
    draining_ = true;
    return server_->drain(limit);
  }

  void stop() override { server_->stop(); }

  Admission admit(Request& head) override {
    head.id = is_request_id(head.header("x-request-id")) ? std::string(head.header("x-request-id"))
                                                         : core::new_uuid(head.received);
    Admission admission;
    if (auto refused = check(head, admission)) admission.refused = problem(*refused, head.id);
    if (admission.refused && !allowed_.empty())
      admission.refused->headers.emplace_back("Allow", std::exchange(allowed_, {}));
    if (admission.refused) add_rate(*admission.refused, head.rate);
    return admission;
  }

  void handle(Request request, Reply reply) override {
    if (rates_.is_shared(request))
      if (auto refused = rates_.take_shared(request)) {
        auto response = problem(*refused, request.id);
        add_rate(response, request.rate);
        return reply(std::move(response));
      }
    if (request.rate)
      reply = [given = std::move(reply), rate = request.rate](Response response) {
        add_rate(response, rate);
        given(std::move(response));
      };
    if (options_.identities.book && (request.principal.type == "user" || authority::is_key(request.principal)) &&
        request.header("accept").find("text/event-stream") != std::string_view::npos)
      reply = guarded_reply(request, std::move(reply));
    if (request.has_header("nova-position")) return wait_for_position(std::move(request), std::move(reply));
    if (request.has_header("last-event-id")) return resume(std::move(request), std::move(reply));
    request.route->handle(std::move(request), std::move(reply));
  }

 private:
  // What a reader of a stream may is asked again for each of its pieces.
  Reply guarded_reply(const Request& request, Reply reply) {
    Request who;
    who.principal = request.principal;
    who.session = request.session;
    who.route = request.route;
    who.params = request.params;
    who.query = request.query;
    return [this, who = std::move(who), given = std::move(reply)](Response response) {
      if (response.stream)
        response.stream = guarded(std::move(response.stream), [this, who] { return still_may(who); });
      given(std::move(response));
    };
  }

  core::Status still_may(const Request& who) const {
    const auto& book = *options_.identities.book;
    const auto now = behind_.clock.now();
    if (!who.session.empty())
      if (auto open = authority::session_open(book, who.session, who.principal.id, now); !open) return open;
    if (auto may = authority::may_act(book, who.principal, now); !may) return may;
    return guard_.admit(who);
  }

  struct KnownToken {
    credentials::Sha256 hash;
    core::Principal principal;
  };

  // From the outside in: what a stranger may learn comes first.
  std::optional<core::Error> check(Request& head, Admission& admission) {
    auto target = parse_target(head.target);
    if (!target) return target.error();
    head.segments = std::move(target->segments);
    head.query = std::move(target->query);
    auto found = router_.find(head.method, head.segments);
    const bool console = !found.route && found.allowed.empty() && console_ && console_->serves(head);
    if (console) found.route = &console_route_;
    const bool open = found.route && found.route->open;
    if (!open && !host_names_.contains(host_name(head.header("host"))))
      return http_error(421, "http.wrong_host",
                        "this node is not `" + core::printable(head.header("host").substr(0, 255)) + "`")
          .fix("use an address of the node, or add the name to `listen.names`");
    auto known = authenticate(head);
    // A page loads dozens of the console's files at once; they lie in memory and cost no more than a refusal would.
    if (auto passes = console ? core::ok() : rates_.take(head, found, bool(known)); !passes)
      return std::move(passes).error();
    const bool anonymous = found.route && found.route->anonymous;
    if (!known && !open && !anonymous) return std::move(known).error();
    if (head.by_cookie && !anonymous)
      if (auto own = console::check_page(head, *options_.identities.keys, is_safe(head.method)); !own)
        return std::move(own).error();
    if (options_.identities.uses && authority::is_key(head.principal))
      options_.identities.uses->note(head.principal.id, [&] { return place_of(head); });
    if (!found.route) return no_route(head, found);
    head.route = found.route;
    head.at_once = found.route->at_once;
    if (head.route->anonymous) head.client = limits::to_string(rates_.client_of(head));
    head.params = std::move(found.params);
    admission.safe = is_safe(found.route->method);
    admission.body_bytes_max = found.route->body_bytes_max;
    admission.body_to_file = found.route->body == Body::file;
    if (auto wrong = check_query(head)) return wrong;
    if (auto wrong = check_tenant(head)) return wrong;
    if (auto may = guard_.admit(head); !may) {
      if (options_.on_denied)
        options_.on_denied(head.principal, tenant_of(head), head.route->method + " " + head.route->pattern, head.target,
                           may.error());
      return std::move(may).error();
    }
    if (auto usable = check_vault(*head.route); !usable) return std::move(usable).error();
    return check_body(head);
  }

  core::Status authenticate(Request& head) const {
    const auto header = head.header("authorization");
    if (header.empty() && options_.identities.bearer)
      if (const auto token = console::cookie(head, console::access_cookie); !token.empty())
        return by_cookie(head, token);
    constexpr std::string_view scheme = "bearer ";
    if (header.size() <= scheme.size() || !is_media_type(header.substr(0, scheme.size() - 1), "bearer") ||
        header[scheme.size() - 1] != ' ')
      return core::refusal("auth.required", "a bearer token is needed")
          .fix("send `Authorization: Bearer TOKEN`: sign in with `novactl login`");
    const auto secret = header.substr(scheme.size());
    const auto hash = credentials::sha256(secret);
    const KnownToken* known = nullptr;
    for (const auto& token : tokens_)
      if (credentials::same(hash, token.hash)) known = &token;
    if (known) {
      head.principal = known->principal;
      return core::ok();
    }
    if (!options_.identities.bearer) return core::refusal("auth.required", "the token is not known here");
    auto caller = options_.identities.bearer->caller(secret, behind_.clock.now());
    if (!caller) return std::move(caller).error();
    head.principal = std::move(caller->principal);
    head.session = std::move(caller->session);
    return core::ok();
  }

  // A person's session, and nothing else: neither the node's own token nor a key is a browser's.
  core::Status by_cookie(Request& head, std::string_view token) const {
    auto caller = options_.identities.bearer->caller(token, behind_.clock.now());
    if (!caller) return std::move(caller).error();
    if (caller->session.empty()) return core::refusal("auth.required", "this cookie is no session of a person");
    head.by_cookie = true;
    head.principal = std::move(caller->principal);
    head.session = std::move(caller->session);
    return core::ok();
  }

  std::string place_of(const Request& head) const {
    const auto address = limits::to_string(rates_.client_of(head));
    return credentials::keyed_hash(options_.identities.keys->lookup(), "place." + address);
  }

  core::Error no_route(const Request& head, const Router::Found& found) {
    if (found.allowed.empty())
      return core::refusal("http.not_found",
                           "there is nothing at `" + core::printable(head.target.substr(0, 255)) + "`")
          .fix("GET /v1/openapi.json lists what there is");
    auto methods = found.allowed;
    if (methods.contains("GET")) methods.insert("HEAD");
    for (const auto& method : methods) allowed_ += (allowed_.empty() ? "" : ", ") + method;
    return core::refusal("http.method_not_allowed",
                         "`" + core::printable(head.method.substr(0, 32)) + "` cannot be done here")
        .with("allowed", allowed_);
  }

  // Personal data that cannot be opened must not look as if there were none.
  core::Status check_vault(const Route& route) const {
    const auto* vault = options_.identities.vault;
    auto usable = vault ? vault->usable() : core::ok();
    if (usable || route.vault || (route.kind && !route.command && host::holds_personal(*route.kind))) return usable;
    return core::ok();
  }

  static std::optional<core::Error> check_query(const Request& head) {
    if (head.route->any_query) return {};
    const auto& known = head.route->query;
    for (const auto& [name, value] : head.query) {
      if (std::any_of(known.begin(), known.end(),
                      [&, asked = std::string_view(name)](const QueryParam& q) { return q.name == asked; }))
        continue;
      std::string names;
      for (const auto& q : known) names += (names.empty() ? "" : ", ") + std::string(q.name);
      return core::invalid_input("?" + name, names.empty() ? "is not known: this route takes no parameters"
                                                           : "is not known: this route takes " + names);
    }
    return {};
  }

  // A client may name its tenant for all that it asks (S19): one that it may see, and never another than the path's.
  std::optional<core::Error> check_tenant(Request& head) const {
    if (head.route->open || head.route->anonymous || !head.has_header("x-tenant-id")) return {};
    std::string tenant(head.header("x-tenant-id"));
    if (auto may = guard_.may_name(head.principal, tenant); !may) return std::move(may).error();
    const auto asked = tenant_of(head);
    if (!asked.empty() && asked != tenant)
      return core::invalid_input("x-tenant-id", "names another tenant than the request does");
    const auto& known = head.route->query;
    if (asked.empty() &&
        std::any_of(known.begin(), known.end(), [](const QueryParam& q) { return q.name == "tenant"; }))
      head.query.emplace_back("tenant", std::move(tenant));
    return {};
  }

  // Forms and plain text are what a foreign page can make a browser send; only JSON is a command.
  static std::optional<core::Error> check_body(const Request& head) {
    if (head.route->body == Body::none || !has_body(head)) return {};
    if (head.route->body == Body::json && !is_media_type(head.header("content-type"), "application/json"))
      return http_error(415, "http.unsupported_media_type", "the body must be application/json")
          .fix("send `Content-Type: application/json`");
    if (head.route->body == Body::file && !is_media_type(head.header("content-type"), "application/x-tar"))
      return http_error(415, "http.unsupported_media_type", "the body must be application/x-tar")
          .fix("send `Content-Type: application/x-tar`");
    return {};
  }

  // Read-your-writes: the answer waits until this node has seen the position that the client saw elsewhere.
  void wait_for_position(Request request, Reply reply) {
    const auto text = request.header("nova-position");
    std::uint64_t position = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (failed != std::errc() || end != text.data() + text.size())
      return reply(
          problem(http_error(400, "http.bad_header", "the header `Nova-Position` must be a number"), request.id));
    at_position(position, std::move(request), std::move(reply), [](const Request& late, const Reply& answer) {
      answer(
          problem(core::unavailable("store.behind", "this node has not seen that position of the log yet"), late.id));
    });
  }

  // A stream that goes on at another node may have seen more than this one has; a commit travels in milliseconds.
  void resume(Request request, Reply reply) {
    const auto text = request.header("last-event-id");
    std::uint64_t position = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (failed != std::errc() || end != text.data() + text.size()) position = 0;  // the route says what is wrong
    at_position(position, std::move(request), std::move(reply), [this](Request late, const Reply& answer) {
      if (behind_.store.health().writable) return late.route->handle(std::move(late), answer);
      // It cannot know how long the log is now.
      answer(problem(core::unavailable("store.behind", "this node does not see the log's newest events"), late.id));
    });
  }

  // Handles the request once the log is there; `too_late` answers when it is not in time.
  void at_position(std::uint64_t position, Request request, Reply reply,
                   std::function<void(Request, const Reply&)> too_late) {
    if (behind_.store.head() >= position) return request.route->handle(std::move(request), std::move(reply));
    struct Waiting {
      Request request;
      Reply reply;
      std::atomic<bool> over{false};
    };
    auto waiting = std::make_shared<Waiting>();
    waiting->request = std::move(request);
    waiting->reply = std::move(reply);
    const auto ticket = tail_.wait(position, [waiting] {
      if (waiting->over.exchange(true)) return;
      waiting->request.route->handle(std::move(waiting->request), std::move(waiting->reply));
    });
    server_->after(position_limit, [this, waiting, ticket, too_late = std::move(too_late)] {
      if (waiting->over.exchange(true)) return;
      tail_.cancel(ticket);
      too_late(std::move(waiting->request), waiting->reply);
    });
  }

  Options options_;
  std::unique_ptr<Server> server_;  // stopped first, destroyed after all that its workers touch
  std::vector<KnownToken> tokens_;
  std::set<std::string> host_names_;
  Router router_;
  std::shared_ptr<const console::Files> console_;  // none: not built
  Route console_route_;
  std::atomic<bool> draining_{false};
  std::string allowed_;  // of the refusal under way; I/O thread
  DocumentCache cache_;
  LogTail tail_;
  ReadGuard guard_;
  RateGuard rates_;
  Behind behind_;
};

}  // namespace

core::Result<std::unique_ptr<Gateway>> Gateway::open(Options options, store::EventStore& store, host::Host& host,
                                                     core::Clock& clock) {
  auto server = Server::listen(options.server);
  if (!server) return std::move(server).error();
  auto gateway = std::make_unique<HttpGateway>(std::move(options), store, host, clock, std::move(*server));
  if (auto console = gateway->open_console(); !console) return std::move(console).error();
  return std::unique_ptr<Gateway>(std::move(gateway));
}

}  // namespace nova::gateway
