#include "node/log.hpp"

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/time.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <sys/stat.h>

#include <mutex>

namespace nova::node {
namespace {

struct Target {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format = LogFormat::console;
  std::string file;
};

std::mutex mutex;
Target target;

spdlog::level::level_enum level_of(LogLevel level) {
  constexpr spdlog::level::level_enum levels[] = {spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                                  spdlog::level::warn, spdlog::level::err};
  return levels[std::size_t(level)];
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& file) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (file.empty())
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  else
    sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
  auto logger = std::make_shared<spdlog::logger>("novad", sink);
  logger->set_pattern("%v");
  logger->flush_on(spdlog::level::trace);  // a line that was lost in a crash is the one that was needed
  if (!file.empty()) ::chmod(file.c_str(), 0640);
  return logger;
}

std::string as_json(LogLevel level, std::string_view message, const LogFields& fields) {
  std::string line;
  core::JsonWriter json(line);
  json.object();
  json.field("time", core::to_rfc3339(core::system_clock().now()));
  json.field("level", core::name_of(level));
  json.field("message", core::printable(message));
  for (const auto& [name, value] : fields) json.field(name, core::printable(value));
  json.end();
  return line;
}

std::string as_text(LogLevel level, std::string_view message, const LogFields& fields) {
  std::string line = core::to_rfc3339(core::system_clock().now()) + " " + std::string(core::name_of(level)) + " ";
  line += core::printable(message);
  for (const auto& [name, value] : fields) line += " " + name + "=" + core::printable(value);
  return line;
}

}  // namespace

core::Status open_log(const LogPart& part, const std::string& file) {
  std::lock_guard lock(mutex);
  try {
    target.logger = make_logger(file);
  } catch (const spdlog::spdlog_ex& e) {
    return core::unavailable("log.cannot_open", "`" + file + "`: " + e.what());
  }
  target.format = part.format;
  target.file = file;
  target.logger->set_level(level_of(part.level));
  return core::ok();
}

void set_log_level(LogLevel level) {
  std::lock_guard lock(mutex);
  if (target.logger) target.logger->set_level(level_of(level));
}

void reopen_log() {
  std::lock_guard lock(mutex);
  if (!target.logger || target.file.empty()) return;
  const auto level = target.logger->level();
  try {
    target.logger = make_logger(target.file);
    target.logger->set_level(level);
  } catch (const spdlog::spdlog_ex&) {
    // The old file goes on being written, which loses nothing.
  }
}

void log(LogLevel level, std::string_view message, const LogFields& fields) {
  std::shared_ptr<spdlog::logger> logger;
  LogFormat format;
  {
    std::lock_guard lock(mutex);
    logger = target.logger;
    format = target.format;
  }
  if (!logger || !logger->should_log(level_of(level))) return;
  logger->log(level_of(level), "{}",
              format == LogFormat::json ? as_json(level, message, fields) : as_text(level, message, fields));
}

}  // namespace nova::node
