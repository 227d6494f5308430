// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/pem_check.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

// Both begin as an ASN.1 sequence does; PKCS#12's first element is the number
// 3, its version.
bool IsDer(absl::string_view content) {
  return content.size() > 4 && content[0] == '\x30' &&
         (static_cast<unsigned char>(content[1]) & 0x80) != 0;
}

bool IsPkcs12(absl::string_view content) {
  if (!IsDer(content)) return false;
  const size_t length = static_cast<unsigned char>(content[1]) & 0x7f;
  return content.substr(2 + length, 3) == absl::string_view("\x02\x01\x03", 3);
}

std::string Conversion(const std::string& path, absl::string_view content,
                       PemKind kind) {
  const bool key = kind == PemKind::kPrivateKey;
  if (IsPkcs12(content)) {
    return absl::StrCat("convert it with: openssl pkcs12 -in ", path,
                        key ? " -nocerts -nodes" : " -nokeys", " -out ",
                        key ? "key.pem" : "ca.pem");
  }
  if (IsDer(content)) {
    return absl::StrCat("convert it with: openssl ", key ? "pkey" : "x509",
                        " -inform der -in ", path, " -out ",
                        key ? "key.pem" : "ca.pem");
  }
  return absl::StrCat("give a file with a line -----BEGIN ",
                      key ? "PRIVATE KEY" : "CERTIFICATE", "-----");
}

}  // namespace

absl::Status CheckPem(const std::string& path, absl::string_view content,
                      PemKind kind) {
  const std::string shown = Printable(path);
  const auto refuse = [&shown](absl::string_view what,
                               const std::string& remedy) {
    return MakeError(absl::StatusCode::kInvalidArgument,
                     absl::StrCat(shown, " ", what),
                     {"FILE_NOT_PEM", remedy, {}});
  };
  // As cat(1) makes it of files that do not end with a line break.
  if (absl::StrContains(content, "----------BEGIN ")) {
    return refuse("has two PEM blocks on one line",
                  "put a line break between -----END ...----- and -----BEGIN "
                  "...-----");
  }
  if (absl::StrContains(content, "-----BEGIN ")) return absl::OkStatus();
  return refuse("is not PEM", Conversion(shown, content, kind));
}

SplitPem Split(absl::string_view text) {
  constexpr absl::string_view kBegin = "-----BEGIN ";
  constexpr absl::string_view kDashes = "-----";
  std::string certificates;
  std::string key;
  for (;;) {
    const size_t begin = text.find(kBegin);
    if (begin == absl::string_view::npos) break;
    text.remove_prefix(begin);
    const absl::string_view kind =
        text.substr(kBegin.size(), text.find(kDashes, 1) - kBegin.size());
    const std::string end = absl::StrCat("-----END ", kind, kDashes);
    const size_t last = text.find(end);
    if (last == absl::string_view::npos) break;
    const absl::string_view block = text.substr(0, last + end.size());
    if (kind == "CERTIFICATE") {
      absl::StrAppend(&certificates, block, "\n");
    } else if (absl::EndsWith(kind, "PRIVATE KEY") && key.empty()) {
      key = absl::StrCat(block, "\n");
    }
    text.remove_prefix(block.size());
  }
  return {std::move(certificates), SecretString(std::move(key))};
}

}  // namespace microovn::ctl
