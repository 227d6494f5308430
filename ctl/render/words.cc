// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/words.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/status/error.h"
#include "base/text/host_port.h"

namespace microovn::ctl {
namespace {

// "VOTER" of "ROLE_VOTER".
std::string EnumWord(const std::string& name, absl::string_view prefix) {
  return std::string(absl::StripPrefix(name, prefix));
}

std::string Lower(const std::string& word, char separator) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(word),
                             {{"_", std::string(1, separator)}});
}

}  // namespace

std::string ServiceWord(v1::Service service) {
  return Lower(EnumWord(v1::Service_Name(service), "SERVICE_"), '-');
}

absl::StatusOr<v1::Service> ParseService(absl::string_view word) {
  v1::Service service = v1::SERVICE_UNSPECIFIED;
  const bool lower = absl::AsciiStrToLower(word) == word;
  if (!lower ||
      !v1::Service_Parse(absl::StrCat("SERVICE_", absl::AsciiStrToUpper(word)),
                         &service) ||
      service == v1::SERVICE_UNSPECIFIED) {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("invalid service selected: ", Printable(word)),
        {"UNKNOWN_SERVICE", "use central, chassis or switch", {}});
  }
  return service;
}

std::string StatusWord(v1::Member::Status status) {
  switch (status) {
    case v1::Member::STATUS_UNSPECIFIED:
      return "UNKNOWN";
    case v1::Member::STATUS_NOT_TRUSTED:
      return "NOT TRUSTED";
    default:
      return EnumWord(v1::Member::Status_Name(status), "STATUS_");
  }
}

std::string RoleWord(v1::Member::Role role) {
  if (role == v1::Member::ROLE_PENDING ||
      role == v1::Member::ROLE_UNSPECIFIED) {
    return "PENDING";
  }
  return Lower(EnumWord(v1::Member::Role_Name(role), "ROLE_"), '-');
}

std::string LastSegment(absl::string_view resource) {
  const size_t slash = resource.rfind('/');
  return std::string(
      slash == absl::string_view::npos ? resource : resource.substr(slash + 1));
}

std::string NameOf(const v1::Member& member) {
  return Printable(LastSegment(member.name()));
}

std::vector<std::string> ServiceWords(const v1::Member& member) {
  std::vector<std::string> words;
  for (int service : member.services()) {
    words.push_back(ServiceWord(static_cast<v1::Service>(service)));
  }
  std::sort(words.begin(), words.end());
  return words;
}

std::string HostOf(absl::string_view address) {
  const auto parsed = ParseHostPort(address);
  return parsed.ok() ? parsed->host : Printable(address);
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

std::string Rfc3339(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

std::string Ago(absl::Time time, absl::Time now) {
  const absl::Duration age = now - time;
  if (age < absl::Seconds(2)) return "now";
  if (age < absl::Minutes(2)) {
    return absl::StrCat(absl::ToInt64Seconds(age), " s ago");
  }
  if (age < absl::Hours(2)) {
    return absl::StrCat(absl::ToInt64Minutes(age), " m ago");
  }
  if (age < absl::Hours(48)) {
    return absl::StrCat(absl::ToInt64Hours(age), " h ago");
  }
  return absl::StrCat(absl::ToInt64Hours(age) / 24, " d ago");
}

std::string StepWord(v1::Step::State state) {
  return Lower(EnumWord(v1::Step::State_Name(state), "STATE_"), ' ');
}

}  // namespace microovn::ctl
