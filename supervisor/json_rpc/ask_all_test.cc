// SPDX-License-Identifier: Apache-2.0
#include "supervisor/json_rpc/ask_all.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/file/unique_fd.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"

namespace microovn::supervisor {
namespace {

// Listens, and answers each connection with a text if there is one.
class Daemon {
 public:
  Daemon(std::string path, std::string answer)
      : path_(std::move(path)), answer_(std::move(answer)) {
    fd_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(
        bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)),
        0);
    EXPECT_EQ(listen(fd_.get(), 8), 0);
    if (!answer_.empty()) thread_ = std::thread([this] { Serve(); });
  }
  ~Daemon() {
    shutdown(fd_.get(), SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
  }

  const std::string& path() const { return path_; }

 private:
  void Serve() {
    for (;;) {
      const UniqueFd client(accept(fd_.get(), nullptr, nullptr));
      if (!client.valid()) return;
      char buffer[4096];
      if (recv(client.get(), buffer, sizeof(buffer), 0) <= 0) continue;
      send(client.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
  }

  const std::string path_;
  const std::string answer_;
  UniqueFd fd_;
  std::thread thread_;
};

TEST(AskAll, EachHasItsAnswerAndWhoHangsHoldsNobodyUp) {
  TempDir directory;
  const Daemon well(absl::StrCat(directory.path(), "/well"),
                    R"({"id":0,"result":"3.1.0","error":null})");
  const Daemon refuses(absl::StrCat(directory.path(), "/refuses"),
                       R"({"id":0,"result":null,"error":"unknown command"})");
  const Daemon hangs(absl::StrCat(directory.path(), "/hangs"), "");
  const Daemon hangs_up(absl::StrCat(directory.path(), "/up"), "{");
  const absl::Duration began = Clock::Real().Monotonic();
  const auto answers = AskAll({{hangs.path(), "version"},
                               {well.path(), "version"},
                               {refuses.path(), "version"},
                               {hangs_up.path(), "version"},
                               {absl::StrCat(directory.path(), "/none"), "x"},
                               {hangs.path(), "version"}},
                              absl::Milliseconds(300));
  EXPECT_LT(Clock::Real().Monotonic() - began, absl::Seconds(3))
      << "all of them together";
  ASSERT_EQ(answers.size(), 6u);
  EXPECT_TRUE(absl::IsDeadlineExceeded(answers[0].status()));
  ASSERT_TRUE(answers[1].ok()) << answers[1].status();
  EXPECT_EQ(*answers[1], "3.1.0");
  EXPECT_TRUE(absl::IsFailedPrecondition(answers[2].status()));
  EXPECT_TRUE(absl::IsAborted(answers[3].status()));
  EXPECT_TRUE(absl::IsUnavailable(answers[4].status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(answers[5].status()));
}

TEST(AskAll, NobodyIsAskedNothing) {
  EXPECT_TRUE(AskAll({}, absl::Seconds(1)).empty());
}

}  // namespace
}  // namespace microovn::supervisor
