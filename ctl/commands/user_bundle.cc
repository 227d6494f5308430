// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/user_bundle.h"

#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/crypto/scoped_wipe.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "ctl/cli/arg_splitter.h"

namespace microovn::ctl {
namespace {

constexpr char kCertificate[] = "cert.pem";
constexpr char kKey[] = "key.pem";
constexpr char kCa[] = "ca.pem";

bool IsDirectory(const std::string& path) {
  struct stat facts = {};
  return stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
}

// In the order in which TLS libraries read one file: the certificate, its key,
// what vouches for others.
std::string Whole(const UserBundle& bundle) {
  return absl::StrCat(bundle.certificate_pem, bundle.key_pem.Reveal(),
                      bundle.ca_certificate_pem);
}

absl::StatusOr<std::vector<std::string>> WriteDirectory(
    const std::string& path, const UserBundle& bundle) {
  RETURN_IF_ERROR(MakeDirectories(path, 0700));
  const std::vector<std::pair<const char*, absl::string_view>> files = {
      {kKey, bundle.key_pem.Reveal()},
      {kCertificate, bundle.certificate_pem},
      {kCa, bundle.ca_certificate_pem}};
  std::vector<std::string> written;
  for (const auto& [name, content] : files) {
    if (content.empty()) continue;
    written.push_back(JoinPath(path, name));
    RETURN_IF_ERROR(WriteFile(written.back(), content, 0600));
  }
  return written;
}

}  // namespace

absl::StatusOr<BundlePlace> PlaceFor(const std::string& output,
                                     bool out_is_terminal) {
  if (output.empty()) {
    return UsageError(
        "say where the certificate and its key go: --output DIRECTORY/, "
        "--output FILE, or --output - for the standard output");
  }
  if (output == "-") {
    if (out_is_terminal) {
      return UsageError(
          "a private key is not shown on a terminal; name a file or a "
          "directory with --output");
    }
    return BundlePlace{BundlePlace::Kind::kStandardOutput, ""};
  }
  if (!IsDirectory(output) && !absl::EndsWith(output, "/")) {
    if (FileExists(output)) {
      return UsageError(absl::StrCat("\"", output, "\" is there already"));
    }
    return BundlePlace{BundlePlace::Kind::kFile, output};
  }
  for (const char* name : {kCertificate, kKey, kCa}) {
    if (FileExists(JoinPath(output, name))) {
      return UsageError(
          absl::StrCat("\"", JoinPath(output, name), "\" is there already"));
    }
  }
  return BundlePlace{BundlePlace::Kind::kDirectory, output};
}

absl::StatusOr<std::vector<std::string>> WriteBundle(const BundlePlace& place,
                                                     const UserBundle& bundle,
                                                     std::ostream& out) {
  if (place.kind == BundlePlace::Kind::kDirectory) {
    return WriteDirectory(place.path, bundle);
  }
  std::string whole = Whole(bundle);
  const ScopedWipe wiped(&whole);
  if (place.kind == BundlePlace::Kind::kStandardOutput) {
    out << whole;
    return std::vector<std::string>();
  }
  RETURN_IF_ERROR(WriteFile(place.path, whole, 0600));
  return std::vector<std::string>{place.path};
}

}  // namespace microovn::ctl
