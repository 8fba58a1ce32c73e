#include "store/postgres/connection/session.hpp"

#include "store/postgres/connection/watchdog.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <charconv>
#include <functional>
#include <pqxx/pqxx>
#include <unordered_map>

namespace nova::store::postgres {
namespace {

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// libpqxx 6 calls values in binary form binarystring, libpqxx 7 bytes_view.
pqxx::result exec_prepared(pqxx::nontransaction& work, const std::string& name, const Params& params) {
#if PQXX_VERSION_MAJOR >= 7
  pqxx::params values;
  for (const auto& value : params.values())
    values.append(pqxx::bytes_view(reinterpret_cast<const std::byte*>(value.data()), value.size()));
#if PQXX_VERSION_MAJOR > 7 || PQXX_VERSION_MINOR >= 10
  return work.exec(pqxx::prepped{name}, values);
#else
  return work.exec_prepared(name, values);
#endif
#else
  std::vector<pqxx::binarystring> values;
  values.reserve(params.values().size());
  for (const auto& value : params.values()) values.emplace_back(value.data(), value.size());
  return work.exec_prepared(name, pqxx::prepare::make_dynamic_params(values));
#endif
}

// A broken connection is told to our reader by an error; libpqxx 6 would quietly make a new one, without our settings.
void keep_broken(pqxx::connection& connection) {
#if PQXX_VERSION_MAJOR < 7
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
#else
  (void)connection;
#endif
}

std::string first_line(std::string_view text) {
  if (text.starts_with("ERROR:")) text.remove_prefix(6);
  if (text.starts_with("FATAL:")) text.remove_prefix(6);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return core::printable(text.substr(0, text.find('\n')));
}

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string percent(const std::string& value) {
  std::string out;
  for (const unsigned char c : value) {
    if (std::isalnum(c)) {
      out += static_cast<char>(c);
      continue;
    }
    out += '%';
    out += "0123456789ABCDEF"[c >> 4];
    out += "0123456789ABCDEF"[c & 15];
  }
  return out;
}

bool is_uri(const std::string& url) { return url.starts_with("postgresql://") || url.starts_with("postgres://"); }

// What the operator wrote stands; ours is added where he said nothing.
std::string with_setting(const std::string& url, const std::string& name, const std::string& value) {
  if (url.find(name + "=") != std::string::npos) return url;
  if (!is_uri(url)) return url + " " + name + "=" + quoted(value);
  return url + (url.find('?') == std::string::npos ? "?" : "&") + name + "=" + percent(value);
}

core::Result<std::string> read_password(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info {};
  if (fd < 0 || fstat(fd, &info) != 0) {
    if (fd >= 0) ::close(fd);
    return core::unavailable("store.no_password", "the password file `" + file + "` cannot be read")
        .fix("write the password there, readable by the node's user only");
  }
  std::array<char, 1024> bytes;
  const auto size = ::read(fd, bytes.data(), bytes.size());
  ::close(fd);
  if ((info.st_mode & 077) != 0)
    return core::unavailable("store.password_exposed", "the password file `" + file + "` is readable by others")
        .fix("chmod 600 " + file);
  std::string password(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!password.empty() && (password.back() == '\n' || password.back() == '\r')) password.pop_back();
  return password;
}

core::Result<std::string> connection_text(const Target& target) {
  auto url = target.url;
  if (!target.password_file.empty()) {
    auto password = read_password(target.password_file);
    if (!password) return password;
    url = with_setting(url, "password", *password);
  }
  // A peer that vanished without a word is noticed within half a minute.
  url = with_setting(url, "connect_timeout", std::to_string(target.connect_timeout.count()));
  url = with_setting(url, "keepalives_idle", "10");
  url = with_setting(url, "keepalives_interval", "5");
  url = with_setting(url, "keepalives_count", "3");
  url = with_setting(url, "tcp_user_timeout", "20000");
  url = with_setting(url, "application_name", "novad");
  url = with_setting(url, "client_encoding", "UTF8");
  return url;
}

const char* role_name(Session::Role role) {
  switch (role) {
    case Session::Role::owner:
      return "nova_owner";
    case Session::Role::writer:
      return "nova_writer";
    case Session::Role::reader:
      return "nova_reader";
    case Session::Role::tail:
      return "nova_tail";
    case Session::Role::own:
      break;
  }
  return nullptr;
}

}  // namespace

std::string Target::shown() const {
  auto text = url;
  if (is_uri(text)) {
    text = text.substr(0, text.find('?'));
    const auto begin = text.find("://") + 3;
    const auto at = text.find('@', begin);
    if (at != std::string::npos) text.erase(begin, at + 1 - begin);
    return core::printable(text);
  }
  // Words of the other form, all but what may be secret.
  std::string shown;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find(' ', from), text.size());
    const auto word = text.substr(from, end - from);
    if (word.starts_with("host=") || word.starts_with("port=") || word.starts_with("dbname="))
      shown += (shown.empty() ? "" : " ") + word;
    from = end + 1;
  }
  return core::printable(shown.empty() ? "PostgreSQL" : shown);
}

