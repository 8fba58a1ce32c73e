#include "governance/credentials/key_ring.hpp"

#include "core/json.hpp"
#include "governance/credentials/encoding.hpp"

#include <algorithm>
#include <charconv>

namespace nova::credentials {
namespace {

// "nova-keys-2 <seed> <since, ms> [<public key>:<until, ms>]...", keys in base64url; the first form knew no `since`.
// Taken apart in place, so that no parser's tree keeps a copy of the private key.
constexpr std::string_view mark = "nova-keys-2", first_mark = "nova-keys-1";

std::string_view take_word(std::string_view& text) {
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

bool read_time(std::string_view text, core::Timestamp& time) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), time.ms);
  return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
}

core::Error damaged(std::string message) { return core::refusal("auth.keys_damaged", std::move(message)); }

}  // namespace

void KeyRing::add(Retired retired) {
  retired_.insert(retired_.begin(), std::move(retired));
  if (retired_.size() <= retired_keys_max) return;
  retired_.erase(std::min_element(retired_.begin(), retired_.end(),
                                  [](const Retired& a, const Retired& b) { return a.until < b.until; }));
}

void KeyRing::rotate(Ed25519Key next, core::Timestamp former_until, core::Timestamp since) {
  if (next.id() == signing_.id()) return;  // asked twice
  const auto returns = [&](const Retired& retired) { return retired.key.id() == next.id(); };
  retired_.erase(std::remove_if(retired_.begin(), retired_.end(), returns), retired_.end());
  add({signing_.public_key(), former_until});
  signing_ = std::move(next);
  since_ = since;
}

void KeyRing::forget_expired(core::Timestamp now) {
  const auto over = [&](const Retired& retired) { return now >= retired.until; };
  retired_.erase(std::remove_if(retired_.begin(), retired_.end(), over), retired_.end());
}

const Ed25519PublicKey* KeyRing::find(std::string_view id, core::Timestamp now) const {
  if (id == signing_.id()) return &signing_.public_key();
  for (const auto& retired : retired_)
    if (retired.key.id() == id && now < retired.until) return &retired.key;
  return nullptr;
}

std::string KeyRing::to_jwk_set(core::Timestamp now) const {
  std::string json;
  core::JsonWriter writer(json);
  writer.object().key("keys").array().raw(signing_.public_key().to_jwk());
  for (const auto& retired : retired_)
    if (now < retired.until) writer.raw(retired.key.to_jwk());
  writer.end().end();
  return json;
}

SecretBytes KeyRing::serialise() const {
  std::string text(mark);
  text.reserve(64 + 43 + retired_.size() * 72);
  const auto seed = signing_.seed();
  text.append(" ").append(SecretBytes(to_base64url(seed.view())).view());
  text.append(" ").append(std::to_string(since_.ms));
  for (const auto& retired : retired_)
    text.append(" ").append(to_base64url(retired.key.bytes())).append(":").append(std::to_string(retired.until.ms));
  return SecretBytes(std::move(text));
}

core::Result<KeyRing> KeyRing::parse(std::string_view text) {
  const auto form = text.size() > 4096 ? std::string_view() : take_word(text);
  if (form != mark && form != first_mark) return damaged("the keys of tokens have an unknown form");
  auto seed_bytes = from_base64url(take_word(text));
  const SecretBytes seed(seed_bytes ? std::move(*seed_bytes) : std::string());
  auto signing = Ed25519Key::from_seed(seed.view());
  if (!signing) return damaged("the signing key is damaged");
  core::Timestamp since;
  if (form == mark && !read_time(take_word(text), since)) return damaged("nobody knows how old the signing key is");
  KeyRing ring(std::move(*signing), since);
  while (!text.empty()) {
    const auto word = take_word(text);
    const auto colon = word.find(':');
    if (colon == std::string_view::npos) return damaged("a retired key is damaged");
    const auto bytes = from_base64url(word.substr(0, colon));
    auto key = bytes ? Ed25519PublicKey::from(*bytes) : std::nullopt;
    core::Timestamp until;
    if (!key || !read_time(word.substr(colon + 1), until) || ring.retired_.size() == retired_keys_max)
      return damaged("a retired key is damaged");
    ring.retired_.push_back({std::move(*key), until});
  }
  return ring;
}

}  // namespace nova::credentials
