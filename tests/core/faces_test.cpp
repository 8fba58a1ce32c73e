// msgpack, JSON Schema, hashes and secrets of the same descriptions.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/service/service.hpp"
#include "tests/core/sample/everything.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/random.hpp"

#include <stdexcept>

using namespace nova;
using core::Reading;
using sample::Everything;
using sample::Secrets;
using sample::Tree;

namespace {

struct MirrorCipher final : core::FieldCipher {
  std::string seal(std::string_view plain) const override {
    return "sealed:" + std::string(plain.rbegin(), plain.rend());
  }
  std::optional<std::string> open(std::string_view sealed) const override {
    if (destroyed) return {};
    sealed.remove_prefix(7);
    return std::string(sealed.rbegin(), sealed.rend());
  }
  bool destroyed = false;
};

template <class T>
core::Result<T> unpack(std::string_view bytes, Reading reading = Reading::command) {
  T object{};
  auto status = core::from_msgpack(*core::type_of<T>(), &object, bytes, reading);
  if (!status) return std::move(status).error();
  return object;
}

}  // namespace

TEST_CASE("random structs come back the same from JSON and from msgpack") {
  const auto seed = testkit::seed_of_run();
  INFO("NOVA_SEED=" << seed);
  testkit::Random random(seed);
  testkit::Generator generator(random);
  for (int round = 0; round < 300; ++round) {
    Everything one, two, three;
    const auto& type = *core::type_of<Everything>();
    generator.fill(type, &one);
    const auto json = core::to_json(one);
    INFO(json);
    const auto read = core::from_json(type, &two, json, Reading::stored);
    REQUIRE(read);
    CHECK((core::to_json(two) == json));
    const auto unpacked = core::from_msgpack(type, &three, core::to_msgpack(type, &one), Reading::stored);
    REQUIRE(unpacked);
    CHECK((core::to_json(three) == json));
  }
}

TEST_CASE("msgpack has the bytes that its specification says") {
  sample::Inner inner;
  inner.level = 5;
  inner.note = "ab";
  const auto bytes = core::to_msgpack(*core::type_of<sample::Inner>(), &inner);
  CHECK(bytes ==
        "\x82\xa5level\x05\xa4note\xa2"
        "ab");
}

