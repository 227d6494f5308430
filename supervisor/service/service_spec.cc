// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/service_spec.h"

#include "absl/strings/str_cat.h"

namespace microovn::supervisor {

std::string ControlSocket(const ServiceSpec& spec, pid_t pid) {
  if (!spec.control_names_pid) return spec.control;
  return absl::StrCat(spec.control, ".", pid, ".ctl");
}

}  // namespace microovn::supervisor
