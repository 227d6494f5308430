// SPDX-License-Identifier: Apache-2.0
// Writes through a fault: one writer per member that survives it, each with one
// request under way and a short deadline.
//   kv_gap --members=ADDRESS,... --tls=D [--run_ms=N] [--deadline_ms=N]
// Prints the longest time without a write that succeeded, on whichever member,
// and how many requests failed. Says "ready" once every writer has succeeded.
#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "etcd_kv.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "integration/bench/kv/arguments.h"
#include "integration/bench/kv/kv_leader.h"
#include "integration/bench/kv/tls_files.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr absl::Duration kPauseAfterFailure = absl::Milliseconds(1);

// Thread-safe.
class Gap {
 public:
  explicit Gap(absl::Duration begin) : last_(begin) {}

  void Succeeded(absl::Duration now) {
    MutexLock lock(&mu_);
    longest_ = std::max(longest_, now - last_);
    last_ = std::max(last_, now);
    ++succeeded_;
  }
  void Failed() {
    MutexLock lock(&mu_);
    ++failed_;
  }
  void Print(absl::Duration end) {
    Succeeded(end);
    MutexLock lock(&mu_);
    std::cout << absl::StrFormat("gap_ms %.1f succeeded %d failed %d\n",
                                 absl::ToDoubleMilliseconds(longest_),
                                 succeeded_ - 1, failed_);
  }

 private:
  Mutex mu_;
  absl::Duration last_ ABSL_GUARDED_BY(mu_);
  absl::Duration longest_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
  int succeeded_ ABSL_GUARDED_BY(mu_) = 0;
  int failed_ ABSL_GUARDED_BY(mu_) = 0;
};

bool Write(etcdserverpb::KV::Stub* stub, const std::string& key,
           absl::Duration deadline) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
  etcdserverpb::PutRequest request;
  request.set_key(key);
  request.set_value(std::string(256, 'v'));
  etcdserverpb::PutResponse response;
  return stub->Put(&context, request, &response).ok();
}

// Writes until `end`, on the monotonic clock, and notes how it went.
void WriteUntil(absl::Duration end, etcdserverpb::KV::Stub* stub,
                const std::string& key, absl::Duration deadline, Gap* gap) {
  while (Clock::Real().Monotonic() < end) {
    if (Write(stub, key, deadline)) {
      gap->Succeeded(Clock::Real().Monotonic());
    } else {
      gap->Failed();
      absl::SleepFor(kPauseAfterFailure);
    }
  }
}

absl::Status Main(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const TlsFiles tls,
                   TlsFiles::Load(arguments.Text("tls"), "client"));
  const absl::Duration deadline =
      absl::Milliseconds(arguments.Number("deadline_ms", 100));
  std::vector<std::unique_ptr<etcdserverpb::KV::Stub>> stubs;
  for (const std::string& address : arguments.List("members")) {
    const auto channel = tls.Connect(address, ClientArguments());
    channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kPatience));
    stubs.push_back(etcdserverpb::KV::NewStub(channel));
    const absl::Duration limit = Clock::Real().Monotonic() + kPatience;
    while (!Write(stubs.back().get(), "warm", kPatience)) {
      if (Clock::Real().Monotonic() > limit) {
        return absl::UnavailableError(absl::StrCat(address, " takes no write"));
      }
    }
  }
  std::cout << "ready" << std::endl;
  const absl::Duration begin = Clock::Real().Monotonic();
  const absl::Duration end =
      begin + absl::Milliseconds(arguments.Number("run_ms", 3000));
  Gap gap(begin);
  std::vector<std::thread> writers;
  for (size_t i = 0; i < stubs.size(); ++i) {
    writers.emplace_back([&, i] {
      WriteUntil(end, stubs[i].get(), absl::StrCat("writer", i), deadline,
                 &gap);
    });
  }
  for (std::thread& writer : writers) writer.join();
  gap.Print(Clock::Real().Monotonic());
  return absl::OkStatus();
}

}  // namespace
}  // namespace microovn::raft

int main(int argc, char** argv) {
  microovn::raft::PrepareClient();
  const absl::Status status =
      microovn::raft::Main(microovn::raft::Arguments(argc, argv));
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
