// SPDX-License-Identifier: Apache-2.0
#include "agent/server/listener.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/mutex.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

UniqueFd ConnectUnix(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof(address)) != 0) {
    return UniqueFd();
  }
  return fd;
}

UniqueFd ConnectTcp(int port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof(address)) != 0) {
    return UniqueFd();
  }
  return fd;
}

// What the listener admitted: each is greeted with a byte and kept open.
class Admitted {
 public:
  ConnectionHandler Handler() {
    return [this](UniqueFd connection) {
      const char greeting = 'h';
      EXPECT_EQ(write(connection.get(), &greeting, 1), 1);
      MutexLock lock(&mu_);
      open_.push_back(std::move(connection));
    };
  }

 private:
  Mutex mu_;
  std::vector<UniqueFd> open_ ABSL_GUARDED_BY(mu_);
};

// Whether the connection was greeted; one that is refused is closed.
bool Greeted(const UniqueFd& connection) {
  char byte = 0;
  return read(connection.get(), &byte, 1) == 1 && byte == 'h';
}

TEST(ListenerTest, AdmitsAtTheSocketAndReplacesAnOldOne) {
  const TempDir directory;
  const std::string path = directory.File("socket");
  ASSERT_OK(WriteFile(path, "of an agent that was killed", 0600));
  Admitted admitted;
  auto listener = Listener::Unix(path, admitted.Handler());
  ASSERT_OK(listener);
  // The tests run as root, who is an administrator.
  if (getuid() == 0) {
    EXPECT_TRUE(Greeted(ConnectUnix(path)));
    EXPECT_TRUE(Greeted(ConnectUnix(path)));
  }
  listener->reset();
  EXPECT_FALSE(ConnectUnix(path).valid());
}

// Whoever is in the group gets through the directory, too.
TEST(ListenerTest, TheSocketsDirectoryIsItsOwn) {
  const TempDir directory;
  const std::string path = directory.File("control/socket");
  Admitted admitted;
  for (int i = 0; i < 2; ++i) {
    const auto listener = Listener::Unix(path, admitted.Handler());
    ASSERT_OK(listener);
    struct stat found = {};
    ASSERT_EQ(stat(directory.File("control").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0750u);
    ASSERT_EQ(stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0660u);
  }
}

// The mode of the socket keeps strangers out; so does the listener, whatever
// somebody has done to the mode.
TEST(ListenerTest, AStrangerIsNotAdmitted) {
  if (getuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  const TempDir directory;
  const std::string path = directory.File("socket");
  Admitted admitted;
  auto listener = Listener::Unix(path, admitted.Handler());
  ASSERT_OK(listener);
  ASSERT_EQ(chmod(directory.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(path.c_str(), 0666), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    // 0: refused; 1: greeted; 2: no connection; 3: root here is nobody else.
    // From within: what is above may keep a stranger out, too.
    if (chdir(directory.path().c_str()) != 0 || setgroups(0, nullptr) != 0 ||
        setgid(65534) != 0 || setuid(65534) != 0) {
      _exit(3);
    }
    const UniqueFd connection = ConnectUnix("socket");
    _exit(!connection.valid() ? 2 : Greeted(connection) ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 3) GTEST_SKIP() << "in a namespace of one user";
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(Greeted(ConnectUnix(path))) << "root still is";
}

TEST(ListenerTest, APathThatIsTooLongIsSaidToBe) {
  const TempDir directory;
  Admitted admitted;
  EXPECT_THAT(
      Listener::Unix(directory.File(std::string(120, 'x')), admitted.Handler()),
      HasReason("SOCKET_PATH_TOO_LONG"));
}

class TcpListenerTest : public testing::Test {
 protected:
  void Listen(const ConnectionLimits& limits) {
    for (port_ = 20'900; port_ < 21'000; ++port_) {
      auto listener = Listener::Tcp({"127.0.0.1", port_}, limits, &clock_,
                                    nullptr, admitted_.Handler());
      if (!listener.ok()) continue;
      listener_ = *std::move(listener);
      return;
    }
    FAIL() << "no port is free";
  }

  FakeClock clock_;
  Admitted admitted_;
  uint16_t port_ = 0;
  std::unique_ptr<Listener> listener_;
};

TEST_F(TcpListenerTest, OneSourceDoesNotTakeAllConnections) {
  ConnectionLimits limits;
  limits.burst = 2;
  limits.per_second = 1;
  Listen(limits);
  const UniqueFd first = ConnectTcp(port_);
  EXPECT_TRUE(Greeted(first));
  const UniqueFd second = ConnectTcp(port_);
  EXPECT_TRUE(Greeted(second));
  EXPECT_FALSE(Greeted(ConnectTcp(port_)));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(Greeted(ConnectTcp(port_)));
}

TEST_F(TcpListenerTest, DescriptorsAreLeftForOthers) {
  ConnectionLimits limits;
  limits.max_descriptor = 0;
  Listen(limits);
  EXPECT_FALSE(Greeted(ConnectTcp(port_)));
}

TEST_F(TcpListenerTest, APortIsOneListeners) {
  Listen(ConnectionLimits());
  EXPECT_THAT(Listener::Tcp({"127.0.0.1", port_}, ConnectionLimits(), &clock_,
                            nullptr, admitted_.Handler()),
              HasReason("ADDRESS_NOT_USABLE"));
  // One that this machine does not have yet.
  EXPECT_OK(Listener::Tcp({"192.0.2.77", 20999}, ConnectionLimits(), &clock_,
                          nullptr, admitted_.Handler()));
}

}  // namespace
}  // namespace microovn::agent
