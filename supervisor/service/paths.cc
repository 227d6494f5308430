// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/paths.h"

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::supervisor {

std::string Paths::Certificate(absl::string_view name) const {
  return Below(absl::StrCat("data/pki/", name, "-cert.pem"));
}

std::string Paths::PrivateKey(absl::string_view name) const {
  return Below(absl::StrCat("data/pki/", name, "-privkey.pem"));
}

std::string Paths::LogFile(absl::string_view name) const {
  return Below(absl::StrCat("logs/", name));
}

std::string Paths::Below(absl::string_view name) const {
  return JoinPath(root_, name);
}

absl::Status CreateLayout(const Paths& paths) {
  const std::string directories[] = {
      paths.central_databases(),
      paths.switch_databases(),
      JoinPath(paths.switch_configuration(), "openvswitch"),
      paths.pki(),
      JoinPath(paths.data(), "env"),
      paths.ovn_run(),
      paths.switch_run(),
      paths.supervisor_run(),
      paths.logs(),
      paths.state(),
  };
  RETURN_IF_ERROR(MakeDirectories(paths.root(), 0711));
  for (const std::string& directory : directories) {
    RETURN_IF_ERROR(MakeDirectories(directory, 0700));
  }
  RETURN_IF_ERROR(
      ReplaceSymlink("../control/control.socket", paths.state_socket()));
  // Whatever is there already, a directory of an operator's included, stays.
  const std::string link = JoinPath(paths.root(), "run/central");
  if (FileExists(link)) return absl::OkStatus();
  return ReplaceSymlink("ovn", link);
}

}  // namespace microovn::supervisor
