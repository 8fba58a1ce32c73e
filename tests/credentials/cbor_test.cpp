#include "governance/credentials/webauthn/cbor.hpp"

#include "governance/credentials/encoding.hpp"
#include "tests/credentials/authenticator.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::credentials;
using namespace nova::credentials::testing;
using Kind = cbor::Value::Kind;

namespace {

core::Result<cbor::Value> read_hex(const std::string& hex) {
  static std::string bytes;  // values point into it
  bytes = from_hex(hex).value();
  return cbor::read(bytes);
}

std::string nested(int lists) { return std::string(static_cast<std::size_t>(lists), '\x81') + '\0'; }

}  // namespace

TEST_CASE("cbor: the examples of RFC 8949 appendix A that are canonical") {
  const std::pair<const char*, std::int64_t> integers[] = {{"00", 0},
                                                           {"01", 1},
                                                           {"0a", 10},
                                                           {"17", 23},
                                                           {"1818", 24},
                                                           {"1819", 25},
                                                           {"1864", 100},
                                                           {"1903e8", 1000},
                                                           {"1a000f4240", 1000000},
                                                           {"1b000000e8d4a51000", 1000000000000},
                                                           {"20", -1},
                                                           {"29", -10},
                                                           {"3863", -100},
                                                           {"3903e7", -1000},
                                                           {"1b7fffffffffffffff", INT64_MAX},
                                                           {"3b7fffffffffffffff", INT64_MIN}};
  for (const auto& [hex, number] : integers) {
    const auto value = read_hex(hex);
    REQUIRE(value);
    CHECK(value->is(Kind::integer));
    CHECK(value->integer == number);
    CHECK(to_hex(cbor_int(number)) == hex);
  }
  CHECK(read_hex("f4")->integer == 0);
  CHECK(read_hex("f5")->integer == 1);
  CHECK(read_hex("f6")->is(Kind::null));
  CHECK(read_hex("40")->view.empty());
  CHECK(read_hex("4401020304")->view == "\x01\x02\x03\x04");
  CHECK(read_hex("6449455446")->view == "IETF");
  CHECK(read_hex("62c3bc")->view == "ü");
  CHECK(read_hex("80")->items.empty());
  CHECK(read_hex("8301820203820405")->items.at(2).items.at(1).integer == 5);
  CHECK(read_hex("98190102030405060708090a0b0c0d0e0f101112131415161718181819")->items.size() == 25);
  CHECK(read_hex("a201020304")->find(3)->integer == 4);
  const auto map = read_hex("a26161016162820203");
  CHECK(map->find("b")->items.at(1).integer == 3);
  CHECK_FALSE(map->find("c"));
  CHECK_FALSE(map->find(1));
  CHECK(read_hex("a56161614161626142616361436164614461656145")->keys.size() == 5);
}

TEST_CASE("cbor: the examples of RFC 8949 appendix A that are not") {
  for (const std::string hex :
       {"1bffffffffffffffff", "c249010000000000000000", "3bffffffffffffffff", "f90000", "f93c00", "fb3ff199999999999a",
        "fa47c35000", "f7", "f0", "f818", "f8ff", "c074323031332d30332d32315432303a30343a30305a", "d74401020304",
        "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "9f018202039f0405ffff", "bf61610161629f0203ffff"})
    CHECK_FALSE(read_hex(hex));
}

TEST_CASE("cbor: a value has one form") {
  for (const std::string hex : {"1800", "1817", "190018", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "5800",
                                "580141", "780161", "9800", "b800", "f814", "f815"})
    CHECK_FALSE(read_hex(hex));
}

TEST_CASE("cbor: keys of maps are in order, once, and plain") {
  CHECK(
      read_hex("a3"
               "01"
               "00"
               "20"
               "00"
               "6161"
               "00"));
  CHECK(
      read_hex("a2"
               "6162"
               "00"
               "626161"
               "00"));  // the shorter first
  CHECK_FALSE(
      read_hex("a2"
               "626161"
               "00"
               "6162"
               "00"));
  CHECK_FALSE(
      read_hex("a2"
               "6162"
               "00"
               "6161"
               "00"));
  CHECK_FALSE(
      read_hex("a2"
               "6161"
               "00"
               "6161"
               "00"));  // twice
  CHECK_FALSE(
      read_hex("a2"
               "20"
               "00"
               "01"
               "00"));
  CHECK_FALSE(
      read_hex("a2"
               "6161"
               "00"
               "01"
               "00"));
  CHECK_FALSE(
      read_hex("a2"
               "1818"
               "00"
               "17"
               "00"));
  CHECK_FALSE(
      read_hex("a1"
               "4161"
               "00"));  // bytes as a key
  CHECK_FALSE(
      read_hex("a1"
               "80"
               "00"));
  CHECK_FALSE(
      read_hex("a1"
               "f5"
               "00"));
}

TEST_CASE("cbor: nothing is believed about lengths") {
  for (const std::string hex : {"",
                                "18",
                                "19ff",
                                "1a000000",
                                "41",
                                "5903e800",
                                "61",
                                "62c3",
                                "61ff",
                                "81",
                                "8201",
                                "a1",
                                "a101",
                                "1c",
                                "1f",
                                "5bffffffffffffffff",
                                "7bffffffffffffffff",
                                "9bffffffffffffffff",
                                "bbffffffffffffffff",
                                "9a00ffffff00",
                                "ff",
                                "0000"})
    CHECK_FALSE(read_hex(hex));
}

TEST_CASE("cbor: levels, values and bytes are bounded") {
  CHECK(cbor::read(nested(cbor::depth_max)));
  CHECK_FALSE(cbor::read(nested(cbor::depth_max + 1)));
  CHECK_FALSE(cbor::read(nested(60'000)));
  const auto zeros = [](std::size_t count) { return cbor_list(std::vector<std::string>(count, cbor_int(0))); };
  CHECK(cbor::read(zeros(cbor::values_max - 1)));
  CHECK_FALSE(cbor::read(zeros(cbor::values_max)));
  CHECK(cbor::read(cbor_bytes(std::string(cbor::bytes_max - 3, 'a'))));
  CHECK_FALSE(cbor::read(cbor_bytes(std::string(cbor::bytes_max, 'a'))));
}

TEST_CASE("cbor: what stands first is told from what follows") {
  const auto first = cbor::read_first("\x01\x02\xff");
  REQUIRE(first);
  CHECK(first->first.integer == 1);
  CHECK(first->second == 1);
  CHECK(cbor::read("\x82\x01").error().code == "input.invalid");
}
