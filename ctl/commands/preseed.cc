// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/preseed.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "ctl/cli/suggest.h"
#include "ctl/render/words.h"
#include "yaml-cpp/yaml.h"

namespace microovn::ctl {
namespace {

absl::Status Bad(const std::string& message) {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   absl::StrCat("the preseed file: ", message),
                   {"BAD_PRESEED", "", {}});
}

absl::StatusOr<std::string> Scalar(const std::string& key,
                                   const YAML::Node& node) {
  if (node.IsNull()) return std::string();
  if (!node.IsScalar()) return Bad(absl::StrCat(key, " must be one value"));
  return node.Scalar();
}

absl::StatusOr<std::vector<std::string>> List(const std::string& key,
                                              const YAML::Node& node) {
  std::vector<std::string> items;
  if (node.IsNull()) return items;
  if (!node.IsSequence()) return Bad(absl::StrCat(key, " must be a list"));
  for (const YAML::Node& item : node) {
    ASSIGN_OR_RETURN(const std::string text, Scalar(key, item));
    items.push_back(text);
  }
  return items;
}

absl::StatusOr<bool> Boolean(const std::string& key, const YAML::Node& node) {
  ASSIGN_OR_RETURN(const std::string text, Scalar(key, node));
  if (text == "true" || text == "yes") return true;
  if (text == "false" || text == "no" || text.empty()) return false;
  return Bad(absl::StrCat(key, " must be true or false"));
}

absl::Status Take(const std::string& key, const YAML::Node& node,
                  Preseed* preseed) {
  const std::map<std::string, std::string*> texts = {
      {"address", &preseed->node.address},   {"name", &preseed->node.name},
      {"encap_ip", &preseed->node.encap_ip}, {"token", &preseed->token},
      {"ca_cert", &preseed->ca_cert},        {"ca_key", &preseed->ca_key}};
  const auto text = texts.find(key);
  if (text != texts.end()) {
    ASSIGN_OR_RETURN(*text->second, Scalar(key, node));
    return absl::OkStatus();
  }
  if (key == "bootstrap") {
    ASSIGN_OR_RETURN(preseed->bootstrap, Boolean(key, node));
    return absl::OkStatus();
  }
  if (key == "servers") {
    ASSIGN_OR_RETURN(preseed->servers, List(key, node));
    return absl::OkStatus();
  }
  if (key == "services") {
    if (node.IsSequence()) {
      ASSIGN_OR_RETURN(const std::vector<std::string> services,
                       List(key, node));
      preseed->node.services = absl::StrJoin(services, ",");
    } else {
      ASSIGN_OR_RETURN(preseed->node.services, Scalar(key, node));
    }
    return absl::OkStatus();
  }
  const std::string nearest =
      Nearest(key, {"address", "name", "encap_ip", "token", "ca_cert", "ca_key",
                    "bootstrap", "servers", "services"});
  return Bad(absl::StrCat(
      "unknown key \"", Shown(key, 64), "\"",
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

absl::Status CheckTogether(const Preseed& preseed) {
  if (preseed.bootstrap == !preseed.token.empty()) {
    return Bad("give either bootstrap: true or token: TOKEN");
  }
  if (!preseed.bootstrap &&
      (!preseed.node.name.empty() || !preseed.ca_cert.empty() ||
       !preseed.ca_key.empty() || !preseed.servers.empty())) {
    return Bad(
        "name, ca_cert, ca_key and servers are for bootstrap; a joining member "
        "has its token's name");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Preseed> ParsePreseed(absl::string_view yaml) {
  Preseed preseed;
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap()) return Bad("it holds no keys");
    for (const auto& entry : root) {
      if (!entry.first.IsScalar()) return Bad("a key is not a word");
      RETURN_IF_ERROR(Take(entry.first.Scalar(), entry.second, &preseed));
    }
  } catch (const YAML::Exception& e) {
    return Bad(absl::StrCat("not YAML: ", Printable(e.what())));
  }
  RETURN_IF_ERROR(CheckTogether(preseed));
  return preseed;
}

}  // namespace microovn::ctl
