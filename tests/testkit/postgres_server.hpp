// A real PostgreSQL of a test program's own: in a temporary folder, reached by a Unix socket there and by nothing else,
// run by an ordinary user (it refuses root), gone with the program however that ends.
#pragma once
#include "tests/testkit/temp_dir.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace nova::testkit {

class PostgresServer {
 public:
  /// Made at first use (about two seconds), stopped when the program ends.
  static PostgresServer& shared();

  /// `settings` stand after those of every test: {"fsync=off"}.
  explicit PostgresServer(std::vector<std::string> settings = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  /// A fresh, empty database; "postgresql:///<name>?host=<folder>&user=owner".
  std::string make_database(const std::string& encoding = "UTF8");
  /// A fresh database that is a copy of `url`'s, which nobody may be connected to.
  std::string copy_database(const std::string& url);
  void drop_database(const std::string& url);
  /// The same database for another user.
  static std::string as(const std::string& url, const std::string& user);

  /// Runs statements and answers the first cell, or "" without one; throws on an error, with its text.
  static std::string sql(const std::string& url, const std::string& statements);

  void kill();              ///< -9 to the server and what belongs to it, as in a crash
  void start();             ///< again, on the same data; ready when it returns
  void signal(int number);  ///< to all its processes
  const std::string& folder() const { return folder_; }
  std::string admin_url() const { return url_of("postgres"); }

 private:
  std::string url_of(const std::string& database) const;
  void make_cluster();
  pid_t spawn(const std::vector<std::string>& arguments, const std::string& output) const;
  std::string program(const std::string& name) const;

  TempDir dir_;
  std::string folder_;
  std::vector<std::string> settings_;
  pid_t pid_ = -1;
  int made_ = 0;
};

}  // namespace nova::testkit
