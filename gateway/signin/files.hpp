// The sign-in page as files in the program: made from this folder at the build.
#pragma once
#include <string_view>
#include <vector>

namespace nova::gateway::signin {

struct File {
  std::string_view name;  ///< "signin.css"
  std::string_view text;
};

const std::vector<File>& files();

}  // namespace nova::gateway::signin
