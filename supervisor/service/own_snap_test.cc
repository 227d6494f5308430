// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/own_snap.h"

#include <stdlib.h>

#include "gtest/gtest.h"

namespace microovn::supervisor {
namespace {

TEST(OwnSnap, IsMicroOvnsAndNoOther) {
  const struct {
    const char* snap;
    const char* instance;
    const char* own;
  } rows[] = {
      {"/snap/microovn/7", "microovn", "/snap/microovn/7"},
      {"/snap/microovn/7", "microovn_second", "/snap/microovn/7"},
      {"/snap/code/7", "code", ""},
      {"/snap/microovn-demo/7", "microovn-demo", ""},
      {"/snap/microovn/7", nullptr, ""},
      {nullptr, "microovn", ""},
      {"", "microovn", ""},
  };
  for (const auto& row : rows) {
    unsetenv("SNAP");
    unsetenv("SNAP_INSTANCE_NAME");
    if (row.snap != nullptr) setenv("SNAP", row.snap, 1);
    if (row.instance != nullptr) setenv("SNAP_INSTANCE_NAME", row.instance, 1);
    EXPECT_EQ(OwnSnap(), row.own);
  }
}

}  // namespace
}  // namespace microovn::supervisor
