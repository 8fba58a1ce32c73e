// Where the sealed bytes of a vault lie: beside a node in a file, or in a database that several nodes share. A shelf
// knows no key; what stands on it is of no use without one.
#pragma once
#include "core/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace nova::store {

/// Any thread. A change is durable when it returns. Errors: `vault.unavailable`, `vault.damaged`, `store.unavailable`.
class Shelf {
 public:
  /// One version of a secret, or one generation of a subject's key.
  struct Row {
    std::uint64_t number = 0;
    std::optional<std::string> sealed;  ///< none: destroyed; its number is never given again
  };
  /// By what a key is known that may open the rest.
  struct Mark {
    std::string fingerprint;  ///< of the key; empty on shelves that were made before there was one
    std::string sealed;       ///< a known text under the key
  };
  using Take = std::function<core::Status(const std::string& name, const Row& row)>;

  virtual ~Shelf() = default;
  virtual std::string shown() const = 0;  ///< for errors: without user and password

  virtual core::Result<std::optional<Mark>> mark() const = 0;
  /// The first one stays; a later one changes nothing.
  virtual core::Status put_mark(const Mark& mark) = 0;

  virtual core::Result<std::optional<Row>> newest(const std::string& path) const = 0;
  /// The newest version that was not destroyed.
  virtual core::Result<std::optional<Row>> newest_kept(const std::string& path) const = 0;
  virtual core::Result<std::optional<Row>> version(const std::string& path, std::uint64_t number) const = 0;
  /// False when there is such a version already; it stays as it is.
  virtual core::Result<bool> add(const std::string& path, const Row& row) = 0;
  /// `number` 0: all versions. False when there is none, destroyed or not.
  virtual core::Result<bool> destroy(const std::string& path, std::uint64_t number) = 0;

  virtual core::Result<std::optional<Row>> subject(const std::string& name) const = 0;
  /// False when the subject has this generation or a later one.
  virtual core::Result<bool> add_subject(const std::string& name, const Row& row) = 0;
  virtual core::Status forget(const std::string& name) = 0;

  /// Makes the changes of `changes` durable together, at its end; for who is alone with the shelf and has many.
  virtual core::Status in_one(const std::function<core::Status()>& changes) { return changes(); }

  /// Everything, in order of name and number; the first error of `take` ends it. What is changed meanwhile may be told
  /// as it was or as it is.
  virtual core::Status each_secret(const Take& take) const = 0;
  virtual core::Status each_subject(const Take& take) const = 0;
};

/// All that stands on `from`, put on `into`. What is there already stays. Answers how many rows of `from` are not on
/// `into` afterwards as they are on `from`.
core::Result<std::uint64_t> copy_shelf(const Shelf& from, Shelf& into);

}  // namespace nova::store
