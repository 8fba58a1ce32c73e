#include "core/ids.hpp"
#include "store/shelf.hpp"
#include "store/vault.hpp"
#include "store/vault/key_file.hpp"
#include "store/vault/shelves.hpp"
#include "store/vault/subject_cipher.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>
#include <unordered_map>

namespace nova::store {
namespace {

using vault::Key;
using vault::SubjectCipher;
using Row = Shelf::Row;

constexpr std::string_view scheme = "secret://";
constexpr std::size_t path_bytes_max = 512;
constexpr std::size_t value_bytes_max = 64 * 1024;
/// Ciphers kept ready, some 200 bytes each: subjects of entities that are busy.
constexpr std::size_t ciphers_max = 4096;
/// Who seals at the same path at the same time on another node is waited for this often.
constexpr int races_max = 16;
/// Sealed under the node key at the first start: a vault that another key made is noticed before anything is sealed.
constexpr std::string_view check_text = "nova vault 1";
constexpr std::string_view check_bound_to = "check";

struct Reference {
  std::string path;
  std::uint64_t version = 0;
};

std::string text_of(const Reference& reference) {
  return std::string(scheme) + reference.path + "@" + std::to_string(reference.version);
}
std::string bound_to(const Reference& reference) {
  return "secret:" + reference.path + "@" + std::to_string(reference.version);
}
std::string subject_bound_to(const std::string& subject, std::uint64_t generation) {
  return "key:" + subject + "@" + std::to_string(generation);
}

std::optional<Reference> parse(std::string_view text) {
  const auto at = text.rfind('@');
  if (!text.starts_with(scheme) || at == std::string_view::npos || at <= scheme.size()) return std::nullopt;
  Reference reference{std::string(text.substr(scheme.size(), at - scheme.size())), 0};
  const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), reference.version);
  if (error != std::errc() || end != text.data() + text.size() || reference.version == 0) return std::nullopt;
  return reference;
}

bool is_path(std::string_view path) {
  return !path.empty() && path.size() <= path_bytes_max &&
         std::none_of(path.begin(), path.end(), [](unsigned char c) { return c <= 0x20 || c == '@' || c == 0x7f; });
}

core::Error damaged(const std::string& what) {
  return core::unavailable("vault.damaged", what + " cannot be opened: it was changed, or sealed under another key")
      .fix("restore the vault and its key file from the same backup");
}
core::Error contended(const std::string& what) {
  return core::unavailable("vault.unavailable", "others seal at `" + core::printable(what) + "` without an end")
      .fix("try again");
}
core::Error not_found(const std::string& what) {
  return core::refusal("secret.not_found", "no secret `" + core::printable(what) + "`");
}

class SealedVault final : public Vault {
 public:
  SealedVault(std::unique_ptr<Shelf> shelf, const Key& key) : shelf_(std::move(shelf)), key_(key) {}

  core::Result<std::string> seal(const std::string& path, std::string_view value) override {
    if (!is_path(path)) return core::invalid_input("path", "must be 1 to 512 bytes without spaces and `@`");
    if (value.size() > value_bytes_max) return core::invalid_input("value", "must be at most 64 KiB");
    for (int race = 0; race < races_max; ++race) {
      auto row = shelf_->newest(path);
      if (!row) return std::move(row).error();
      Reference newest{path, *row ? (**row).number : 0};
      if (*row && (**row).sealed) {
        auto plain = vault::open(key_, *(**row).sealed, bound_to(newest));
        const bool unchanged = plain && vault::same(*plain, value);
        if (plain) vault::wipe(*plain);
        if (unchanged) return text_of(newest);
      }
      ++newest.version;
      auto added = shelf_->add(path, {newest.version, vault::seal(key_, value, bound_to(newest))});
      if (!added) return std::move(added).error();
      if (*added) return text_of(newest);
    }
    return contended(path);
  }

