// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/enabled_services.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::supervisor {

absl::StatusOr<std::set<Service>> LoadEnabledServices(const std::string& path) {
  std::set<Service> enabled;
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return enabled;
  RETURN_IF_ERROR(text.status());
  for (absl::string_view name :
       absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    ASSIGN_OR_RETURN(const Service service, ParseService(name));
    enabled.insert(service);
  }
  return enabled;
}

absl::Status SaveEnabledServices(const std::string& path,
                                 const std::set<Service>& enabled) {
  std::string text;
  for (const Service service : enabled) {
    absl::StrAppend(&text, ServiceName(service), "\n");
  }
  return WriteFile(path, text, 0600);
}

}  // namespace microovn::supervisor
