#include "gateway/session/body.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace nova::gateway {
namespace {

core::Error upload_failed(const std::string& folder, int cause) {
  return core::unavailable("gateway.upload_failed",
                           "the upload cannot be kept in `" + folder + "`: " + std::strerror(cause))
      .fix("make room there; the folder lies below `node.state_dir`");
}

}  // namespace

core::Result<std::shared_ptr<BodySink>> BodySink::open(Shared& shared, bool to_file, std::size_t) {
  std::shared_ptr<BodySink> sink(new BodySink(shared));
  if (!to_file) return sink;
  if (shared.uploads >= shared.options.uploads_max)
    return http_error(503, "http.too_many_uploads", "the node takes as many uploads as it may");
  std::string path = shared.options.upload_folder + "/upload-XXXXXX";
  sink->file_ = ::mkostemp(path.data(), 02000000 /* O_CLOEXEC */);
  if (sink->file_ < 0) return upload_failed(shared.options.upload_folder, errno);
  ++shared.uploads;
  sink->path_ = path;
  return sink;
}

BodySink::~BodySink() {
  if (file_ >= 0) ::close(file_);
  if (path_.empty()) return;
  ::unlink(path_.c_str());
  --shared_.uploads;
}

core::Status BodySink::add(std::string_view bytes) {
  bytes_ += bytes.size();
  if (file_ < 0) {
    text_.append(bytes);
    return core::ok();
  }
  while (!bytes.empty()) {
    const auto written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return upload_failed(shared_.options.upload_folder, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return core::ok();
}

void BodySink::finish(Request& request) {
  request.body = std::move(text_);
  request.body_file = path_;
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

}  // namespace nova::gateway
