// The rate limits of a node: what it starts with, and what becomes of what they find.
#include "core/json.hpp"
#include "node/log.hpp"
#include "node/parts.hpp"
#include "store/postgres/shared_rates.hpp"

#include <chrono>

namespace nova::node {
namespace {

constexpr std::size_t block_id_digits = 32;
constexpr int exchanges_a_look = 3;             // at the log, for blocks and policies of other nodes: some 300 ms
constexpr std::chrono::seconds note_limit{30};  // a block that is not stored by then holds until the node ends

core::CommandEnvelope order_of(core::EntityKey target, std::string name) {
  core::CommandEnvelope command;
  const auto now = core::system_clock().now();
  command.id = core::new_uuid(now);
  command.target = std::move(target);
  command.name = std::move(name);
  command.principal = core::system_principal();
  command.correlation = command.id;
  command.deadline = now + note_limit;
  command.body.clear();
  return command;
}

// For the record alone, and for webhooks of the tenant.
void note_rate(Parts& parts, const limits::Notice& notice) {
  auto command = order_of({notice.tenant.empty() ? "system" : notice.tenant, "rate_counter", notice.policy},
                          notice.limited ? "note_limited" : "note_warned");
  core::JsonWriter(command.body)
      .object()
      .key("about")
      .object()
      .field("subject", credentials::to_hex(notice.subject))
      .field("keyed_by", core::name_of(notice.keyed_by))
      .field("name", notice.name)
      .field("limit", notice.limit)
      .field("window_s", notice.window.count())
      .end()
      .field(notice.limited ? "refused" : "used", notice.count)
      .end();
  parts.host->submit(std::move(command), [](const core::Result<host::Answer>& answer) {
    if (!answer) log(LogLevel::debug, "a rate notice was not stored: " + core::to_line(answer.error()));
  });
}

// In memory it holds already; the entity is for the audit, for other nodes and for the next start.
void note(Parts& parts, const limits::NewBlock& block) {
  const auto subject = credentials::to_hex(block.subject);
  auto command = order_of({"system", "abuse_block", subject.substr(0, block_id_digits)}, "block");
  core::JsonWriter(command.body)
      .object()
      .field("subject", subject)
      .field("keyed_by", core::name_of(block.keyed_by))
      .field("policy", block.policy)
      .field("name", block.name)
      .field("seconds", block.time.count())
      .field("reason", std::to_string(block.refusals) + " requests after it was told to wait")
      .end();
  parts.host->submit(std::move(command), [](const core::Result<host::Answer>& answer) {
    if (!answer) log(LogLevel::warn, "a block was not stored: " + core::to_line(answer.error()));
  });
}

// Other nodes may write to the same store: they count together, and each follows the blocks and policies of all.
void share(Parts& parts) {
  store::SharedRatesOptions options;
  options.database.url = parts.config.store.url;
  options.database.password_file = in_state_dir(parts.config, parts.config.store.password_file);
  options.database.node = parts.config.node.name;
  options.after = [&parts, turn = 0]() mutable {
    if (++turn % exchanges_a_look != 0) return;
    // While the store is away it stays behind, and looks again.
    if (auto followed = parts.limits_feed->follow(*parts.store); !followed)
      log(LogLevel::debug, "blocks of other nodes were not read: " + core::to_line(followed.error()));
  };
  auto shared = store::SharedRates::start(*parts.limits, std::move(options));
  parts.limits->share(shared.get());
  parts.shared_rates = std::move(shared);
}

}  // namespace

core::Status open_limits(Parts& parts) {
  limits::Options options;
  options.key = std::string(parts.keys->lookup());
  options.proxies = proxies_of(parts.config.listen);
  options.enforced = parts.config.limits.rates;
  options.on_block = [&parts](const limits::NewBlock& block) { note(parts, block); };
  options.on_notice = [&parts](const limits::Notice& notice) { note_rate(parts, notice); };
  options.on_line = [](const std::string& line) { log(LogLevel::warn, line); };
  parts.limits = std::make_unique<limits::Limits>(std::move(options));
  parts.limits_feed = std::make_unique<limits::Feed>(*parts.limits);
  if (auto loaded = parts.limits_feed->load(*parts.store); !loaded) return loaded;
  if (parts.config.store.kind == StoreKind::postgres && parts.limits->enforced()) share(parts);
  return core::ok();
}

}  // namespace nova::node
