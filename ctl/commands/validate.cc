// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/validate.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "base/text/text.h"
#include "ctl/render/words.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace microovn::ctl {
namespace {

constexpr size_t kLongestName = 253;
constexpr size_t kLongestLabel = 63;
constexpr size_t kLongestToken = 16 << 10;

absl::Status Invalid(const std::string& message, const std::string& reason,
                     const std::string& remedy) {
  return MakeError(absl::StatusCode::kInvalidArgument, message,
                   {reason, remedy, {}});
}

bool IsLabel(absl::string_view label) {
  if (label.empty() || label.size() > kLongestLabel) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

// What a person pasted may be megabytes.
std::string Excerpt(absl::string_view text) {
  constexpr size_t kShown = 64;
  return Shown(text, kShown);
}

}  // namespace

absl::Status CheckMemberName(absl::string_view name) {
  const std::vector<absl::string_view> labels = absl::StrSplit(name, '.');
  if (name.size() <= kLongestName &&
      std::all_of(labels.begin(), labels.end(), IsLabel)) {
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat("\"", Excerpt(name), "\" is not a member name"),
                 "MEMBER_NAME_INVALID",
                 "use a host name of lower-case letters, digits, hyphens and "
                 "dots");
}

absl::Status CheckToken(absl::string_view token) {
  if (token.size() > kLongestToken) {
    return Invalid(
        absl::StrCat("the join token is longer than ", kLongestToken, " bytes"),
        "TOKEN_TOO_LONG",
        "copy only the line that microovn cluster add printed");
  }
  const std::string remedy =
      "give the line that microovn cluster add printed, which starts with eyJ";
  std::string json;
  if (token.empty() || (!absl::Base64Unescape(token, &json) &&
                        !absl::WebSafeBase64Unescape(token, &json))) {
    return Invalid("this is not a join token: it is not base64",
                   "TOKEN_MALFORMED", remedy);
  }
  google::protobuf::Struct object;
  if (google::protobuf::util::JsonStringToMessage(json, &object).ok()) {
    return absl::OkStatus();
  }
  if (json.substr(0, 2) == "{\"") {
    return Invalid("the join token is cut short", "TOKEN_TRUNCATED",
                   "copy the whole line that microovn cluster add printed");
  }
  return Invalid("this is not a join token: it holds no JSON object",
                 "TOKEN_MALFORMED", remedy);
}

absl::Status CheckAddress(absl::string_view address) {
  constexpr uint16_t kPort = 6686;
  // Of a network the agent chooses one; it knows its interfaces.
  if (address.empty() || absl::StrContains(address, '/')) {
    return absl::OkStatus();
  }
  return ParseHostPort(address, kPort).status();
}

absl::Status CheckEncapsulationAddress(absl::string_view address) {
  if (address.empty() || absl::StrContains(address, '/')) {
    return absl::OkStatus();
  }
  return ParseIpAddress(address).status();
}

absl::StatusOr<std::vector<v1::Service>> ParseServices(absl::string_view list) {
  std::vector<v1::Service> services;
  if (list.empty() || list == "auto") return services;
  for (absl::string_view word : absl::StrSplit(list, ',')) {
    if (word == "auto") {
      return Invalid("cannot select multiple services when using auto",
                     "UNKNOWN_SERVICE", "");
    }
    ASSIGN_OR_RETURN(const v1::Service service, ParseService(word));
    if (std::find(services.begin(), services.end(), service) ==
        services.end()) {
      services.push_back(service);
    }
  }
  return services;
}

}  // namespace microovn::ctl