TEST_CASE("msgpack that lies about its lengths, or is not what we speak, is refused") {
  const std::string_view rows[] = {
      "",
      "\xdd\xff\xff\xff\xff",  // a list of four thousand million
      "\xdf\xff\xff\xff\xff",  // a map of as many
      "\xdb\xff\xff\xff\xff"
      "a",  // a text of as many bytes
      "\x82\xa5"
      "count",  // ends early
      "\x81\xa5"
      "count\x01\x01",  // more after the end
      "\x81\x01\x01",   // a field name that is a number
      "\x81\x90\x01",   // a field name that is a list
      "\x81\xa5"
      "count\xc4\x01"
      "a",  // binary
      "\x81\xa5"
      "count\xd4\x01"
      "a",  // extension
      "\x81\xa4"
      "text\xa1\xff",  // not UTF-8
      "\x81\xa5"
      "ratio\xcb\x7f\xf8\0\0\0\0\0\0",  // not a number
      "\xc1",
  };
  for (const auto bytes : rows) {
    const auto read = unpack<Everything>(bytes, Reading::stored);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "input.invalid");
  }
  CHECK_FALSE(unpack<Everything>(std::string(100'000, '\x91'), Reading::stored));
}

TEST_CASE("msgpack commands are read as strictly as JSON ones") {
  const auto read = unpack<Everything>(
      "\x82\xa5"
      "count\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa3"
      "foo\x01");
  REQUIRE_FALSE(read);
  REQUIRE(read.error().problems.size() == 2);
  CHECK(read.error().problems[0].path == "count");
  CHECK(read.error().problems[1].path == "foo");
  CHECK_FALSE(
      unpack<Everything>("\x82\xa5"
                         "count\x01\xa5"
                         "count\x02"));
}

TEST_CASE("the schema says what the reader holds a command to") {
  const auto schema = core::to_json_schema(*core::type_of<Everything>());
  REQUIRE(core::json_valid(schema));
  const auto at = [&](std::string_view path) { return core::json_part(schema, path).value_or("absent"); };
  CHECK(at("$schema") == R"("https://json-schema.org/draft/2020-12/schema")");
  CHECK(at("required") == R"(["count"])");
  CHECK(at("additionalProperties") == "false");
  CHECK(at("properties.count.description") == R"("how many")");
  CHECK(at("properties.small.maximum") == "65535");
  CHECK(at("properties.slug.minLength") == "3");
  CHECK(at("properties.slug.maxLength") == "63");
  CHECK(at("properties.slug.pattern") == R"("^[a-z]([a-z0-9-]*[a-z0-9])?$")");
  CHECK(at("properties.colour.enum") == R"(["red","green","blue"])");
  CHECK(at("properties.at.format") == R"("date-time")");
  CHECK(at("properties.wait.pattern") == R"("^[0-9]+(ms|s|m|h|d)$")");
  CHECK(at("properties.platform.x-nova-ref") == R"("platform")");
  CHECK(at("properties.names.uniqueItems") == "true");
  CHECK(at("properties.variables.propertyNames.pattern") == R"("^[A-Za-z_][A-Za-z0-9_]*$")");
  CHECK(at("properties.list.items.$ref") == R"("#/$defs/inner")");
  CHECK(at("properties.list.maxItems") == "1000");
  CHECK(at("$defs.inner.required") == R"(["level"])");
}

TEST_CASE("a record inside itself has a schema and a hash that end") {
  const auto schema = core::to_json_schema(*core::type_of<Tree>());
  CHECK(core::json_part(schema, "$defs.tree.properties.children.items.$ref") == R"("#/$defs/tree")");
  CHECK(core::description_hash(*core::type_of<Tree>()).size() == 16);
}

TEST_CASE("secrets in a schema are write-only") {
  const auto schema = core::to_json_schema(*core::type_of<Secrets>());
  CHECK(core::json_part(schema, "properties.token.writeOnly") == "true");
}

TEST_CASE("the hash of a description is the same on every compiler") {
  // Documents in stores bear this hash: if this line must change, every document is replayed once.
  CHECK(core::description_hash(*core::type_of<sample::Inner>()) == "6380df67938da292");
  CHECK(core::description_hash(*core::type_of<Tree>()) != core::description_hash(*core::type_of<sample::Inner>()));
}

TEST_CASE("a hash moves with names, limits and order of names") {
  core::Type a = *core::type_of<core::Bounded<1, 10>>(), b = a;
  b.max = 11;
  CHECK(core::description_hash(a) != core::description_hash(b));
  const std::vector<std::string_view> ab = {"a", "b"}, ba = {"b", "a"};
  core::Type x = *core::type_of<sample::Colour>(), y = x;
  x.names = &ab;
  y.names = &ba;
  CHECK(core::description_hash(x) != core::description_hash(y));
}

TEST_CASE("a command carries secrets as plain text or as references, inside maps and lists too") {
  auto got = core::from_json<Secrets>(
      R"({"token":"hunter2","by_name":{"DB":"secret://clinic/DB@3"},"list":["x"],"maybe":"y"})");
  REQUIRE(got);
  CHECK(got->token.plain == "hunter2");
  CHECK(got->token.ref.empty());
  CHECK(got->by_name.at("DB").ref == "secret://clinic/DB@3");
  CHECK(got->by_name.at("DB").plain.empty());
  std::vector<std::string> paths;
  core::each_secret(*core::type_of<Secrets>(), &*got, [&](const std::string& path, core::Secret& secret) {
    paths.push_back(path);
    if (secret.ref.empty()) secret = {"", "secret://sealed@1"};
  });
  CHECK(paths == std::vector<std::string>{"token", "by_name.DB", "list[0]", "maybe"});
  const auto json = core::to_json(*got);
  CHECK(json.find("hunter2") == std::string::npos);
  CHECK(core::json_text(json, "list[0]") == "secret://sealed@1");
}

TEST_CASE("a secret that was not sealed cannot be written by any face") {
  Secrets s;
  s.list.push_back({"hunter2", ""});
  CHECK_THROWS_AS(core::to_json(s), std::logic_error);
  CHECK_THROWS_AS(core::to_msgpack(*core::type_of<Secrets>(), &s), std::logic_error);
}

TEST_CASE("a message about a wrong secret never repeats it") {
  const auto read = core::from_json<Secrets>(R"({"token":"secret://hunter2"})");
  REQUIRE_FALSE(read);
  CHECK(core::to_line(read.error()).find("hunter2") == std::string::npos);
}

TEST_CASE("references to secrets have a path of names and a version") {
  for (const std::string_view good :
       {"secret://a@1", "secret://clinic/api/DB_PASSWORD@12",
        "secret://clinic/blueprint/clinic/services.api.secrets.DB_PASSWORD@1", "secret://clinic/sample/a/list[0]@1"})
    CHECK(core::is_secret_ref(good));
  for (const std::string_view bad :
       {"secret://@1", "secret://a", "secret://a@", "secret://a@0", "secret://a@x", "secret://a@-1", "secret://../b@1",
        "secret://a//b@1", "secret://a b@1", "http://a@1", ""}) {
    INFO(bad);
    CHECK_FALSE(core::is_secret_ref(bad));
  }
}

TEST_CASE("personal values are sealed where they are stored and plain where people may read them") {
  MirrorCipher cipher;
  Secrets s;
  s.who.value = "amy";
  CHECK(core::json_text(core::to_json(s), "who") == "amy");
  const auto stored = core::to_json(s, &cipher);
  CHECK(core::json_text(stored, "who") == "sealed:yma");
  auto back = core::from_json<Secrets>(stored, Reading::stored, &cipher);
  REQUIRE(back);
  CHECK(back->who.value == "amy");
  cipher.destroyed = true;
  auto erased = core::from_json<Secrets>(stored, Reading::stored, &cipher);
  REQUIRE(erased);
  CHECK(erased->who.erased);
  CHECK(erased->who.value.empty());
  CHECK(core::json_part(core::to_json(*erased), "who") == "null");
  CHECK(core::from_json<Secrets>(core::to_json(*erased), Reading::stored).value().who.erased);
}

TEST_CASE("a service of a blueprint is read from what an operator writes") {
  const auto got = core::from_json<service::Service>(
      R"({"source":{"path":"api"},"run":["python3","api.py"],"port":8080,"health":{"http":"/health","interval":"5s"},
          "env":{"A":"b"},"secrets":{"KEY":"k"},"needs":["db"],"scale":2,"every":"1m"})");
  REQUIRE(got);
  CHECK(got->run[1] == "api.py");
  CHECK(got->every == std::chrono::minutes(1));
  CHECK(got->secrets.at("KEY").plain == "k");
  CHECK(got->restart.intensity == 5);
}
