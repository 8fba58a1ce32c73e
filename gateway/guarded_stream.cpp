#include "gateway/guarded_stream.hpp"

#include <algorithm>

namespace nova::gateway {
namespace {

class GuardedStream final : public Stream, public std::enable_shared_from_this<GuardedStream> {
 public:
  GuardedStream(std::shared_ptr<Stream> stream, std::function<core::Status()> may)
      : stream_(std::move(stream)), may_(std::move(may)) {}

  void next(std::function<void(Piece)> ready) override {
    stream_->next([self = shared_from_this(), ready = std::move(ready)](Piece piece) {
      if (auto may = self->may_(); !may) return ready({self->last_words(may.error()), true});
      ready(std::move(piece));
    });
  }
  void cancel() override { stream_->cancel(); }
  std::string heartbeat() const override { return stream_->heartbeat(); }
  std::optional<std::string> ended() const override {
    if (auto may = may_(); !may) return last_words(may.error());
    return stream_->ended();
  }

 private:
  std::string last_words(const core::Error& error) const {
    stream_->cancel();
    auto text = problem(error, {}).body;
    std::replace(text.begin(), text.end(), '\n', ' ');
    return "event: error\ndata: " + text + "\n\n";
  }

  const std::shared_ptr<Stream> stream_;
  const std::function<core::Status()> may_;
};

}  // namespace

std::shared_ptr<Stream> guarded(std::shared_ptr<Stream> stream, std::function<core::Status()> may) {
  return std::make_shared<GuardedStream>(std::move(stream), std::move(may));
}

}  // namespace nova::gateway
