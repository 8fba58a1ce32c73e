// Sources that lie beside a manifest: packed, named by their content, and handed to the node if it lacks them.
#pragma once
#include "cli/manifest/manifest.hpp"
#include "cli/session.hpp"

#include <vector>

namespace nova::cli {

/// Packs each source folder and writes its digest into its manifest. With `upload`, archives that the node does not
/// have are sent. Errors: `source.not_found` and what packing refuses, with the place in the manifest.
core::Status pack_sources(Session& session, std::vector<Manifest>& manifests, bool upload);

}  // namespace nova::cli
