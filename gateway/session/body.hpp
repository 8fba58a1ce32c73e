// Where a request's body goes while it arrives: into memory, or into a file of an upload.
#pragma once
#include "gateway/session/connection.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace nova::gateway {

/// Removes its file when it goes.
class BodySink {
 public:
  /// Errors: `http.too_many_uploads`, `gateway.upload_failed` (the folder is full or may not be written to).
  static core::Result<std::shared_ptr<BodySink>> open(Shared& shared, bool to_file, std::size_t bytes_max);
  ~BodySink();
  BodySink(const BodySink&) = delete;
  BodySink& operator=(const BodySink&) = delete;

  core::Status add(std::string_view bytes);
  void take(std::string whole) { text_ = std::move(whole); }  ///< instead of adding to memory
  std::size_t bytes() const { return bytes_; }
  void finish(Request& request);

 private:
  explicit BodySink(Shared& shared) : shared_(shared) {}

  Shared& shared_;
  int file_ = -1;
  std::string path_, text_;
  std::size_t bytes_ = 0;
};

}  // namespace nova::gateway
