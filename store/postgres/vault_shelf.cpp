#include "store/postgres/vault_shelf.hpp"

#include "store/postgres/connection/read_pool.hpp"
#include "store/postgres/connection/watchdog.hpp"
#include "store/postgres/texts.hpp"

#include <list>
#include <mutex>
#include <unordered_map>

namespace nova::store {
namespace {

using namespace postgres;

constexpr std::size_t connections = 2;
constexpr std::int64_t page_rows = 64;  // of up to 64 KiB each
constexpr std::size_t remembered_bytes_max = 4 * 1024 * 1024;
constexpr std::size_t remembered_entry_bytes = 128;  // what an entry takes beside its texts
constexpr std::int64_t newest_kept_one = -1;
constexpr std::chrono::seconds silence_after_limit{3};

constexpr auto get_mark = "SELECT r_fingerprint, r_sealed FROM nova.vault_mark_get()";
constexpr auto put_mark_sql = "SELECT nova.vault_mark_put($1, $2)";
constexpr auto get_secret = "SELECT r_version, r_sealed FROM nova.vault_get($1, $2)";
constexpr auto add_secret = "SELECT added FROM nova.vault_add($1, $2, $3, $4)";
constexpr auto destroy_secret = "SELECT known FROM nova.vault_destroy($1, $2)";
constexpr auto get_subject = "SELECT r_generation, r_sealed FROM nova.vault_subject_get($1)";
constexpr auto add_subject_sql = "SELECT added FROM nova.vault_subject_add($1, $2, $3, $4)";
constexpr auto forget_subject = "SELECT nova.vault_subject_forget($1)";
constexpr auto secrets_after = "SELECT r_path, r_version, r_sealed FROM nova.vault_secrets_after($1, $2, $3)";
constexpr auto subjects_after = "SELECT r_subject, r_generation, r_sealed FROM nova.vault_subjects_after($1, $2)";

Shelf::Row row_of(const Rows& rows, std::size_t at, int number_column) {
  Shelf::Row row{rows.count(at, number_column), std::nullopt};
  if (!rows.null(at, number_column + 1)) row.sealed = rows.blob(at, number_column + 1);
  return row;
}

/// Sealed secrets as they were read last, the oldest of which goes first.
class Remembered {
 public:
  void put(const std::string& path, const Shelf::Row& row) {
    std::lock_guard lock(mutex_);
    const auto name = name_of(path, row.number);
    drop(name);
    if (!row.sealed) return;
    order_.push_front({name, *row.sealed});
    entries_[name] = order_.begin();
    bytes_ += size_of(order_.front());
    while (bytes_ > remembered_bytes_max) drop(std::string(order_.back().name));
  }
  void forget(const std::string& path, std::uint64_t number) {
    std::lock_guard lock(mutex_);
    if (number != 0) return drop(name_of(path, number));
    for (auto at = order_.begin(); at != order_.end();) {
      const auto name = (at++)->name;
      if (name.starts_with(path + '@')) drop(name);
    }
  }
  std::optional<Shelf::Row> find(const std::string& path, std::uint64_t number) const {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(name_of(path, number));
    if (found == entries_.end()) return std::nullopt;
    return Shelf::Row{number, found->second->sealed};
  }

 private:
  struct Entry {
    std::string name, sealed;
  };
  static std::string name_of(const std::string& path, std::uint64_t number) {
    return path + '@' + std::to_string(number);
  }
  static std::size_t size_of(const Entry& entry) {
    return 2 * entry.name.size() + entry.sealed.size() + remembered_entry_bytes;
  }
  void drop(const std::string& name) {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return;
    bytes_ -= size_of(*found->second);
    order_.erase(found->second);
    entries_.erase(found);
  }

  mutable std::mutex mutex_;
  std::list<Entry> order_;  // the newest first
  std::unordered_map<std::string, std::list<Entry>::iterator> entries_;
  std::size_t bytes_ = 0;
};

class PostgresShelf final : public Shelf {
 public:
  explicit PostgresShelf(const PostgresOptions& options)
      : watchdog_(options.statement_timeout + silence_after_limit),
        target_(target_of(options, watchdog_)),
        pool_(target_, Session::Role::writer, connections) {}
  ~PostgresShelf() override { pool_.close(); }

  core::Status open() { return pool_.open(); }
  std::string shown() const override { return target_.shown(); }

  core::Result<std::optional<Mark>> mark() const override {
    return pool_.read([](Session& session) {
      const auto rows = session.ask(get_mark);
      return rows.empty() ? std::optional<Mark>() : Mark{rows.text(0, 0), rows.blob(0, 1)};
    });
  }
  core::Status put_mark(const Mark& mark) override {
    return done(pool_.read([&](Session& session) {
      session.ask(put_mark_sql, Params().text(mark.fingerprint).text(mark.sealed));
      return true;
    }));
  }

