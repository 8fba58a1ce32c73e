// A connection to PostgreSQL. Private to this folder; one thread at a time, save what is the watchdog's.
#pragma once
#include "core/error.hpp"
#include "core/result.hpp"
#include "store/damage.hpp"
#include "store/postgres/connection/params.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::store::postgres {

class Watchdog;

/// Where the database is and how long anything may take there.
struct Target {
  std::string url;            ///< of libpq: "postgresql://..." or "host=... dbname=..."
  std::string password_file;  ///< empty: what libpq finds by itself (PGPASSFILE, ~/.pgpass)
  std::chrono::milliseconds statement_timeout{30'000};
  std::chrono::milliseconds lock_timeout{10'000};
  std::chrono::seconds connect_timeout{5};
  Watchdog* watchdog = nullptr;  ///< watches every session while it lives; may be none
  Damage* damage = nullptr;      ///< where damage is told that a reader or the writer met

  /// For errors and logs: without user and password.
  std::string shown() const;
};

/// The first thing that went wrong on a session.
struct Fault {
  std::string state;    ///< SQLSTATE, or empty
  std::string message;  ///< the server's first line
  bool lost = false;    ///< the connection is gone; what a statement under way did is not known
};

/// The rows of one answer. Cells are counted from 0.
class Rows {
 public:
  Rows();
  ~Rows();
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  std::string_view view(std::size_t row, int column) const;
  std::string text(std::size_t row, int column) const { return std::string(view(row, column)); }
  std::int64_t integer(std::size_t row, int column) const;
  std::uint64_t count(std::size_t row, int column) const { return static_cast<std::uint64_t>(integer(row, column)); }
  bool boolean(std::size_t row, int column) const { return view(row, column) == "t"; }
  bool null(std::size_t row, int column) const;
  std::string blob(std::size_t row, int column) const;               ///< of bytea in hex
  std::vector<std::string> list(std::size_t row, int column) const;  ///< of an array

 private:
  friend class Session;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// After the first failure a session runs nothing more until `clear_fault`: a sequence is checked once, at its end.
class Session {
 public:
  enum class Role : std::uint8_t { own, owner, writer, reader, tail };

  /// Connects, takes the role, sets time limits. Errors: `store.unavailable`, `store.unauthorised`.
  static core::Result<std::unique_ptr<Session>> open(const Target& target, Role role);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Prepared at first use and kept, found by the address of the literal.
  Rows ask(const char* sql, const Params& params = {});
  /// One or more statements without parameters or rows that matter.
  bool run(const std::string& sql);

  const std::optional<Fault>& fault() const { return fault_; }
  bool failed() const { return fault_.has_value(); }
  void clear_fault() { fault_.reset(); }
  /// A session whose connection is gone stays failed.
  void clear_fault_unless_lost();
  bool lost() const { return fault_ && fault_->lost; }

  int server_version() const;  ///< 150018
  /// Listens on `channel`; `heard` answers the payloads that came since, without waiting.
  bool listen(const std::string& channel);
  std::vector<std::string> heard();
  int socket() const;

  /// For the watchdog, on its thread: how long a statement has been under way, and the end of the connection from
  /// outside, by which a server that no longer answers becomes a lost connection.
  std::chrono::milliseconds busy_for() const;
  void hang_up() const;

 private:
  Session();
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::optional<Fault> fault_;
  std::atomic<std::int64_t> busy_since_ms_ = 0;
  Watchdog* watchdog_ = nullptr;
};

/// The error that a reader sees.
/// A page of the server does not match its checksum, or an index its table (XX001, XX002).
bool is_damage(const Fault& fault);
core::Error unreadable(const Fault& fault, const Target& target);

}  // namespace nova::store::postgres
