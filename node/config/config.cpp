#include "node/config/config.hpp"

#include "core/authority/authority.hpp"
#include "core/describe/codec.hpp"
#include "drivers/yaml/yaml.hpp"
#include "node/config/oidc.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>

namespace nova::node {
namespace {

template <class T>
core::Record part(std::string_view name, std::vector<core::Field> fields) {
  return core::record<T>(name, "", std::move(fields));
}

}  // namespace

// Every key may be left out: it then holds its default.
const core::Record& describe(const NodePart*) {
  static const auto r = part<NodePart>(
      "node", {core::optional_field("name", &NodePart::name), core::optional_field("state_dir", &NodePart::state_dir)});
  return r;
}
const core::Record& describe(const ListenPart*) {
  static const auto r = part<ListenPart>(
      "listen",
      {core::optional_field("address", &ListenPart::address), core::optional_field("tls_cert", &ListenPart::tls_cert),
       core::optional_field("tls_key", &ListenPart::tls_key), core::optional_field("names", &ListenPart::names),
       core::optional_field("trusted_proxies", &ListenPart::trusted_proxies),
       core::optional_field("forwarded_header", &ListenPart::forwarded_header),
       core::optional_field("public_url", &ListenPart::public_url),
       core::optional_field("console", &ListenPart::console)});
  return r;
}
const core::Record& describe(const SigninPart*) {
  static const auto r =
      part<SigninPart>("signin", {core::optional_field("rp_id", &SigninPart::rp_id),
                                  core::optional_field("origins", &SigninPart::origins),
                                  core::optional_field("second_factor_for", &SigninPart::second_factor_for)});
  return r;
}
const core::Record& describe(const StorePart*) {
  static const auto r = part<StorePart>(
      "store",
      {core::optional_field("kind", &StorePart::kind), core::optional_field("path", &StorePart::path),
       core::optional_field("url", &StorePart::url), core::optional_field("password_file", &StorePart::password_file),
       core::optional_field("connections", &StorePart::connections), core::optional_field("lease", &StorePart::lease),
       core::optional_field("cache_entities", &StorePart::cache_entities)});
  return r;
}
const core::Record& describe(const LogPart*) {
  static const auto r = part<LogPart>(
      "log", {core::optional_field("level", &LogPart::level), core::optional_field("format", &LogPart::format),
              core::optional_field("file", &LogPart::file)});
  return r;
}
const core::Record& describe(const LimitsPart*) {
  static const auto r =
      part<LimitsPart>("limits", {core::optional_field("body_bytes", &LimitsPart::body_bytes),
                                  core::optional_field("connections", &LimitsPart::connections),
                                  core::optional_field("requests_in_flight", &LimitsPart::requests_in_flight),
                                  core::optional_field("rates", &LimitsPart::rates)});
  return r;
}
const core::Record& describe(const ProcessPart*) {
  static const auto r =
      part<ProcessPart>("process", {core::optional_field("port_range", &ProcessPart::port_range),
                                    core::optional_field("starts_per_tenant", &ProcessPart::starts_per_tenant)});
  return r;
}
const core::Record& describe(const EdgePart*) {
  static const auto r = part<EdgePart>("edge", {core::optional_field("enabled", &EdgePart::enabled),
                                                core::optional_field("haproxy", &EdgePart::haproxy)});
  return r;
}
const core::Record& describe(const GovernancePart*) {
  static const auto r =
      part<GovernancePart>("governance", {core::optional_field("gates_file", &GovernancePart::gates_file),
                                          core::optional_field("outcome_due", &GovernancePart::outcome_due)});
  return r;
}
const core::Record& describe(const OperatorPart*) {
  static const auto r =
      part<OperatorPart>("operator", {core::optional_field("tenants", &OperatorPart::tenants),
                                      core::optional_field("environments", &OperatorPart::environments)});
  return r;
}
const core::Record& describe(const HttpPart*) {
  static const auto r = part<HttpPart>("http", {core::optional_field("allow_private", &HttpPart::allow_private),
                                                core::optional_field("ca_file", &HttpPart::ca_file)});
  return r;
}
const core::Record& describe(const MailPart*) {
  static const auto r = part<MailPart>(
      "mail",
      {core::optional_field("server", &MailPart::server), core::optional_field("tls", &MailPart::tls),
       core::optional_field("ca_file", &MailPart::ca_file), core::optional_field("username", &MailPart::username),
       core::optional_field("password_file", &MailPart::password_file), core::optional_field("from", &MailPart::from),
       core::optional_field("timeout", &MailPart::timeout)});
  return r;
}
const core::Record& describe(const OidcProvider*) {
  static const auto r = part<OidcProvider>(
      "provider",
      {core::field("name", &OidcProvider::name), core::optional_field("preset", &OidcProvider::preset),
       core::optional_field("title", &OidcProvider::title), core::optional_field("issuer", &OidcProvider::issuer),
       core::field("client_id", &OidcProvider::client_id),
       core::optional_field("client_secret_file", &OidcProvider::client_secret_file),
       core::optional_field("client_secret", &OidcProvider::client_secret),
       core::optional_field("scopes", &OidcProvider::scopes)});
  return r;
}
const core::Record& describe(const OidcPart*) {
  static const auto r = part<OidcPart>("oidc", {core::optional_field("providers", &OidcPart::providers),
                                                core::optional_field("ca_file", &OidcPart::ca_file),
                                                core::optional_field("allow_private", &OidcPart::allow_private)});
  return r;
}
const core::Record& describe(const ShutdownPart*) {
  static const auto r = part<ShutdownPart>("shutdown", {core::optional_field("drain", &ShutdownPart::drain)});
  return r;
}
const core::Record& describe(const Config*) {
  static const auto r = part<Config>(
      "config",
      {core::optional_field("node", &Config::node), core::optional_field("listen", &Config::listen),
       core::optional_field("signin", &Config::signin), core::optional_field("store", &Config::store),
       core::optional_field("log", &Config::log), core::optional_field("limits", &Config::limits),
       core::optional_field("process", &Config::process), core::optional_field("edge", &Config::edge),
       core::optional_field("governance", &Config::governance), core::optional_field("operator", &Config::operator_),
       core::optional_field("http", &Config::http), core::optional_field("mail", &Config::mail),
       core::optional_field("oidc", &Config::oidc), core::optional_field("shutdown", &Config::shutdown)});
  return r;
}

namespace {

struct Leaf {
  std::string path;
  const core::Type* type = nullptr;
  void* place = nullptr;
};

std::vector<Leaf> leaves_of(Config& config) {
  std::vector<Leaf> leaves;
  for (const auto& section : core::type_of<Config>()->record().fields)
    for (const auto& field : section.type->record().fields)
      leaves.push_back({std::string(section.name) + "." + std::string(field.name), field.type,
                        field.in(section.in(static_cast<void*>(&config)))});
  return leaves;
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A value from a variable or a flag in the JSON form of its key: lists are comma-separated.
std::string as_json(const core::Type& type, const std::string& value) {
  if (type.tag == core::Tag::boolean || type.tag == core::Tag::integer || type.tag == core::Tag::real) return value;
  if (type.tag != core::Tag::list) return json_text(value);
  std::string list = "[";
  std::istringstream parts(value);
  for (std::string part; std::getline(parts, part, ',');) list += (list.size() > 1 ? "," : "") + json_text(part);
  return list + "]";
}

std::string variable_of(std::string path) {
  for (auto& c : path) c = c == '.' ? '_' : char(std::toupper(static_cast<unsigned char>(c)));
  return "NOVA_" + path;
}

core::Error invalid_config(std::vector<core::Problem> problems) {
  auto error =
      core::refusal("config.invalid", problems.size() == 1 ? problems[0].path + ": " + problems[0].message
                                                           : std::to_string(problems.size()) + " keys are wrong");
  error.problems = std::move(problems);
  error.remedy = "config/novad.yaml explains every key";
  return error;
}

constexpr std::size_t http_blocks_max = 64;

/// A lease shorter than a slow commit would be renewed too late.
constexpr milliseconds lease_min{1000};
constexpr milliseconds outcome_due_min{1000};

core::Status read_file(const std::string& file, Loaded& loaded) {
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return core::refusal("config.unreadable", "`" + file + "` cannot be read")
        .fix("name an existing file with --config");
  std::ostringstream text;
  text << in.rdbuf();
  auto documents = yaml::read(text.str(), file);
  if (!documents) return invalid_config({{file, documents.error().message}});
  if (documents->empty()) return core::ok();
  if (documents->size() > 1) return invalid_config({{file, "holds more than one document"}});
  const auto& document = documents->front();
  auto read = core::from_json(*core::type_of<Config>(), &loaded.config, document.json, core::Reading::command);
  if (!read) {
    std::vector<core::Problem> problems;
    for (const auto& problem : read.error().problems) {
      const auto place = document.find(problem.path);
      problems.push_back({file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column),
                          "`" + problem.path + "` " + problem.message});
    }
    if (problems.empty()) problems.push_back({file, read.error().message});
    return invalid_config(std::move(problems));
  }
  for (const auto& leaf : leaves_of(loaded.config))
    if (const auto found = document.places.find(leaf.path); found != document.places.end())
      loaded.origins[leaf.path] = "file " + file + ":" + std::to_string(found->second.line);
  return core::ok();
}

}  // namespace

bool holds_password(const std::string& url) {
  if (url.find("password=") != std::string::npos) return true;
  const auto begin = url.find("://");
  if (begin == std::string::npos) return false;
  const auto user = url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
  const auto at = user.rfind('@');
  return at != std::string::npos && user.substr(0, at).find(':') != std::string::npos;
}

core::Result<std::vector<Override>> from_environment(const std::vector<std::string>& environment) {
  // Variables of the client and of the development script share the prefix.
  static const std::set<std::string> others = {"NOVA_URL",  "NOVA_TOKEN",  "NOVA_TOKEN_FILE", "NOVA_CONTEXT",
                                               "NOVA_PORT", "NOVA_CONFIG", "NOVA_DATA"};
  Config blank;
  std::map<std::string, std::string> keys;
  for (const auto& leaf : leaves_of(blank)) keys[variable_of(leaf.path)] = leaf.path;
  std::set<std::string> sections;
  for (const auto& [variable, path] : keys) sections.insert(variable.substr(0, variable.find('_', 5) + 1));
  std::vector<Override> found;
  std::vector<core::Problem> problems;
  for (const auto& line : environment) {
    const auto equals = line.find('=');
    if (!line.starts_with("NOVA_") || equals == std::string::npos) continue;
    const auto name = line.substr(0, equals);
    if (others.count(name)) continue;
    if (const auto key = keys.find(name); key != keys.end()) {
      found.push_back({key->second, line.substr(equals + 1), "environment " + name});
      continue;
    }
    const auto section_end = name.find('_', 5);
    if (section_end != std::string::npos && sections.count(name.substr(0, section_end + 1)))
      problems.push_back({"environment " + name, "is no key of the configuration"});
  }
  if (!problems.empty()) return invalid_config(std::move(problems));
  return found;
}

core::Result<Loaded> load_config(const std::string& file, const std::vector<Override>& overrides) {
  Loaded loaded;
  for (const auto& leaf : leaves_of(loaded.config)) loaded.origins[leaf.path] = "default";
  if (!file.empty())
    if (auto read = read_file(file, loaded); !read) return std::move(read).error();
  std::vector<core::Problem> problems;
  for (const auto& over : overrides) {
    bool known = false;
    for (const auto& leaf : leaves_of(loaded.config)) {
      if (leaf.path != over.path) continue;
      known = true;
      if (leaf.type->clear) leaf.type->clear(leaf.place);
      auto set = core::from_json(*leaf.type, leaf.place, as_json(*leaf.type, over.value), core::Reading::command);
      if (!set)
        problems.push_back(
            {over.origin, set.error().problems.empty() ? set.error().message : set.error().problems[0].message});
      loaded.origins[leaf.path] = over.origin;
    }
    if (!known) problems.push_back({over.origin, "`" + over.path + "` is no key of the configuration"});
  }
  for (auto& problem : check(loaded.config)) {
    const auto origin = loaded.origins.find(problem.path);
    const auto where = origin == loaded.origins.end() ? std::string() : " (" + origin->second + ")";
    problems.push_back({problem.path + where, problem.message});
  }
  if (!problems.empty()) return invalid_config(std::move(problems));
  return loaded;
}

namespace {

// "https://node.example:8443" -> "node.example"; none when it is no origin as browsers write them.
std::optional<std::string> host_of_origin(std::string_view origin) {
  const bool secure = origin.starts_with("https://");
  if (!secure && !origin.starts_with("http://")) return std::nullopt;
  origin.remove_prefix(secure ? 8 : 7);
  const auto colon = origin.find(':');
  const auto host = origin.substr(0, colon);
  const auto port = colon == origin.npos ? std::string_view("1") : origin.substr(colon + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto is_of_host = [&](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.'; };
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_of_host)) return std::nullopt;
  if (port.empty() || !std::all_of(port.begin(), port.end(), is_digit)) return std::nullopt;
  if (!secure && host != "localhost") return std::nullopt;
  return std::string(host);
}

std::string rp_id_of(const Config& config) {
  if (!config.signin.rp_id.empty()) return config.signin.rp_id;
  return config.listen.names.empty() ? "localhost" : std::string(config.listen.names.front());
}

void check_signin(const Config& config, std::vector<core::Problem>& problems) {
  for (const auto& role : config.signin.second_factor_for)
    if (!core::platform_role(role))
      problems.push_back({"signin.second_factor_for",
                          "`" + core::printable(role) + "` must be a role of the platform, such as owner or admin"});
  const auto domain = rp_id_of(config);
  for (const auto& origin : config.signin.origins) {
    const auto host = host_of_origin(origin);
    if (!host)
      problems.push_back({"signin.origins", "`" + core::printable(origin) +
                                                "` must be an address such as https://node.example; http is for "
                                                "localhost alone"});
    else if (*host != domain && !host->ends_with("." + domain))
      problems.push_back({"signin.origins", "`" + core::printable(origin) + "` does not lie in `" +
                                                core::printable(domain) + "`, the domain of the passkeys"});
  }
}

}  // namespace

credentials::RelyingParty relying_party_of(const Config& config, std::uint16_t port) {
  credentials::RelyingParty party{rp_id_of(config), {}};
  for (const auto& origin : config.signin.origins) party.origins.emplace_back(origin);
  if (!party.origins.empty()) return party;
  const bool secure = !config.listen.tls_cert.empty();
  // Browsers leave the usual port out.
  const bool usual = port == (secure ? 443 : 80);
  party.origins.push_back((secure ? "https://" : "http://") + party.id + (usual ? "" : ":" + std::to_string(port)));
  return party;
}

static void check_mail(const MailPart& mail, std::vector<core::Problem>& problems) {
  if (mail.server.empty()) {
    for (const auto& [key, value] : {std::pair("mail.from", std::string(mail.from)), {"mail.username", mail.username}})
      if (!value.empty()) problems.push_back({key, "does nothing without mail.server"});
    return;
  }
  const auto address = parse_address(mail.server);
  if (!address || address->port == 0)
    problems.push_back({"mail.server", "must be a host and a port, for example smtp.example.org:587"});
  else if (mail.tls == MailTls::none && !address->loopback)
    problems.push_back({"mail.tls", "`none` is for a server on this machine: letters open accounts"});
  const auto at = mail.from.find('@');
  if (at == 0 || at == std::string::npos || at + 1 == mail.from.size())
    problems.push_back({"mail.from", "must be the address that mails come from"});
  if (mail.username.empty() != mail.password_file.empty())
    problems.push_back({"mail.password_file", "goes with mail.username: give both or none"});
  if (mail.timeout < milliseconds(1000) || mail.timeout > milliseconds(120000))
    problems.push_back({"mail.timeout", "must be 1s to 2m"});
}

std::vector<core::Problem> check(const Config& config) {
  std::vector<core::Problem> problems;
  check_signin(config, problems);
  if (config.listen.tls_cert.empty() != config.listen.tls_key.empty())
    problems.push_back({"listen.tls_key", "certificate and key go together: give both or none"});
  const auto address = parse_address(config.listen.address);
  if (!address)
    problems.push_back({"listen.address", "must be an address and a port, for example 127.0.0.1:7480"});
  else if (!address->loopback && config.listen.tls_cert.empty())
    problems.push_back(
        {"listen.address", "`" + config.listen.address +
                               "` is open to others and has no TLS: give listen.tls_cert and listen.tls_key, "
                               "or listen on 127.0.0.1"});
  const auto& proxies = config.listen.trusted_proxies;
  if (proxies.size() > limits::proxies_max)
    problems.push_back(
        {"listen.trusted_proxies", "must be at most " + std::to_string(limits::proxies_max) + " blocks"});
  for (const auto& block : proxies)
    if (!limits::parse_block(block))
      problems.push_back({"listen.trusted_proxies",
                          "`" + core::printable(block) + "` must be an address or a block, for example 10.0.0.0/8"});
  const auto& allowed = config.http.allow_private;
  if (allowed.size() > http_blocks_max)
    problems.push_back({"http.allow_private", "must be at most " + std::to_string(http_blocks_max) + " blocks"});
  for (const auto& block : allowed)
    if (!limits::parse_block(block))
      problems.push_back({"http.allow_private",
                          "`" + core::printable(block) + "` must be an address or a block, for example 10.0.0.0/8"});
  const auto& url = config.listen.public_url;
  if (!url.empty() && (!(url.starts_with("https://") || url.starts_with("http://")) || url.ends_with('/') ||
                       url.find_first_of(" ?#\\\"<>@") != std::string::npos))
    problems.push_back({"listen.public_url",
                        "must be scheme and host without a slash at the end, for example "
                        "https://nova.example.org"});
  check_mail(config.mail, problems);
  check_oidc(config.oidc, problems);
  const auto& store = config.store;
  if (store.kind == StoreKind::postgres && store.url.empty())
    problems.push_back({"store.url", "must name the database when store.kind is postgres"});
  if (holds_password(store.url))
    problems.push_back({"store.url",
                        "holds a password: write it to a file of mode 0600 and name that in "
                        "store.password_file"});
  if (config.governance.outcome_due < outcome_due_min)
    problems.push_back({"governance.outcome_due", "must be at least 1s"});
  if (store.lease < lease_min) problems.push_back({"store.lease", "must be at least 1s"});
  if (!parse_size(config.limits.body_bytes))
    problems.push_back({"limits.body_bytes", "must be a size such as 64KiB or 1MiB"});
  if (!parse_port_range(config.process.port_range))
    problems.push_back({"process.port_range", "must be first-last within 1024 to 65535, for example 20000-29999"});
  return problems;
}

std::vector<std::string> changed_keys(const Config& before, const Config& after) {
  auto left = before, right = after;
  const auto old_leaves = leaves_of(left), new_leaves = leaves_of(right);
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < old_leaves.size(); ++i)
    if (core::to_json(*old_leaves[i].type, old_leaves[i].place) !=
        core::to_json(*new_leaves[i].type, new_leaves[i].place))
      changed.push_back(old_leaves[i].path);
  return changed;
}