  core::Result<std::string> seal_first(const std::string& path, std::string_view value) override {
    if (!is_path(path)) return core::invalid_input("path", "must be 1 to 512 bytes without spaces and `@`");
    if (value.size() > value_bytes_max) return core::invalid_input("value", "must be at most 64 KiB");
    for (int race = 0; race < races_max; ++race) {
      auto kept = newest(path);
      if (!kept) return std::move(kept).error();
      if (*kept) return std::move(**kept);
      auto row = shelf_->newest(path);
      if (!row) return std::move(row).error();
      const Reference first{path, (*row ? (**row).number : 0) + 1};
      auto added = shelf_->add(path, {first.version, vault::seal(key_, value, bound_to(first))});
      if (!added) return std::move(added).error();
      if (*added) return text_of(first);
    }
    return contended(path);
  }

  core::Result<std::string> reveal(const std::string& reference) const override {
    const auto parsed = parse(reference);
    if (!parsed) return not_found(reference);
    auto row = shelf_->version(parsed->path, parsed->version);
    if (!row) return std::move(row).error();
    if (!*row) return not_found(reference);
    if (!(**row).sealed) {
      auto error = core::refusal("secret.destroyed", "the secret `" + core::printable(reference) + "` was destroyed");
      error.status = 410;
      return error;
    }
    auto plain = vault::open(key_, *(**row).sealed, bound_to(*parsed));
    if (!plain) return damaged("the secret `" + core::printable(reference) + "`");
    return std::move(*plain);
  }

  core::Result<std::optional<std::string>> newest(const std::string& path) const override {
    auto row = shelf_->newest_kept(path);
    if (!row) return std::move(row).error();
    if (!*row) return std::optional<std::string>();
    return std::optional<std::string>(text_of({path, (**row).number}));
  }

  core::Status destroy(const std::string& path) override { return destroy_rows(path, 0, path); }

  core::Status destroy_version(const std::string& reference) override {
    const auto parsed = parse(reference);
    if (!parsed) return not_found(reference);
    return destroy_rows(parsed->path, parsed->version, reference);
  }

  core::Result<std::shared_ptr<const core::FieldCipher>> subject(const std::string& subject) override {
    if (!is_path(subject)) return core::invalid_input("subject", "must be 1 to 512 bytes without spaces and `@`");
    {
      std::lock_guard lock(ciphers_mutex_);
      if (const auto ready = ciphers_.find(subject); ready != ciphers_.end())
        return std::shared_ptr<const core::FieldCipher>(ready->second);
    }
    // Nobody forgets a subject between its key's being read and its cipher's being known.
    std::lock_guard lock(subjects_mutex_);
    for (int race = 0; race < races_max; ++race) {
      auto row = shelf_->subject(subject);
      if (!row) return std::move(row).error();
      const auto generation = *row ? (**row).number : 0;
      if (*row && (**row).sealed) {
        auto bytes = vault::open(key_, *(**row).sealed, subject_bound_to(subject, generation));
        auto key = bytes ? Key::from(*bytes) : std::nullopt;
        if (!key) return damaged("the key of `" + core::printable(subject) + "`");
        return remember(subject, generation, *key);
      }
      const auto key = Key::random();
      const auto next = generation + 1;
      auto added = shelf_->add_subject(subject, {next, vault::seal(key_, key.view(), subject_bound_to(subject, next))});
      if (!added) return std::move(added).error();
      if (*added) return remember(subject, next, key);
    }
    return contended(subject);
  }

  core::Status forget(const std::string& subject) override {
    std::lock_guard lock(subjects_mutex_);
    if (auto forgotten = shelf_->forget(subject); !forgotten) return forgotten;
    std::lock_guard ciphers_lock(ciphers_mutex_);
    if (const auto ready = ciphers_.find(subject); ready != ciphers_.end()) {
      ready->second->forget();
      ciphers_.erase(ready);
    }
    return core::ok();
  }

 private:
  core::Status destroy_rows(const std::string& path, std::uint64_t version, const std::string& what) {
    auto destroyed = shelf_->destroy(path, version);
    if (!destroyed) return std::move(destroyed).error();
    if (!*destroyed) return not_found(what);
    return core::ok();
  }

  std::shared_ptr<const core::FieldCipher> remember(const std::string& subject, std::uint64_t generation,
                                                    const Key& key) {
    std::lock_guard lock(ciphers_mutex_);
    const auto ready = ciphers_.find(subject);
    if (ready != ciphers_.end()) return ready->second;
    // Ciphers that are in use elsewhere stay, since `forget` must reach them.
    if (ciphers_.size() >= ciphers_max)
      std::erase_if(ciphers_, [](const auto& entry) { return entry.second.use_count() == 1; });
    auto cipher = std::make_shared<SubjectCipher>(subject, generation, key);
    ciphers_[subject] = cipher;
    return cipher;
  }

