// Stands between a client and a PostgreSQL on a Unix socket, and swallows what goes one way when told: the network that
// fails between a commit and its answer.
#pragma once
#include "tests/testkit/temp_dir.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace nova::testkit {

class CutSocket {
 public:
  /// In front of the server whose socket lies in `folder`.
  explicit CutSocket(const std::string& folder);
  ~CutSocket();
  CutSocket(const CutSocket&) = delete;
  CutSocket& operator=(const CutSocket&) = delete;

  std::string folder() const { return dir_.path().string(); }
  void swallow_answers(bool on) { no_answers_ = on; }
  void swallow_questions(bool on) { no_questions_ = on; }
  /// Ends every connection; new ones are taken.
  void cut();
  void refuse(bool on) { refuse_ = on; }

 private:
  struct Link;

  void run();

  const std::string server_;
  TempDir dir_;
  std::atomic<bool> no_answers_ = false, no_questions_ = false, refuse_ = false, stopping_ = false, cutting_ = false;
  int listening_ = -1;
  std::thread thread_;
};

}  // namespace nova::testkit
