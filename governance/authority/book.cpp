#include "governance/authority/book.hpp"

#include <algorithm>
#include <mutex>

namespace nova::authority {
namespace {

template <class Map, class Key>
auto line_of(const Map& map, const Key& key) -> std::optional<decltype(map.begin()->second.line)> {
  const auto found = map.find(key);
  if (found == map.end()) return std::nullopt;
  return found->second.line;
}

bool counts(const KeyLine& key) { return key.status == "active" || key.status == "suspended"; }

// Keeps the map from growing with what is over.
template <class Map>
void remember_over(Map& map, std::deque<std::string>& over, const std::string& id) {
  over.push_back(id);
  if (over.size() <= over_max) return;
  map.erase(over.front());
  over.pop_front();
}

std::string key_name(const std::string& tenant, const std::string& id) { return tenant + "/" + id; }

}  // namespace

template <class Map, class Line>
bool Book::keep(Map& map, const std::string& key, Line line, std::uint64_t version) {
  auto& kept = map[key];
  if (kept.version >= version) return false;
  kept.line = std::move(line);
  kept.version = version;
  ++sequence_;
  return true;
}

void Book::put(const std::string& tenant, TenantLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  keep(tenants_, tenant, std::move(line), version);
}

void Book::put_user(const std::string& id, UserLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  const auto before = users_.find(id);
  const std::string email_before = before == users_.end() ? std::string() : before->second.line.email_key;
  const std::string email = line.email_key;
  const bool root = line.root_owner;
  if (!keep(users_, id, std::move(line), version)) return;
  if (email_before != email) {
    if (!email_before.empty()) users_by_email_.erase(email_before);
    if (!email.empty()) users_by_email_[email] = id;
  }
  if (root) root_owner_ = id;
}

void Book::put_membership(const std::string& tenant, const std::string& user, MembershipLine line,
                          std::uint64_t version) {
  std::unique_lock lock(mutex_);
  const bool owns = line.role == "owner" && line.status == "active";
  if (!keep(memberships_[user], tenant, std::move(line), version)) return;
  if (owns)
    owners_[tenant].insert(user);
  else
    owners_[tenant].erase(user);
}

void Book::put_session(const std::string& id, SessionLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  const bool over = line.status != "active";
  if (keep(sessions_, id, std::move(line), version) && over) remember_over(sessions_, sessions_over_, id);
}

void Book::put_factor(const std::string& user, FactorLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  keep(factors_, user, std::move(line), version);
}

void Book::put_passkey(const std::string& id, PasskeyLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  const bool active = line.status == "active";
  const auto credential = line.credential_key, user = line.user;
  if (!keep(passkeys_, id, std::move(line), version)) return;
  if (active) {
    passkeys_by_credential_[credential] = id;
    passkeys_by_user_[user].insert(id);
    return;
  }
  // Another one may have been enrolled with the credential since.
  if (const auto found = passkeys_by_credential_.find(credential);
      found != passkeys_by_credential_.end() && found->second == id)
    passkeys_by_credential_.erase(found);
  passkeys_by_user_[user].erase(id);
}

void Book::put_device(const std::string& id, DeviceLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  const bool over = line.status != "pending" && line.status != "approved";
  if (keep(devices_, id, std::move(line), version) && over) remember_over(devices_, devices_over_, id);
}

void Book::put_method(const std::string& name, MethodLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  keep(methods_, name, std::move(line), version);
}

void Book::put_key(KeyLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  const auto name = key_name(line.tenant, line.id);
  const auto before = line_of(keys_, name);
  const auto hash = line.hash, previous = line.previous_hash, tenant = line.tenant;
  const auto place = line.place;
  const bool counted = before && counts(*before), counting = counts(line);
  if (!keep(keys_, name, std::move(line), version)) return;
  if (counting && !counted) ++keys_of_[tenant];
  if (counted && !counting) --keys_of_[tenant];
  if (counted && before->place) key_places_[tenant].erase(*before->place);
  if (counting && place) key_places_[tenant].insert(*place);
  if (before) {
    keys_by_hash_.erase(before->hash);
    keys_by_hash_.erase(before->previous_hash);
  }
  for (const auto& one : {hash, previous})
    if (!one.empty()) keys_by_hash_[one] = name;
}

void Book::put_agent(const std::string& id, AgentLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  keep(agents_, id, std::move(line), version);
}

void Book::put_layer(const std::string& id, LayerLine line, std::uint64_t version) {
  std::unique_lock lock(mutex_);
  keep(layers_, id, std::move(line), version);
}

std::optional<AgentLine> Book::agent(const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(agents_, id);
}

std::optional<LayerLine> Book::layer(const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(layers_, id);
}

std::size_t Book::keys_of(const std::string& tenant) const {
  std::shared_lock lock(mutex_);
  const auto found = keys_of_.find(tenant);
  return found == keys_of_.end() ? 0 : found->second;
}

std::vector<std::int64_t> Book::free_key_places(const std::string& tenant, std::int64_t most) const {
  std::shared_lock lock(mutex_);
  static const std::set<std::int64_t> none;
  const auto counted = keys_of_.find(tenant);
  const auto found = key_places_.find(tenant);
  const auto& taken = found == key_places_.end() ? none : found->second;
  const std::int64_t keys = counted == keys_of_.end() ? 0 : std::int64_t(counted->second);
  // Each key beside these places makes one place less, which may put another key beside them.
  auto end = std::max<std::int64_t>(most, 0);
  for (;;) {
    const auto beside = keys - std::distance(taken.begin(), taken.lower_bound(end));
    const auto less = std::max<std::int64_t>(most - beside, 0);
    if (less >= end) break;
    end = less;
  }
  std::vector<std::int64_t> places;
  for (std::int64_t place = 0; place < end; ++place)
    if (!taken.contains(place)) places.push_back(place);
  return places;
}

std::optional<TenantLine> Book::tenant(const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(tenants_, id);
}

std::optional<UserLine> Book::user(const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(users_, id);
}

std::string Book::user_by_email(const std::string& email_key) const {
  std::shared_lock lock(mutex_);
  const auto found = users_by_email_.find(email_key);
  return found == users_by_email_.end() ? std::string() : found->second;
}

std::optional<MembershipLine> Book::membership(const std::string& tenant, const std::string& user) const {
  std::shared_lock lock(mutex_);
  const auto found = memberships_.find(user);
  if (found == memberships_.end()) return std::nullopt;
  return line_of(found->second, tenant);
}

std::optional<SessionLine> Book::session(const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(sessions_, id);
}

std::optional<FactorLine> Book::factor(const std::string& user) const {
  std::shared_lock lock(mutex_);
  return line_of(factors_, user);
}

std::optional<PasskeyLine> Book::passkey(const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(passkeys_, id);
}

std::string Book::passkey_by_credential(const std::string& credential_key) const {
  std::shared_lock lock(mutex_);
  const auto found = passkeys_by_credential_.find(credential_key);
  return found == passkeys_by_credential_.end() ? std::string() : found->second;
}

std::vector<std::pair<std::string, PasskeyLine>> Book::passkeys(const std::string& user) const {
  std::vector<std::pair<std::string, PasskeyLine>> lines;
  std::shared_lock lock(mutex_);
  const auto found = passkeys_by_user_.find(user);
  if (found == passkeys_by_user_.end()) return lines;
  for (const auto& id : found->second)
    if (auto line = line_of(passkeys_, id)) lines.emplace_back(id, std::move(*line));
  return lines;
}

bool Book::has_second_factor(const std::string& user) const {
  std::shared_lock lock(mutex_);
  if (const auto app = factors_.find(user); app != factors_.end() && app->second.line.status == "verified") return true;
  const auto keys = passkeys_by_user_.find(user);
  return keys != passkeys_by_user_.end() && !keys->second.empty();
}

std::optional<DeviceLine> Book::device(const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(devices_, id);
}

std::optional<MethodLine> Book::method(const std::string& name) const {
  std::shared_lock lock(mutex_);
  return line_of(methods_, name);
}

std::optional<KeyLine> Book::key(const std::string& tenant, const std::string& id) const {
  std::shared_lock lock(mutex_);
  return line_of(keys_, key_name(tenant, id));
}

std::optional<KeyLine> Book::key_by_hash(const std::string& hash) const {
  std::shared_lock lock(mutex_);
  const auto found = keys_by_hash_.find(hash);
  if (found == keys_by_hash_.end()) return std::nullopt;
  return line_of(keys_, found->second);
}

std::vector<std::pair<std::string, MembershipLine>> Book::memberships(const std::string& user, const std::string& after,
                                                                      std::size_t limit) const {
  std::vector<std::pair<std::string, MembershipLine>> lines;
  std::shared_lock lock(mutex_);
  const auto found = memberships_.find(user);
  if (found == memberships_.end()) return lines;
  for (auto at = found->second.upper_bound(after); at != found->second.end() && lines.size() < limit; ++at)
    if (at->second.line.status == "active") lines.emplace_back(at->first, at->second.line);
  return lines;
}

std::string Book::root_owner() const {
  std::shared_lock lock(mutex_);
  return root_owner_;
}

std::string Book::other_owner(const std::string& tenant, const std::string& user) const {
  std::shared_lock lock(mutex_);
  const auto found = owners_.find(tenant);
  if (found == owners_.end()) return {};
  const auto other =
      std::find_if(found->second.begin(), found->second.end(), [&](const std::string& id) { return id != user; });
  return other == found->second.end() ? std::string() : *other;
}

bool Book::stale(std::chrono::steady_clock::time_point now) const {
  const auto fresh = fresh_at_.load();
  return fresh != 0 && now.time_since_epoch() - std::chrono::steady_clock::duration(fresh) > stale_after;
}

void Book::each_active_user(const std::function<bool(const std::string& id)>& next) const {
  std::vector<std::string> ids;
  {
    std::shared_lock lock(mutex_);
    ids.reserve(users_.size());
    // Any order: who asks counts.
    for (const auto& [id, kept] : users_)
      if (kept.line.status == "active") ids.push_back(id);
  }
  for (const auto& id : ids)
    if (!next(id)) return;
}

UserCounts Book::count_users() const {
  UserCounts counts;
  std::shared_lock lock(mutex_);
  // Any order: sums.
  for (const auto& [id, kept] : users_) {
    const auto& user = kept.line;
    ++counts.users;
    ++counts.by_status[user.status];
    ++counts.by_role[user.role];
    counts.with_permissions += !user.permissions.empty();
    counts.with_overrides += !user.overrides.empty();
    counts.overrides += user.overrides.size();
  }
  return counts;
}

std::uint64_t Book::sequence() const {
  std::shared_lock lock(mutex_);
  return sequence_;
}

}  // namespace nova::authority
