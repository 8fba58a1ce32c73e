#include "governance/credentials/recovery_code.hpp"

#include "governance/credentials/digest.hpp"
#include "governance/credentials/random.hpp"

namespace nova::credentials {
namespace {

constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t characters = 16;
constexpr std::size_t group = 4;
constexpr std::size_t given_bytes_max = 64;

// Without groups, upper case, what looks alike as one; empty when it cannot be a code.
SecretBytes plain(std::string_view given) {
  if (given.size() > given_bytes_max) return {};
  std::string text;
  text.reserve(given_bytes_max);
  for (char c : given) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (letters.find(c) == std::string_view::npos) {
      wipe(text);
      return {};
    }
    text += c;
  }
  SecretBytes code(std::move(text));
  return code.size() == characters ? std::move(code) : SecretBytes();
}

std::string hash(std::string_view key, std::string_view owner, std::string_view code) {
  std::string text;
  text.reserve(32 + owner.size() + code.size());
  text.append("recovery").append(1, '\0').append(owner).append(1, '\0').append(code);
  auto hashed = keyed_hash(key, text);
  wipe(text);
  return hashed;
}

}  // namespace

RecoveryCodes make_recovery_codes(std::string_view key, std::string_view owner) {
  RecoveryCodes made;
  for (std::size_t i = 0; i < recovery_codes; ++i) {
    const auto random = random_bytes(characters);  // five bits of each byte are used
    std::string code, shown;
    code.reserve(characters);
    shown.reserve(given_bytes_max);
    for (std::size_t at = 0; at < characters; ++at) {
      const char letter = letters[static_cast<unsigned char>(random.view()[at]) & 31];
      if (at > 0 && at % group == 0) shown += '-';
      shown += letter;
      code += letter;
    }
    made.hashes.push_back(hash(key, owner, code));
    made.codes.emplace_back(std::move(shown));
    wipe(code);
  }
  return made;
}

std::optional<std::size_t> find_recovery_code(std::string_view key, std::string_view owner, std::string_view given,
                                              const std::vector<std::string>& hashes) {
  const auto code = plain(given);
  const auto hashed = hash(key, owner, code.view());
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (same(hashes[i], hashed) && !code.empty()) found = i;
  return found;
}

}  // namespace nova::credentials