bool is_reloadable(std::string_view key) { return key == "log.level"; }

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc()) return {};
  const std::string_view unit = text.substr(std::size_t(end - text.data()));
  const std::pair<std::string_view, int> shifts[] = {{"", 0}, {"B", 0}, {"KiB", 10}, {"MiB", 20}, {"GiB", 30}};
  for (const auto& [name, shift] : shifts)
    if (unit == name && value <= (UINT64_MAX >> shift)) return value << shift;
  return {};
}

std::optional<PortRange> parse_port_range(std::string_view text) {
  PortRange range;
  auto [middle, failed] = std::from_chars(text.data(), text.data() + text.size(), range.first);
  if (failed != std::errc() || middle == text.data() + text.size() || *middle != '-') return {};
  auto [end, failed_too] = std::from_chars(middle + 1, text.data() + text.size(), range.last);
  if (failed_too != std::errc() || end != text.data() + text.size()) return {};
  if (range.first < 1024 || range.first > range.last) return {};
  return range;
}

std::optional<Address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  Address address;
  const auto port = text.substr(colon + 1);
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failed != std::errc() || end != port.data() + port.size()) return {};
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return {};
  address.host = host == "localhost" ? "127.0.0.1" : std::string(host);
  address.loopback = address.host.starts_with("127.") || address.host == "::1";
  return address;
}

limits::Proxies proxies_of(const ListenPart& listen) {
  limits::Proxies proxies;
  proxies.header = listen.forwarded_header;
  for (const auto& text : listen.trusted_proxies)
    if (const auto block = limits::parse_block(text)) proxies.trusted.push_back(*block);
  return proxies;
}

std::vector<limits::Block> allowed_of(const HttpPart& http) {
  std::vector<limits::Block> blocks;
  for (const auto& text : http.allow_private)
    if (const auto block = limits::parse_block(text)) blocks.push_back(*block);
  return blocks;
}

std::string in_state_dir(const Config& config, const std::string& path) {
  return path.empty() || path.front() == '/' ? path : std::string(config.node.state_dir) + "/" + path;
}

}  // namespace nova::node
