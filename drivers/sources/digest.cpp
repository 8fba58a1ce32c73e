#include "drivers/sources/digest.hpp"

#include "drivers/sources/sources.hpp"

#include <openssl/evp.h>

#include <fstream>
#include <memory>

namespace nova::sources {
namespace {

struct Free {
  void operator()(EVP_MD_CTX* c) const { EVP_MD_CTX_free(c); }
};

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string text() {
    unsigned char hash[32];
    EVP_DigestFinal_ex(context_.get(), hash, nullptr);
    std::string out = "sha256:";
    for (const unsigned char byte : hash) {
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    }
    return out;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace

std::string digest_of(std::string_view bytes) {
  Sha256 sha;
  sha.add(bytes);
  return sha.text();
}

bool is_digest(std::string_view text) {
  return text.size() == 71 && text.starts_with("sha256:") &&
         text.find_first_not_of("0123456789abcdef", 7) == std::string_view::npos;
}

core::Result<std::string> digest_of_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return core::refusal("source.damaged", "`" + file.string() + "` cannot be read");
  Sha256 sha;
  char block[64 * 1024];
  while (in.read(block, sizeof block) || in.gcount() > 0) sha.add({block, std::size_t(in.gcount())});
  return sha.text();
}

}  // namespace nova::sources