  core::Result<std::optional<Row>> newest(const std::string& path) const override { return secret(path, 0); }
  core::Result<std::optional<Row>> newest_kept(const std::string& path) const override {
    return secret(path, newest_kept_one);
  }
  core::Result<std::optional<Row>> version(const std::string& path, std::uint64_t number) const override {
    auto row = secret(path, std::int64_t(number));
    if (row && *row) remembered_.put(path, **row);
    if (row || row.error().code != "store.unavailable") return row;
    if (auto known = remembered_.find(path, number)) return known;
    return row;
  }
  core::Result<bool> add(const std::string& path, const Row& row) override {
    if (!is_text(path)) return not_text();
    return ask_one(add_secret, Params()
                                   .text(path)
                                   .int8(row.number)
                                   .text(row.sealed ? *row.sealed : std::string())
                                   .boolean(!row.sealed.has_value()));
  }
  core::Result<bool> destroy(const std::string& path, std::uint64_t number) override {
    if (!is_text(path)) return false;
    auto known = ask_one(destroy_secret, Params().text(path).int8(number));
    if (known) remembered_.forget(path, number);
    return known;
  }

  core::Result<std::optional<Row>> subject(const std::string& name) const override {
    if (!is_text(name)) return std::optional<Row>();
    return pool_.read([&](Session& session) { return first(session.ask(get_subject, Params().text(name))); });
  }
  core::Result<bool> add_subject(const std::string& name, const Row& row) override {
    if (!is_text(name)) return not_text();
    return ask_one(add_subject_sql, Params()
                                        .text(name)
                                        .int8(row.number)
                                        .text(row.sealed ? *row.sealed : std::string())
                                        .boolean(!row.sealed.has_value()));
  }
  core::Status forget(const std::string& name) override {
    if (!is_text(name)) return core::ok();
    return done(pool_.read([&](Session& session) {
      session.ask(forget_subject, Params().text(name));
      return true;
    }));
  }

  core::Status each_secret(const Take& take) const override {
    std::string path;
    std::int64_t number = 0;
    return each(
        take, 1,
        [&](Session& session) { return session.ask(secrets_after, Params().text(path).int8(number).int8(page_rows)); },
        [&](const std::string& name, const Row& row) { path = name, number = std::int64_t(row.number); });
  }
  core::Status each_subject(const Take& take) const override {
    std::string subject;
    return each(
        take, 1, [&](Session& session) { return session.ask(subjects_after, Params().text(subject).int8(page_rows)); },
        [&](const std::string& name, const Row&) { subject = name; });
  }

 private:
  static Target target_of(const PostgresOptions& options, Watchdog& watchdog) {
    Target target;
    target.url = options.url;
    target.password_file = options.password_file;
    target.statement_timeout = options.statement_timeout;
    target.lock_timeout = options.lock_timeout;
    target.watchdog = &watchdog;
    return target;
  }
  static core::Error not_text() { return core::invalid_input("path", "must be UTF-8 text"); }
  static core::Status done(core::Result<bool> result) {
    if (!result) return std::move(result).error();
    return core::ok();
  }
  static std::optional<Row> first(const Rows& rows) {
    if (rows.empty()) return std::nullopt;
    return row_of(rows, 0, 0);
  }

  core::Result<std::optional<Row>> secret(const std::string& path, std::int64_t number) const {
    if (!is_text(path)) return std::optional<Row>();
    return pool_.read(
        [&](Session& session) { return first(session.ask(get_secret, Params().text(path).int8(number))); });
  }
  core::Result<bool> ask_one(const char* sql, const Params& params) {
    return pool_.read([&](Session& session) {
      const auto rows = session.ask(sql, params);
      return !rows.empty() && rows.boolean(0, 0);
    });
  }
  template <class Read, class Note>
  core::Status each(const Take& take, int number_column, const Read& read, const Note& note) const {
    for (;;) {
      auto rows = pool_.read(read);
      if (!rows) return std::move(rows).error();
      for (std::size_t i = 0; i < rows->size(); ++i) {
        const auto name = rows->text(i, 0);
        const auto row = row_of(*rows, i, number_column);
        if (auto taken = take(name, row); !taken) return taken;
        note(name, row);
      }
      if (rows->size() < std::size_t(page_rows)) return core::ok();
    }
  }

  Watchdog watchdog_;
  const Target target_;
  mutable ReadPool pool_;
  mutable Remembered remembered_;
};

}  // namespace

core::Result<std::unique_ptr<Shelf>> open_postgres_shelf(const PostgresOptions& options) {
  auto shelf = std::make_unique<PostgresShelf>(options);
  if (auto opened = shelf->open(); !opened) return std::move(opened).error();
  return std::unique_ptr<Shelf>(std::move(shelf));
}

}  // namespace nova::store
