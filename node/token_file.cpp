#include "node/token_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace nova::node {
namespace {

constexpr std::size_t token_bytes = 32;

core::Error failed(const std::string& code, const std::string& file, const std::string& what) {
  return core::refusal(code, "`" + file + "`: " + what);
}

bool looks_right(const std::string& token, std::string_view prefix) {
  return token.size() == prefix.size() + 2 * token_bytes && token.starts_with(prefix) &&
         token.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
}

core::Result<std::string> make(const std::string& file, std::string_view prefix) {
  unsigned char random[token_bytes];
  if (::getrandom(random, sizeof random, 0) != ssize_t(sizeof random))
    return failed("token.cannot_write", file, "no random bytes from the kernel");
  std::string token(prefix);
  for (const unsigned char byte : random) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  const auto part = file + ".part";
  ::unlink(part.c_str());
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const auto line = token + "\n";
  const bool written = fd >= 0 && ::write(fd, line.data(), line.size()) == ssize_t(line.size()) && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written || ::rename(part.c_str(), file.c_str()) != 0)
    return failed("token.cannot_write", file, std::strerror(error));
  return token;
}

}  // namespace

core::Result<std::string> token_file(const std::string& file, std::string_view prefix) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    if (errno != ENOENT) return failed("token.damaged", file, std::strerror(errno));
    return make(file, prefix);
  }
  if ((info.st_mode & 077) != 0)
    return failed("token.exposed", file, "others may read it")
        .fix("chmod 600 " + file + ", or remove it to get a new one");
  std::ifstream in(file);
  std::string token;
  std::getline(in, token);
  if (!looks_right(token, prefix))
    return failed("token.damaged", file, "holds no token").fix("remove it to get a new one");
  return token;
}

core::Timestamp written_at(const std::string& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) return {};
  return {std::int64_t(info.st_mtim.tv_sec) * 1000 + info.st_mtim.tv_nsec / 1'000'000};
}

core::Result<std::string> secret_file(const std::string& file) {
  struct stat info {};
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 || ::fstat(fd, &info) != 0) {
    const int error = errno;
    if (fd >= 0) ::close(fd);
    return failed("secret.unreadable", file, std::strerror(error));
  }
  char text[secret_bytes_max + 1];
  const auto size = ::read(fd, text, sizeof text);
  ::close(fd);
  if ((info.st_mode & 077) != 0) return failed("secret.exposed", file, "others may read it").fix("chmod 600 " + file);
  std::string secret(text, std::size_t(size < 0 ? 0 : size));
  ::explicit_bzero(text, sizeof text);
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty() || secret.size() > secret_bytes_max)
    return failed("secret.unreadable", file, "must hold 1 to " + std::to_string(secret_bytes_max) + " bytes");
  return secret;
}

}  // namespace nova::node
