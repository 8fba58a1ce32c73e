// A small HTTP server in the test's own process: answers from a function, and can lose connections like a node that
// dies.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace nova::cli {

struct FakeRequest {
  std::string method, path, query, body;
  std::map<std::string, std::string> headers;  ///< names in lower case
};

struct FakeAnswer {
  int status = 200;
  std::string body = "{}";
  std::string content_type = "application/json";
  bool lose_connection = false;  ///< after the request was read, before anything is answered
};

class FakeNode {
 public:
  using Handler = std::function<FakeAnswer(const FakeRequest&)>;

  explicit FakeNode(Handler handler);
  ~FakeNode();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<FakeRequest> requests() const;
  /// Those to one path.
  std::vector<FakeRequest> requests_to(const std::string& path) const;

 private:
  void serve();
  void handle(int connection);

  Handler handler_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  int port_ = 0;
  mutable std::mutex guard_;
  std::vector<FakeRequest> requests_;
  std::thread thread_;
};

/// A problem document as the gateway writes it.
FakeAnswer problem(int status, const std::string& code, const std::string& detail, const std::string& more = {});

}  // namespace nova::cli
