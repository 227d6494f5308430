// SPDX-License-Identifier: Apache-2.0
// Calls to a daemon that is not to be trusted.
#include "supervisor/json_rpc/json_rpc.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/file/unique_fd.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::supervisor {
namespace {

using testing::HasSubstr;
using testing::Not;

// Takes one connection, one request, and says `reply`.
class Daemon {
 public:
  explicit Daemon(std::string reply) : path_(directory_.File("s")) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    absl::SNPrintF(address.sun_path, sizeof(address.sun_path), "%s", path_);
    listener_ = UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    PCHECK(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
                sizeof(address)) == 0);
    PCHECK(listen(listener_.get(), 1) == 0);
    thread_ = std::thread([this, reply = std::move(reply)] {
      const UniqueFd connection(accept(listener_.get(), nullptr, nullptr));
      char request[4096];
      if (read(connection.get(), request, sizeof(request)) <= 0) return;
      absl::string_view rest = reply;
      while (!rest.empty()) {
        const ssize_t sent =
            send(connection.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        rest.remove_prefix(static_cast<size_t>(sent));
      }
      // Until the caller hangs up.
      (void)!read(connection.get(), request, sizeof(request));
    });
  }
  ~Daemon() { thread_.join(); }

  const std::string& path() const { return path_; }

 private:
  TempDir directory_;
  const std::string path_;
  UniqueFd listener_;
  std::thread thread_;
};

constexpr absl::Duration kTimeout = absl::Seconds(20);

std::string Failure(const std::string& words) {
  return absl::StrCat(R"({"id":0,"result":null,"error":")", words, "\"}");
}

TEST(JsonRpcTest, ADaemonsErrorIsFitToBeShown) {
  const std::string words =
      absl::StrCat("no\\u001b[1m\\nsuch ", std::string(10'000, 'x'));
  const auto expect_fit = [](const absl::Status& status) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    const std::string message(status.message());
    EXPECT_LT(message.size(), 500u);
    EXPECT_THAT(message, HasSubstr("no\\x1b[1m\\nsuch x"));
    EXPECT_THAT(message, Not(HasSubstr("\n")));
  };
  {
    Daemon daemon(Failure(words));
    expect_fit(Unixctl(daemon.path(), "version", {}, kTimeout).status());
  }
  {
    Daemon daemon(Failure(words));
    expect_fit(OvsdbTransact(daemon.path(), R"(["db"])", kTimeout).status());
  }
}

TEST(JsonRpcTest, AnAnswerWithoutEndIsRefused) {
  Daemon daemon(absl::StrCat(R"({"id":0,"error":null,"result":")",
                             std::string(5 << 20, 'x')));
  EXPECT_THAT(Unixctl(daemon.path(), "version", {}, kTimeout),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(JsonRpcTest, SilenceEndsWithTheTimeAndAHangUpAtOnce) {
  {
    Daemon daemon("{");
    EXPECT_THAT(Unixctl(daemon.path(), "version", {}, absl::Milliseconds(50)),
                StatusIs(absl::StatusCode::kDeadlineExceeded));
  }
  EXPECT_THAT(Unixctl("/nonexistent/s", "version", {}, kTimeout), Not(IsOk()));
}

TEST(JsonRpcTest, ATransactionIsAnArray) {
  EXPECT_THAT(OvsdbTransact("/nonexistent/s", "{}", kTimeout),
              StatusIs(absl::StatusCode::kInvalidArgument));
  Daemon daemon(R"({"id":0,"error":null,"result":[{"rows":[]}]})");
  EXPECT_THAT(OvsdbTransact(daemon.path(), R"(["db"])", kTimeout),
              IsOkAndHolds(std::string(R"([{"rows":[]}])")));
}

}  // namespace
}  // namespace microovn::supervisor
