// cedar_batch --batch FILE: what `novactl policy check` answers, from the engine alone.
#include "governance/cedar/batch.hpp"

#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

int main(int count, char** words) {
  if (count != 3 || std::string_view(words[1]) != "--batch") {
    std::cerr << "usage: cedar_batch --batch FILE\n";
    return 2;
  }
  std::ifstream cases(words[2]);
  std::string line;
  while (std::getline(cases, line)) std::cout << nova::cedar::answer_batch_line(line) << '\n';
  return cases.eof() ? 0 : 1;
}
