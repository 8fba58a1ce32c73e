// The service's output on disk: segments of bounded size and number in `log/`, each named by the position of its first
// byte since the instance's first start, so that a reader can follow one position across rotation and restarts.
#pragma once
#include <cstddef>

namespace nova::keeper {

class Log {
 public:
  /// Goes on at the end of the newest segment in `log/` below the working directory.
  void open(long segment_bytes, long segment_count);
  /// A full disk loses output, never holds up the service.
  void write(const char* bytes, std::size_t size);

 private:
  void start_segment();
  void drop_oldest();

  int file_ = -1;
  long segment_bytes_ = 0, segment_count_ = 0;
  unsigned long long start_ = 0;  ///< of the segment that is written
  unsigned long long size_ = 0;
};

}  // namespace nova::keeper
