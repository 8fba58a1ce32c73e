#include "governance/credentials/encoding.hpp"

#include "governance/credentials/digest.hpp"
#include "governance/credentials/random.hpp"
#include "tests/testkit/catch.hpp"

#include <set>

using namespace nova::credentials;

namespace {

std::string without_padding(std::string text) {
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

struct Coding {
  std::string (*to)(std::string_view);
  std::optional<std::string> (*from)(std::string_view);
};
const Coding codings[] = {{to_base64url, from_base64url},
                          {to_base64, from_base64},
                          {to_base64_unpadded, from_base64_unpadded},
                          {to_base32, from_base32},
                          {+[](std::string_view bytes) { return to_hex(bytes); }, from_hex}};

}  // namespace

TEST_CASE("encoding: the vectors of RFC 4648 section 10") {
  struct Row {
    const char *bytes, *base64, *base32, *hex;
  };
  const Row rows[] = {{"", "", "", ""},
                      {"f", "Zg==", "MY======", "66"},
                      {"fo", "Zm8=", "MZXQ====", "666f"},
                      {"foo", "Zm9v", "MZXW6===", "666f6f"},
                      {"foob", "Zm9vYg==", "MZXW6YQ=", "666f6f62"},
                      {"fooba", "Zm9vYmE=", "MZXW6YTB", "666f6f6261"},
                      {"foobar", "Zm9vYmFy", "MZXW6YTBOI======", "666f6f626172"}};
  for (const auto& row : rows) {
    CHECK(to_base64(row.bytes) == row.base64);
    CHECK(from_base64(row.base64) == row.bytes);
    CHECK(to_base64url(row.bytes) == without_padding(row.base64));
    CHECK(from_base64url(without_padding(row.base64)) == row.bytes);
    CHECK(to_base64_unpadded(row.bytes) == without_padding(row.base64));
    CHECK(from_base64_unpadded(without_padding(row.base64)) == row.bytes);
    CHECK(to_base32(row.bytes) == without_padding(row.base32));
    CHECK(from_base32(without_padding(row.base32)) == row.bytes);
    CHECK(to_hex(std::string_view(row.bytes)) == row.hex);
    CHECK(from_hex(row.hex) == row.bytes);
  }
  CHECK(to_base64("\xfb\xff\xfe") == "+//+");
  CHECK(to_base64url("\xfb\xff\xfe") == "-__-");
}

TEST_CASE("encoding: any bytes come back") {
  for (std::size_t size = 0; size < 70; ++size) {
    const auto bytes = random_bytes(size);
    for (const auto& coding : codings) CHECK(coding.from(coding.to(bytes.view())) == bytes.view());
  }
}

TEST_CASE("encoding: what is read is the one text of its bytes") {
  // All texts of up to three characters: whatever is accepted is written the same again.
  const std::string letters = "AZaz09+/-_=QgwB ";
  for (const auto& coding : codings) {
    std::set<std::string> texts = {""};
    for (int length = 1; length <= 4; ++length) {
      std::set<std::string> longer;
      for (const auto& text : texts)
        for (const char letter : letters) longer.insert(text + letter);
      for (const auto& text : longer)
        if (const auto bytes = coding.from(text); bytes && coding.to(*bytes) != text) FAIL(text);
      texts = std::move(longer);
    }
  }
}

TEST_CASE("encoding: what another reader could take otherwise is refused") {
  CHECK_FALSE(from_base64url("Zg=="));
  CHECK_FALSE(from_base64url("Zh"));  // one of the unused bits is set
  CHECK_FALSE(from_base64url("Z"));
  CHECK_FALSE(from_base64url("+//+"));
  CHECK_FALSE(from_base64url("Zm9v\n"));
  CHECK_FALSE(from_base64url(std::string_view("Zm9\0", 4)));
  CHECK_FALSE(from_base64("Zg"));
  CHECK_FALSE(from_base64("Zg="));
  CHECK_FALSE(from_base64("Zg===="));
  CHECK_FALSE(from_base64("===="));
  CHECK_FALSE(from_base64("=Zg="));
  CHECK_FALSE(from_base64("Zm9vZ==="));
  CHECK_FALSE(from_base64("-__-"));
  CHECK_FALSE(from_base32("my"));
  CHECK_FALSE(from_base32("MZ"));
  CHECK_FALSE(from_base32("M1"));
  CHECK_FALSE(from_base32("MY======"));
  CHECK_FALSE(from_hex("6"));
  CHECK_FALSE(from_hex("6F"));
  CHECK_FALSE(from_hex("0x"));
}

TEST_CASE("encoding: percent escapes leave only unreserved characters") {
  CHECK(percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(percent_encode("Web Nova:a@b.c/?&=#%+") == "Web%20Nova%3Aa%40b.c%2F%3F%26%3D%23%25%2B");
  CHECK(percent_encode("\xd8\xb9") == "%D8%B9");
}

TEST_CASE("digest: known values") {
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // RFC 4231, cases 1, 2 and 6; RFC 2202, case 1.
  CHECK(keyed_hash(std::string(20, '\x0b'), "Hi There") ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(keyed_hash("Jefe", "what do ya want for nothing?") ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(keyed_hash(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First") ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(keyed_hash("", "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  CHECK(to_hex(view_of(hmac_sha1(std::string(20, '\x0b'), "Hi There"))) == "b617318655057264e28bc0b6fb378c8ef146be00");
}

TEST_CASE("digest: two secrets are the same or not") {
  CHECK(same("", ""));
  CHECK(same("abc", "abc"));
  CHECK_FALSE(same("abc", "abd"));
  CHECK_FALSE(same("abc", "ab"));
  CHECK(same(sha256("a"), sha256("a")));
  CHECK_FALSE(same(sha256("a"), sha256("b")));
}

TEST_CASE("secret: what is left behind is empty, and random bytes differ") {
  auto one = random_bytes(32);
  const std::string copy(one.view());
  const auto two = std::move(one);
  CHECK(one.empty());
  CHECK(two.view() == copy);
  CHECK(random_bytes(32).view() != copy);
  CHECK_THROWS(random_bytes(random_bytes_max + 1));
  std::string text = "secret";
  const char* bytes = text.data();
  wipe(text);
  CHECK(text.empty());
  CHECK(std::string_view(bytes, 6) == std::string_view("\0\0\0\0\0\0", 6));
}
