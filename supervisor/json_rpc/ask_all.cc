// SPDX-License-Identifier: Apache-2.0
#include "supervisor/json_rpc/ask_all.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file/unique_fd.h"
#include "base/text/text.h"
#include "base/time/clock.h"
#include "supervisor/json_rpc/json_rpc_reply.h"
#include "supervisor/json_rpc/unix_socket.h"

namespace microovn::supervisor {
namespace {

constexpr size_t kLargestReply = 4 << 20;
constexpr size_t kLongestError = 300;

class Call {
 public:
  explicit Call(const Question& question)
      : unsent_(absl::StrCat(R"({"method":")", question.method,
                             R"(","params":)", question.params,
                             R"(,"id":0})")) {
    absl::StatusOr<UniqueFd> connected = ConnectUnix(question.socket);
    if (connected.ok()) {
      fd_ = *std::move(connected);
      Go();
    } else {
      End(connected.status());
    }
  }

  bool done() const { return answer_.has_value(); }
  pollfd Entry() const {
    return {fd_.get(), static_cast<short>(unsent_.empty() ? POLLIN : POLLOUT),
            0};
  }

  // Sends and receives what it can without waiting.
  void Go() {
    while (!done() && !unsent_.empty()) {
      const ssize_t sent = send(fd_.get(), unsent_.data(), unsent_.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) {
        unsent_.erase(0, static_cast<size_t>(sent));
      } else if (errno == EAGAIN) {
        return;
      } else if (errno != EINTR) {
        End(absl::AbortedError(absl::StrCat("send: ", strerror(errno))));
      }
    }
    while (!done()) {
      char buffer[16 << 10];
      const ssize_t got = recv(fd_.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) return;
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        End(absl::AbortedError("the daemon hung up"));
        return;
      }
      Take(absl::string_view(buffer, static_cast<size_t>(got)));
    }
  }

  absl::StatusOr<std::string> TakeAnswer() && {
    if (answer_.has_value()) return *std::move(answer_);
    return absl::DeadlineExceededError("no answer in time");
  }

 private:
  void Take(absl::string_view bytes) {
    received_.append(bytes.data(), bytes.size());
    if (received_.size() > kLargestReply) {
      End(absl::ResourceExhaustedError("the reply is too long"));
      return;
    }
    std::optional<JsonRpcReply> reply = ParseJsonRpcReply(received_);
    if (!reply.has_value()) return;
    if (!reply->error.empty()) {
      End(absl::FailedPreconditionError(Shown(reply->error, kLongestError)));
    } else {
      End(std::move(reply->result));
    }
  }

  void End(absl::StatusOr<std::string> answer) {
    answer_ = std::move(answer);
    fd_ = UniqueFd();
  }

  std::string unsent_;
  std::string received_;
  UniqueFd fd_;
  std::optional<absl::StatusOr<std::string>> answer_;
};

}  // namespace

std::vector<absl::StatusOr<std::string>> AskAll(
    const std::vector<Question>& questions, absl::Duration timeout) {
  const absl::Duration deadline = Clock::Real().Monotonic() + timeout;
  std::vector<Call> calls;
  calls.reserve(questions.size());
  for (const Question& question : questions) calls.emplace_back(question);
  for (;;) {
    std::vector<pollfd> entries;
    std::vector<Call*> waiting;
    for (Call& call : calls) {
      if (call.done()) continue;
      entries.push_back(call.Entry());
      waiting.push_back(&call);
    }
    const absl::Duration left = deadline - Clock::Real().Monotonic();
    if (waiting.empty() || left <= absl::ZeroDuration()) break;
    // Rounded up: poll(2) with 0 would spin for the last fraction.
    const int64_t milliseconds =
        std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1, 60'000);
    if (poll(entries.data(), entries.size(), static_cast<int>(milliseconds)) <=
        0) {
      continue;
    }
    for (size_t i = 0; i < waiting.size(); ++i) {
      if (entries[i].revents != 0) waiting[i]->Go();
    }
  }
  std::vector<absl::StatusOr<std::string>> answers;
  for (Call& call : calls) answers.push_back(std::move(call).TakeAnswer());
  return answers;
}

}  // namespace microovn::supervisor
