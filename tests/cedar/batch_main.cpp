// The batch contract as a program of its own: cedar_batch --batch FILE.jsonl, one answer a line.
#include "governance/cedar/batch.hpp"

#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

int main(int argc, char** argv) {
  if (argc != 3 || std::string_view(argv[1]) != "--batch") {
    std::cerr << "usage: cedar_batch --batch FILE.jsonl\n";
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  if (!file) {
    std::cerr << "cedar_batch: cannot read `" << argv[2] << "`\n";
    return 2;
  }
  std::string line;
  while (std::getline(file, line)) {
    if (!line.empty()) std::cout << nova::cedar::answer_batch_line(line) << std::endl;
  }
  return file.bad() ? 1 : 0;
}
