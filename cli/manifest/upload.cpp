#include "cli/manifest/upload.hpp"

#include "drivers/sources/sources.hpp"

#include <map>

namespace nova::cli {
namespace {

// An upload of 64 MiB over a slow line takes its time.
constexpr milliseconds upload_timeout{300'000};

core::Error placed(core::Error error, const Manifest& manifest, const LocalSource& source) {
  error.message += ", named at " + manifest.place(source.path) + " as `" + source.path + "`";
  error.status = error.status == 404 ? 400 : error.status;  // The input is wrong, nothing on the node is missing.
  return error;
}

core::Status upload(Session& session, const std::string& digest, const std::string& archive) {
  auto node = session.client();
  if (!node) return std::move(node).error();
  const std::string path = "/v1/sources/" + url_part(digest);
  Ask look;
  look.method = "HEAD";
  look.path = path;
  const auto there = (*node)->send(look);
  if (there) return core::ok();
  if (there.error().status != 404) return there.error();
  session.note("sending " + std::to_string((archive.size() + 1023) / 1024) + " KiB of sources");
  Ask put;
  put.method = "PUT";
  put.path = path;
  put.body = archive;
  put.content_type = "application/x-tar";
  put.timeout = upload_timeout;
  const auto sent = (*node)->send(put);
  if (!sent) return sent.error();
  return core::ok();
}

}  // namespace

core::Status pack_sources(Session& session, std::vector<Manifest>& manifests, bool with_upload) {
  std::map<std::filesystem::path, std::string> packed;  // Services often share a folder.
  for (const auto& source : local_sources(manifests)) {
    Manifest& manifest = manifests[source.manifest];
    const auto folder = (manifest.folder / source.folder).lexically_normal();
    auto known = packed.find(folder);
    if (known == packed.end()) {
      auto archive = sources::pack_folder(folder);
      if (!archive) return placed(std::move(archive).error(), manifest, source);
      if (with_upload)
        if (auto sent = upload(session, archive->digest, archive->bytes); !sent) return sent;
      known = packed.emplace(folder, archive->digest).first;
    }
    set_source(manifest, source, known->second);
  }
  return core::ok();
}

}  // namespace nova::cli