  const std::unique_ptr<Shelf> shelf_;
  const Key key_;
  std::mutex subjects_mutex_;  // before the other
  std::mutex ciphers_mutex_;
  std::unordered_map<std::string, std::shared_ptr<SubjectCipher>> ciphers_;
};

class NoVault final : public Vault {
 public:
  explicit NoVault(core::Error why) : why_(std::move(why)) {}

  core::Result<std::string> seal(const std::string&, std::string_view) override { return why_; }
  core::Result<std::string> seal_first(const std::string&, std::string_view) override { return why_; }
  core::Result<std::string> reveal(const std::string&) const override { return why_; }
  core::Result<std::optional<std::string>> newest(const std::string&) const override { return why_; }
  core::Status destroy(const std::string&) override { return why_; }
  core::Status destroy_version(const std::string&) override { return why_; }
  core::Result<std::shared_ptr<const core::FieldCipher>> subject(const std::string&) override { return why_; }
  core::Status forget(const std::string&) override { return why_; }
  core::Status usable() const override { return why_; }

 private:
  const core::Error why_;
};

core::Error sealed(const std::string& message, const Shelf::Mark& mark) {
  auto error = core::unavailable("vault.sealed", message);
  error.retryable = false;
  if (!mark.fingerprint.empty()) error.details.emplace_back("fingerprint", mark.fingerprint);
  return std::move(error).fix(
      mark.fingerprint.empty()
          ? "put the right key file back from where keys are kept, and start the node again"
          : "copy node.key from a node that serves this store, or from where keys are kept (its fingerprint is `" +
                mark.fingerprint + "`), and start the node again");
}

core::Status check(const Shelf::Mark& mark, const Key& key, const Shelf& shelf, const std::string& key_file) {
  if (vault::open(key, mark.sealed, check_bound_to)) return core::ok();
  return sealed("the key in `" + key_file + "` (fingerprint `" + vault::fingerprint(key) +
                    "`) is not the one that sealed `" + shelf.shown() + "`",
                mark);
}

core::Result<Key> key_for(Shelf& shelf, const std::string& key_file) {
  auto stored = vault::read_key(key_file);
  if (!stored) return std::move(stored).error();
  auto mark = shelf.mark();
  if (!mark) return std::move(mark).error();
  if (!*stored && *mark)
    return sealed("there is no key file `" + key_file + "`, and without it `" + shelf.shown() + "` cannot be opened",
                  **mark);
  auto key = *stored ? core::Result<Key>(**stored) : vault::make_key(key_file);
  if (!key) return key;
  if (!*mark) {
    const Shelf::Mark made{vault::fingerprint(*key), vault::seal(*key, check_text, check_bound_to)};
    if (auto put = shelf.put_mark(made); !put) return std::move(put).error();
    // Another node may have been quicker, with another key.
    mark = shelf.mark();
    if (!mark) return std::move(mark).error();
  }
  if (!*mark) return core::unavailable("vault.unavailable", "`" + shelf.shown() + "` keeps nothing").fix("see its log");
  if (auto same = check(**mark, *key, shelf, key_file); !same) return std::move(same).error();
  return key;
}

}  // namespace

core::Result<std::unique_ptr<Vault>> open_vault(std::unique_ptr<Shelf> shelf, const std::string& key_file) {
  auto key = key_for(*shelf, key_file);
  if (!key) return std::move(key).error();
  return std::unique_ptr<Vault>(std::make_unique<SealedVault>(std::move(shelf), *key));
}

core::Result<std::unique_ptr<Vault>> open_local_vault(const std::string& file, const std::string& key_file) {
  auto shelf = open_local_shelf(file);
  if (!shelf) return std::move(shelf).error();
  return open_vault(std::move(*shelf), key_file);
}

std::unique_ptr<Vault> make_sealed_vault(core::Error why) { return std::make_unique<NoVault>(std::move(why)); }

std::unique_ptr<Vault> make_memory_vault() {
  return std::make_unique<SealedVault>(vault::make_memory_shelf(), Key::random());
}

}  // namespace nova::store
