// Tar archives as an attacker writes them: header by header, with nothing checked.
#pragma once
#include <cstdint>
#include <string>

namespace nova::sources::archives {

/// One ustar entry. `type`: '0' file, '1' hard link, '2' symbolic link, '3' character device, '5' folder, '6' pipe.
std::string entry(const std::string& name, const std::string& content = {}, char type = '0',
                  const std::string& link = {}, unsigned mode = 0644);
/// The two empty blocks.
std::string end();

}  // namespace nova::sources::archives