struct Rows::Impl {
  pqxx::result result;
};
Rows::Rows() = default;
Rows::~Rows() = default;
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;

std::size_t Rows::size() const { return impl_ ? static_cast<std::size_t>(impl_->result.size()) : 0; }

std::string_view Rows::view(std::size_t row, int column) const {
  const auto field = impl_->result[static_cast<pqxx::result::size_type>(row)][column];
  return {field.c_str(), static_cast<std::size_t>(field.size())};
}

std::int64_t Rows::integer(std::size_t row, int column) const {
  const auto text = view(row, column);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool Rows::null(std::size_t row, int column) const {
  return impl_->result[static_cast<pqxx::result::size_type>(row)][column].is_null();
}

std::string Rows::blob(std::size_t row, int column) const {
  const auto text = view(row, column);
  std::string bytes;
  if (!text.starts_with("\\x")) return bytes;
  bytes.resize(text.size() / 2 - 1);
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(digit(text[2 * i + 2]) << 4 | digit(text[2 * i + 3]));
  return bytes;
}

// Only for arrays of numbers and of names: "{1,2}", "{a/b/c,\"d e\"}".
std::vector<std::string> Rows::list(std::size_t row, int column) const {
  std::vector<std::string> items;
  auto text = view(row, column);
  if (text.size() <= 2) return items;
  text = text.substr(1, text.size() - 2);
  std::string item;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      item += text[++i];
    else if (text[i] == '"')
      inside = !inside;
    else if (text[i] == ',' && !inside) {
      items.push_back(std::move(item));
      item.clear();
    } else
      item += text[i];
  }
  items.push_back(std::move(item));
  return items;
}

struct Session::Impl {
  explicit Impl(const std::string& url) : connection(url), quiet(connection) { keep_broken(connection); }

  class Ear final : public pqxx::notification_receiver {
   public:
    Ear(pqxx::connection& connection, const std::string& channel, std::vector<std::string>& heard)
        : pqxx::notification_receiver(connection, channel), heard_(heard) {}
    void operator()(const std::string& payload, int) override { heard_.push_back(payload); }

   private:
    std::vector<std::string>& heard_;
  };

  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet;  // notices are not for our stderr
  std::unordered_map<const void*, std::string> statements;
  std::vector<std::string> heard;
  std::unique_ptr<Ear> ear;
};

Session::Session() = default;
Session::~Session() {
  if (watchdog_) watchdog_->leave(*this);
}

namespace {

bool is_end_of_session(std::string_view state) {
  // The server ends the session; the answer to what was under way may have been lost.
  return state.starts_with("08") || state.starts_with("57P");
}

// libpqxx 6 leaves the state out of some of its own classes.
std::string state_of(const pqxx::sql_error& error) {
  if (!error.sqlstate().empty()) return error.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error)) return "42501";
  if (dynamic_cast<const pqxx::integrity_constraint_violation*>(&error)) return "23000";
  if (dynamic_cast<const pqxx::data_exception*>(&error)) return "22000";
  return {};
}

/// Runs `work` and turns what libpqxx throws into a fault.
template <class Work>
std::optional<Fault> attempt(const Work& work, const std::function<bool()>& still_open) {
  try {
    work();
    return std::nullopt;
  } catch (const pqxx::broken_connection& error) {
    return Fault{{}, first_line(error.what()), true};
  } catch (const pqxx::sql_error& error) {
    const auto state = state_of(error);
    return Fault{state, first_line(error.what()), is_end_of_session(state) || !still_open()};
  } catch (const std::exception& error) {
    return Fault{{}, first_line(error.what()), !still_open()};
  }
}

}  // namespace

