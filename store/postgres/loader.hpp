// Loads of hosts: what arrives while one is under way is asked for together by the next.
#pragma once
#include "store/known_keys.hpp"
#include "store/postgres/connection/read_pool.hpp"
#include "store/store.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nova::store::postgres {

class Loader {
 public:
  using Done = std::function<void(core::Result<std::optional<Document>>)>;

  Loader(ReadPool& readers, KnownKeys& known) : readers_(readers), known_(known) {}
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  void start();
  /// Any thread; answers on the loader's, refusals on this one.
  void load(const core::EntityKey& key, Done done);
  /// Answers what is waiting, then ends the thread.
  void stop();

 private:
  struct Ask {
    core::EntityKey key;
    Done done;
  };

  void run();
  void answer(std::vector<Ask>& asks);

  ReadPool& readers_;
  KnownKeys& known_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Ask> waiting_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace nova::store::postgres
