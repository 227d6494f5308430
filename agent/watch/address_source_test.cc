// SPDX-License-Identifier: Apache-2.0
// In a network namespace of its own, because addresses of a machine are not a
// test's to change. Needs root and ip.
#include "agent/watch/address_source.h"

#include <poll.h>
#include <sched.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

class AddressSourceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(unshare(CLONE_NEWNET), 0) << "needs root";
  }

  void SetUp() override {
    Ip({"link", "add", "veth0", "type", "veth", "peer", "veth1"});
    ASSERT_OK(source_.Open());
  }
  void TearDown() override { Ip({"link", "delete", "veth0"}); }

  static void Ip(std::vector<std::string> words) {
    Command command;
    command.argv = std::move(words);
    command.argv.insert(command.argv.begin(), "ip");
    EXPECT_OK(RunForOutput(CommandRunner::Real(), command));
  }

  bool Readable(absl::Duration deadline = absl::ZeroDuration()) const {
    pollfd entry = {source_.fd(), POLLIN, 0};
    return poll(&entry, 1,
                static_cast<int>(absl::ToInt64Milliseconds(deadline))) == 1;
  }
  // Whether what the words do is told. The kernel tells of some of it from a
  // thread of its own, a moment after the command has returned: of IPv6
  // addresses, for one.
  bool Tells(std::vector<std::string> words) {
    Ip(std::move(words));
    if (!Readable(absl::Seconds(10))) return false;
    const auto changed = source_.Read();
    EXPECT_OK(changed);
    return changed.value_or(false);
  }

  AddressSource source_;
};

TEST_F(AddressSourceTest, TellsOfAddressesOfBothFamilies) {
  EXPECT_TRUE(Tells({"addr", "add", "10.9.0.1/24", "dev", "veth0"}));
  EXPECT_FALSE(Readable()) << "everything has been read";
  EXPECT_TRUE(Tells({"addr", "del", "10.9.0.1/24", "dev", "veth0"}));
  EXPECT_TRUE(Tells({"addr", "add", "fd00::1/64", "nodad", "dev", "veth0"}));
  EXPECT_TRUE(Tells({"addr", "del", "fd00::1/64", "dev", "veth0"}));
}

TEST_F(AddressSourceTest, TellsOfALinksStateAndMtu) {
  EXPECT_TRUE(Tells({"link", "set", "veth0", "mtu", "1400"}));
  EXPECT_TRUE(Tells({"link", "set", "veth0", "up"}));
}

TEST_F(AddressSourceTest, SilenceIsNoChange) {
  EXPECT_FALSE(Readable());
  const auto changed = source_.Read();
  ASSERT_OK(changed);
  EXPECT_FALSE(*changed);
  Ip({"addr", "show"});
  EXPECT_FALSE(Readable()) << "somebody looked only";
}

// More than the kernel keeps for a reader that is late: what has changed is not
// known, and that something has is.
TEST_F(AddressSourceTest, EventsThatWereLostAreAChange) {
  TempDir directory;
  std::string batch;
  for (int i = 0; i < 4000; ++i) {
    absl::StrAppend(&batch, "addr add 10.9.", i / 250, ".", i % 250 + 1,
                    "/32 dev veth0\n");
  }
  const std::string file = directory.File("batch");
  ASSERT_OK(WriteFile(file, batch, 0600));
  EXPECT_TRUE(Tells({"-batch", file}));
  EXPECT_TRUE(Tells({"link", "set", "veth0", "mtu", "1300"}))
      << "it still listens";
}

}  // namespace
}  // namespace microovn::agent