core::Result<std::unique_ptr<Session>> Session::open(const Target& target, Role role) {
  auto url = connection_text(target);
  if (!url) return std::move(url).error();
  std::unique_ptr<Session> session(new Session());
  auto fault = attempt([&] { session->impl_ = std::make_unique<Impl>(*url); }, [] { return false; });
  if (fault) {
    // libpq shows an address that it cannot read, with all that stands in it.
    if (fault->message.find("connection to server") == std::string::npos)
      fault->message = "the address is not one that libpq understands";
    const bool refused = fault->message.find("password") != std::string::npos ||
                         fault->message.find("authentication") != std::string::npos ||
                         fault->message.find("pg_hba") != std::string::npos;
    if (refused)
      return core::unavailable("store.unauthorised", "`" + target.shown() + "` refused us: " + fault->message)
          .fix("check the user of store.url, its password file, and pg_hba.conf of the server");
    return unreadable(*fault, target);
  }
  if (target.watchdog) {
    session->watchdog_ = target.watchdog;
    target.watchdog->enter(*session);
  }
  // Every statement here has an index that holds what it asks for. Plans are made once and kept, some of them while
  // tables are still empty, so they must not be plans for empty tables; nothing here is worth compiling either.
  session->run(
      "SET plan_cache_mode = force_generic_plan; SET jit = off; SET enable_seqscan = off; "
      "SET enable_hashjoin = off; SET enable_mergejoin = off; SET bytea_output = hex; "
      "SET idle_in_transaction_session_timeout = 30000; SET statement_timeout = " +
      std::to_string(target.statement_timeout.count()) +
      "; SET lock_timeout = " + std::to_string(target.lock_timeout.count()));
  if (const auto* name = role_name(role); name && !session->failed()) session->run(std::string("SET ROLE ") + name);
  if (!session->failed()) return session;
  if (session->fault()->state == "42501" || session->fault()->state == "22023")
    return core::unavailable("store.unauthorised", "the user of store.url may not act as `" +
                                                       std::string(role_name(role)) + "` in `" + target.shown() +
                                                       "`: " + session->fault()->message)
        .fix("grant it that role; docs/postgres.md has the commands");
  return unreadable(*session->fault(), target);
}

Rows Session::ask(const char* sql, const Params& params) {
  Rows rows;
  if (failed()) return rows;
  busy_since_ms_ = steady_ms();
  fault_ = attempt(
      [&] {
        auto& name = impl_->statements[sql];
        if (name.empty()) {
          name = "s" + std::to_string(impl_->statements.size());
          impl_->connection.prepare(name, sql);
        }
        pqxx::nontransaction work(impl_->connection);
        rows.impl_ = std::make_unique<Rows::Impl>();
        rows.impl_->result = exec_prepared(work, name, params);
      },
      [&] { return impl_->connection.is_open(); });
  busy_since_ms_ = 0;
  if (failed()) rows.impl_.reset();
  return rows;
}

bool Session::run(const std::string& sql) {
  if (failed()) return false;
  busy_since_ms_ = steady_ms();
  fault_ = attempt(
      [&] {
        pqxx::nontransaction work(impl_->connection);
        work.exec(sql);
      },
      [&] { return impl_->connection.is_open(); });
  busy_since_ms_ = 0;
  return !failed();
}

void Session::clear_fault_unless_lost() {
  if (!fault_ || fault_->lost) return;
  fault_.reset();
  // A transaction that failed half way would swallow what comes next; without one this is a mere warning.
  run("ROLLBACK");
}

int Session::server_version() const { return impl_->connection.server_version(); }

bool Session::listen(const std::string& channel) {
  if (failed()) return false;
  fault_ = attempt([&] { impl_->ear = std::make_unique<Impl::Ear>(impl_->connection, channel, impl_->heard); },
                   [&] { return impl_->connection.is_open(); });
  return !failed();
}

std::vector<std::string> Session::heard() {
  if (failed()) return {};
  fault_ = attempt([&] { impl_->connection.get_notifs(); }, [&] { return impl_->connection.is_open(); });
  return std::exchange(impl_->heard, {});
}

int Session::socket() const { return impl_->connection.sock(); }

std::chrono::milliseconds Session::busy_for() const {
  const auto since = busy_since_ms_.load();
  return std::chrono::milliseconds(since == 0 ? 0 : steady_ms() - since);
}

void Session::hang_up() const {
  const int fd = impl_->connection.sock();
  if (fd >= 0) shutdown(fd, SHUT_RDWR);
}

bool is_damage(const Fault& fault) { return fault.state == "XX001" || fault.state == "XX002"; }

core::Error unreadable(const Fault& fault, const Target& target) {
  if (fault.state == "57014")
    return core::unavailable("store.unavailable", "`" + target.shown() + "` took too long: " + fault.message)
        .fix("try again, or ask for less at once");
  if (is_damage(fault))
    return core::unavailable("store.damaged", "`" + target.shown() + "` is damaged: " + fault.message)
        .fix("stop the nodes, check the server's disk, restore the newest backup");
  return core::unavailable("store.unavailable", "`" + target.shown() + "` does not answer: " + fault.message)
      .fix("check that PostgreSQL runs and can be reached from here");
}

}  // namespace nova::store::postgres
