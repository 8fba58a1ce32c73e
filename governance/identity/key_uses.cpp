#include "governance/identity/key_uses.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"

namespace nova::identity {
namespace {

constexpr std::size_t shard_keys_max = counted_keys_max / 16;
constexpr std::chrono::seconds tell_limit{30};

}  // namespace

// Keys that have rested since they were told have nothing to keep.
void KeyUses::make_room(Shard& shard, core::Timestamp now) {
  // Any order: each is looked at for itself.
  std::erase_if(shard.counts,
                [&](const auto& entry) { return entry.second.uses == 0 && now - entry.second.told_at >= told_every; });
}

void KeyUses::note(const std::string& key, const std::function<std::string()>& place) {
  const auto now = clock_.now();
  std::uint32_t uses = 0;
  {
    auto& shard = counts_->of(key);
    std::lock_guard lock(shard.mutex);
    auto found = shard.counts.find(key);
    if (found == shard.counts.end()) {
      if (shard.counts.size() >= shard_keys_max) make_room(shard, now);
      if (shard.counts.size() >= shard_keys_max) return;
      found = shard.counts.try_emplace(key).first;
    }
    auto& count = found->second;
    ++count.uses;
    if (now - count.told_at < told_every) return;
    count.told_at = now;
    uses = std::exchange(count.uses, 0);
  }
  const auto slash = key.find('/');
  core::CommandEnvelope command;
  command.id = core::new_uuid(now);
  command.target = {key.substr(0, slash), "api_key", key.substr(slash + 1)};
  command.name = "note_used";
  command.principal = core::system_principal();
  command.correlation = command.id;
  command.deadline = now + tell_limit;
  command.body.clear();
  core::JsonWriter(command.body).object().field("uses", uses).field("place", place()).end();
  // What was not taken, since another node told of the same key within the minute or the store is away, is told again.
  host_.submit(std::move(command), [counts = counts_, key, uses](const core::Result<host::Answer>& answer) {
    if (answer && !answer->events.empty()) return;
    auto& shard = counts->of(key);
    std::lock_guard lock(shard.mutex);
    const auto found = shard.counts.find(key);
    if (found != shard.counts.end()) found->second.uses += uses;
  });
}

std::size_t KeyUses::counted() const {
  std::size_t all = 0;
  for (const auto& shard : counts_->shards) {
    std::lock_guard lock(shard.mutex);
    all += shard.counts.size();
  }
  return all;
}

}  // namespace nova::identity
