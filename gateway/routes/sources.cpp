// Packed folders, kept by their content.
#include "core/json.hpp"
#include "core/text.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"

namespace nova::gateway {
namespace {

core::Result<std::string> digest_of(const Request& request) {
  const auto& digest = request.param("digest");
  if (!core::has_shape(core::Shape::digest, digest))
    return core::invalid_input("digest", "must be sha256: and 64 lower-case hexadecimal digits");
  return digest;
}

void has(Behind& behind, const Request& request, const Reply& reply) {
  auto digest = digest_of(request);
  if (!digest) return reply_error(request, reply, digest.error());
  auto held = behind.options.providers.has_source(*digest);
  if (!held) return reply_error(request, reply, held.error());
  if (!*held)
    return reply_error(request, reply, core::refusal("source.not_found", "no source with this digest is kept here"));
  reply(json(200, {}));
}

void put(Behind& behind, const Request& request, const Reply& reply) {
  auto digest = digest_of(request);
  if (!digest) return reply_error(request, reply, digest.error());
  auto fresh = behind.options.providers.put_source(*digest, request.body_file);
  if (!fresh) return reply_error(request, reply, fresh.error());
  std::string out;
  core::JsonWriter(out).object().field("digest", *digest).field("created", *fresh).end();
  reply(json(*fresh ? 201 : 200, std::move(out)));
}

}  // namespace

void add_sources(Router& router, Behind& behind) {
  Route route;
  route.pattern = "/v1/sources/{digest}";
  route.tag = "sources";
  // They are shared by content, and kept until nobody needs them: only who could run one may bring it or ask for it.
  route.access = core::access::deploying;
  route.anywhere = true;
  if (behind.options.providers.has_source) {
    route.method = "HEAD";
    route.summary = "Whether a packed folder is kept here";
    route.handle = [&behind](Request request, Reply reply) { has(behind, request, reply); };
    router.add(route);
  }
  if (!behind.options.providers.put_source) return;
  route.method = "PUT";
  route.summary = "Keeps a packed folder under its digest";
  route.body = Body::file;
  route.body_bytes_max = behind.options.source_bytes_max;
  route.handle = [&behind](Request request, Reply reply) { put(behind, request, reply); };
  router.add(std::move(route));
}

}  // namespace nova::gateway
