// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/own_snap.h"

#include <stdlib.h>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace microovn::supervisor {

std::string OwnSnap() {
  const char* const snap = getenv("SNAP");
  const char* const name = getenv("SNAP_INSTANCE_NAME");
  if (snap == nullptr || name == nullptr) return "";
  const absl::string_view instance(name);
  const bool ours =
      instance == "microovn" || absl::StartsWith(instance, "microovn_");
  return ours ? snap : "";
}

}  // namespace microovn::supervisor
