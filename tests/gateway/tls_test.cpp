// The same server over TLS, with a certificate made for the occasion.
#include "tests/gateway/house.hpp"
#include "tests/testkit/catch.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>

using namespace nova;
using namespace nova::test;
using namespace std::chrono_literals;

namespace {

struct Files {
  std::string certificate, key;
};

Files make_certificate(const testkit::TempDir& folder) {
  Files files{(folder / "cert.pem").string(), (folder / "key.pem").string()};
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(files.certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return files;
}

// One request over TLS on a connected socket; everything that comes back until the peer ends.
std::string ask(Client& client, const std::string& request) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, client.fd());
  std::string text;
  if (SSL_connect(tls) == 1) {
    SSL_write(tls, request.data(), int(request.size()));
    char bytes[4096];
    for (int got; (got = SSL_read(tls, bytes, sizeof bytes)) > 0;) text.append(bytes, std::size_t(got));
  }
  SSL_shutdown(tls);
  SSL_free(tls);
  SSL_CTX_free(context);
  return text;
}

}  // namespace

TEST_CASE("over TLS the same requests are answered, and browsers are told to stay there") {
  testkit::TempDir folder;
  const auto files = make_certificate(folder);
  auto options = usual_options();
  options.server.tls_certificate_file = files.certificate;
  options.server.tls_key_file = files.key;
  options.server.header_limit = 300ms;
  House house(std::move(options));
  Client client(house.gateway->port());
  const auto answer =
      ask(client, request_text("GET", "/v1/whoami") + request_text("GET", "/v1/nothing", {}, {"Connection: close"}));
  CHECK(answer.find("\"principal\":\"operator\"") != std::string::npos);
  CHECK(answer.find("Strict-Transport-Security: max-age=") != std::string::npos);
  CHECK(answer.find("HTTP/1.1 404") != std::string::npos);

  Client plain(house.gateway->port());
  plain.send(request_text("GET", "/v1/whoami"));
  CHECK(plain.receive().status == 0);  // no word in the clear
  Client silent(house.gateway->port());
  CHECK(silent.ended(5s));  // a handshake has its time
}

TEST_CASE("a key that does not belong to the certificate is refused at the start") {
  testkit::TempDir one, other;
  const auto files = make_certificate(one);
  auto options = usual_options();
  options.server.tls_certificate_file = files.certificate;
  options.server.tls_key_file = make_certificate(other).key;
  auto store = store::make_memory_store(core::system_clock());
  FakeHost host(*store);
  const auto opened = gateway::Gateway::open(std::move(options), *store, host);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "gateway.bad_tls");
}
