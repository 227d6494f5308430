// SPDX-License-Identifier: Apache-2.0
#include "supervisor/snap/snap_services.h"

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::supervisor {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ParseSnapServices, ATableOfSnapd) {
  const auto services = ParseSnapServices(
      "Service                            Startup   Current   Notes\n"
      "microovn.chassis                   disabled  inactive  -\n"
      "microovn.daemon                    enabled   active    -\n"
      "microovn.ovn-northd                enabled   inactive  -\n"
      "microovn.refresh-expiring-certs    enabled   inactive  "
      "timer-activated\n"
      "microovn.switch                    disabled  active    -\n");
  ASSERT_OK(services);
  EXPECT_THAT(*services,
              ElementsAre(Pair("microovn.chassis", SnapService{false, false}),
                          Pair("microovn.daemon", SnapService{true, true}),
                          Pair("microovn.ovn-northd", SnapService{true, false}),
                          Pair("microovn.refresh-expiring-certs",
                               SnapService{true, false}),
                          Pair("microovn.switch", SnapService{false, true})));
}

TEST(ParseSnapServices, ASnapWithoutServices) {
  const auto services = ParseSnapServices("Service  Startup  Current  Notes\n");
  ASSERT_OK(services);
  EXPECT_TRUE(services->empty());
}

// Taken for a table, it would say that nothing runs, and that everything is to
// be started.
TEST(ParseSnapServices, WhatIsNoTableIsRefused) {
  const char* const header = "Service Startup Current Notes\n";
  for (const std::string& text :
       {std::string(), std::string("error: no such snap\n"),
        std::string("microovn.switch enabled active -\n"),
        std::string(header) + "microovn.switch enabled\n",
        std::string(header) + "microovn.switch enabled failed -\n",
        std::string(header) + "microovn.switch - active -\n"}) {
    EXPECT_FALSE(ParseSnapServices(text).ok()) << text;
  }
}

}  // namespace
}  // namespace microovn::supervisor
