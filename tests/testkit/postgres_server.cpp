#include "tests/testkit/postgres_server.hpp"

#include "tests/testkit/await.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

namespace nova::testkit {
namespace {

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
};

// PostgreSQL refuses root; nobody is on every system.
User server_user() {
  if (geteuid() != 0) return {geteuid(), getegid()};
  const auto* nobody = getpwnam("nobody");
  if (!nobody) throw std::runtime_error("no user `nobody` to run PostgreSQL as");
  return {nobody->pw_uid, nobody->pw_gid};
}

// Debian keeps each version apart and puts none of it into PATH.
std::string find_programs() {
  if (const char* given = std::getenv("NOVA_POSTGRES_BIN")) return given;
  for (int version = 30; version >= 14; --version) {
    const auto folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
    if (access((folder + "/postgres").c_str(), X_OK) == 0) return folder;
  }
  throw std::runtime_error("no PostgreSQL server below /usr/lib/postgresql; ./dev test installs one");
}

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(std::vector<std::string> settings)
    : folder_(dir_.path().string()), settings_(std::move(settings)) {
  const auto user = server_user();
  if (chmod(folder_.c_str(), 0711) != 0 || mkdir((folder_ + "/pg").c_str(), 0700) != 0 ||
      (geteuid() == 0 && chown((folder_ + "/pg").c_str(), user.uid, user.gid) != 0))
    throw std::runtime_error("the folder of PostgreSQL cannot be made: " + folder_);
  folder_ += "/pg";
  make_cluster();
  start();
}

PostgresServer::~PostgresServer() { kill(); }

std::string PostgresServer::program(const std::string& name) const { return find_programs() + "/" + name; }

// Ends with us, also when we crash: SIGQUIT is the server's immediate shutdown, and its own children end with it.
pid_t PostgresServer::spawn(const std::vector<std::string>& arguments, const std::string& output) const {
  const auto user = server_user();
  const auto parent = getpid();
  std::vector<char*> argv;
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  const int log = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int none = open("/dev/null", O_RDONLY);
  dup2(none, 0);
  dup2(log, 1);
  dup2(log, 2);
  close_range(3, ~0U, 0);
  if (geteuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(user.gid) != 0 || setuid(user.uid) != 0)) _exit(126);
  std::signal(SIGPIPE, SIG_DFL);
  // After the change of user, which would take it back.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent || chdir(folder_.c_str()) != 0) _exit(126);
  execv(argv[0], argv.data());
  _exit(127);
}

void PostgresServer::make_cluster() {
  const auto log = folder_ + "/../initdb.log";
  const pid_t child = spawn({program("initdb"), "--pgdata=" + folder_ + "/data", "--username=owner", "--auth=trust",
                             "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"},
                            log);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error("initdb failed: " + text_of(log));
}

void PostgresServer::start() {
  std::vector<std::string> arguments{program("postgres"), "-D", folder_ + "/data", "-k", folder_};
  // No port of the machine is taken: the socket's folder is ours alone.
  for (const char* setting : {"listen_addresses=", "max_connections=200", "shared_buffers=128MB", "max_wal_size=1GB",
                              "logging_collector=off", "recovery_init_sync_method=syncfs"}) {
    arguments.emplace_back("-c");
    arguments.emplace_back(setting);
  }
  for (const auto& setting : settings_) {
    arguments.emplace_back("-c");
    arguments.push_back(setting);
  }
  const auto log = folder_ + "/../postgres.log";
  pid_ = spawn(arguments, log);
  const auto ready = [&] {
    int status = 0;
    if (pid_ < 0 || waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return true;
    }
    return PQping(admin_url().c_str()) == PQPING_OK;
  };
  if (!await(ready, std::chrono::seconds(30)) || pid_ < 0)
    throw std::runtime_error("PostgreSQL did not start: " + text_of(log));
}

void PostgresServer::kill() {
  if (pid_ < 0) return;
  signal(SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  // Its children notice by themselves; the data must be theirs no more before it is used again.
  const auto marker = folder_ + "/data/postmaster.pid";
  unlink(marker.c_str());
}

void PostgresServer::signal(int number) {
  std::vector<pid_t> all{pid_};
  DIR* processes = opendir("/proc");
  while (const auto* entry = processes ? readdir(processes) : nullptr) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::istringstream stat(text_of("/proc/" + std::string(entry->d_name) + "/stat"));
    std::string rest;
    std::getline(stat, rest, ')');
    char state = 0;
    pid_t parent = 0;
    if (stat >> state >> parent && parent == pid_) all.push_back(pid);
  }
  if (processes) closedir(processes);
  for (const auto pid : all) ::kill(pid, number);
}

std::string PostgresServer::url_of(const std::string& database) const {
  return "postgresql:///" + database + "?host=" + folder_ + "&user=owner";
}

std::string PostgresServer::as(const std::string& url, const std::string& user) {
  return url.substr(0, url.rfind("user=")) + "user=" + user;
}

std::string PostgresServer::make_database(const std::string& encoding) {
  const auto name = "d" + std::to_string(++made_);
  sql(admin_url(), "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING '" + encoding + "'");
  return url_of(name);
}

std::string PostgresServer::copy_database(const std::string& url) {
  const auto name = "d" + std::to_string(++made_);
  const auto begin = url.find(":///") + 4;
  const auto from = url.substr(begin, url.find('?') - begin);
  sql(admin_url(), "CREATE DATABASE " + name + " TEMPLATE " + from);
  return url_of(name);
}

void PostgresServer::drop_database(const std::string& url) {
  const auto begin = url.find(":///") + 4;
  sql(admin_url(), "DROP DATABASE " + url.substr(begin, url.find('?') - begin) + " WITH (FORCE)");
}

std::string PostgresServer::sql(const std::string& url, const std::string& statements) {
  const Connection connection(PQconnectdb(url.c_str()), PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const Answer answer(PQexec(connection.get(), statements.c_str()), PQclear);
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  if (PQntuples(answer.get()) == 0 || PQnfields(answer.get()) == 0) return {};
  return PQgetvalue(answer.get(), 0, 0);
}

}  // namespace nova::testkit
