// SPDX-License-Identifier: Apache-2.0
// Clients of a cluster under attack: each reads and writes registers through
// whichever member, remembers what it was told, and at the end all of it is
// checked.
//   kv_chaos_client --members=ADDRESS,... --tls=D --run_ms=N [--clients=N]
// Prints the counts and the verdict; succeeds if nothing acknowledged was lost,
// nothing was done twice and the history is linearizable.
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "etcd_kv.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "integration/bench/kv/arguments.h"
#include "integration/bench/kv/kv_history.h"
#include "integration/bench/kv/kv_leader.h"
#include "integration/bench/kv/tls_files.h"
#include "raft/proof/sim/linearizability.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

using Kind = RegisterOperation::Kind;
using Outcome = RegisterOperation::Outcome;

constexpr absl::Duration kCall = absl::Milliseconds(700);
constexpr absl::Duration kPauseAfterFailure = absl::Milliseconds(20);
constexpr absl::Duration kPauseAfterSuccess = absl::Milliseconds(2);
constexpr absl::Duration kPatience = absl::Seconds(30);
// Registers are changed every so often, so that the search stays small.
constexpr absl::Duration kEpoch = absl::Seconds(2);
constexpr uint64_t kRegisters = 8;

int64_t NowNanos() {
  return absl::ToInt64Nanoseconds(Clock::Real().Monotonic());
}

Outcome OutcomeOf(const grpc::Status& status, Kind kind) {
  if (status.ok()) return Outcome::kOk;
  // A read that was not answered has no effect.
  if (kind == Kind::kRead) return Outcome::kRefused;
  const std::string reason = ReasonOf(FromGrpcStatus(status));
  const bool refused = reason == kNoLeaderReason ||
                       reason == kOverloadedReason ||
                       reason == kDiskSpaceLowReason ||
                       reason == kStoppedReason || reason == kTooLargeReason;
  return refused ? Outcome::kRefused : Outcome::kUnknown;
}

// Thread-compatible: one per thread.
class Store {
 public:
  Store(const TlsFiles& tls, const std::vector<std::string>& members) {
    for (const std::string& address : members) {
      stubs_.push_back(
          etcdserverpb::KV::NewStub(tls.Connect(address, ClientArguments())));
    }
  }

  size_t members() const { return stubs_.size(); }

  // Fills in what was read, when, and with what outcome; returns the revision.
  int64_t Do(size_t member, RegisterOperation* operation) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kCall));
    operation->invoked = NowNanos();
    int64_t revision = 0;
    const grpc::Status status =
        operation->kind == Kind::kWrite
            ? Put(member, &context, *operation, &revision)
            : Get(member, &context, operation, &revision);
    operation->returned = NowNanos();
    operation->outcome = OutcomeOf(status, operation->kind);
    return revision;
  }

 private:
  grpc::Status Put(size_t member, grpc::ClientContext* context,
                   const RegisterOperation& operation, int64_t* revision) {
    etcdserverpb::PutRequest request;
    request.set_key(operation.key);
    request.set_value(operation.value);
    etcdserverpb::PutResponse response;
    grpc::Status status = stubs_[member]->Put(context, request, &response);
    if (status.ok()) *revision = response.header().revision();
    return status;
  }

  grpc::Status Get(size_t member, grpc::ClientContext* context,
                   RegisterOperation* operation, int64_t* revision) {
    etcdserverpb::RangeRequest request;
    request.set_key(operation->key);
    etcdserverpb::RangeResponse response;
    grpc::Status status = stubs_[member]->Range(context, request, &response);
    if (status.ok() && response.kvs_size() == 1) {
      operation->value = response.kvs(0).value();
      *revision = response.kvs(0).mod_revision();
    }
    return status;
  }

  std::vector<std::unique_ptr<etcdserverpb::KV::Stub>> stubs_;
};

// One client until `end`; returns the keys that it wrote once.
std::vector<std::string> Client(uint64_t number, Store store,
                                absl::Duration end, KvHistory* history) {
  SeededRandom random(number);
  std::vector<std::string> once;
  for (uint64_t i = 0; Clock::Real().Monotonic() < end; ++i) {
    RegisterOperation operation;
    operation.client = number;
    const int64_t epoch = Clock::Real().Monotonic() / kEpoch;
    operation.key = absl::StrCat("r", epoch, ".", random.Uniform(kRegisters));
    const uint64_t kind = random.Uniform(8);
    operation.kind = kind < 4 ? Kind::kRead : Kind::kWrite;
    if (kind == 7) {
      operation.key = absl::StrCat("once", number, ".", i);
      once.push_back(operation.key);
    }
    if (operation.kind == Kind::kWrite) {
      operation.value = absl::StrCat(number, ".", i);
    }
    const int64_t revision =
        store.Do(random.Uniform(store.members()), &operation);
    const bool ok = operation.outcome == Outcome::kOk;
    history->Add(std::move(operation), revision);
    absl::SleepFor(ok ? kPauseAfterSuccess : kPauseAfterFailure);
  }
  return once;
}

// What the keys hold, read from a member that answers.
absl::StatusOr<std::map<std::string, std::string>> ReadAll(
    Store* store, const std::vector<std::string>& keys) {
  std::map<std::string, std::string> values;
  const absl::Duration end = Clock::Real().Monotonic() + kPatience;
  for (const std::string& key : keys) {
    for (size_t i = 0;; ++i) {
      RegisterOperation read;
      read.key = key;
      store->Do(i % store->members(), &read);
      if (read.outcome == Outcome::kOk) {
        values[key] = read.value;
        break;
      }
      if (Clock::Real().Monotonic() > end) {
        return absl::UnavailableError("the cluster does not answer any more");
      }
      absl::SleepFor(kPauseAfterFailure);
    }
  }
  return values;
}

absl::Status Report(const KvHistory& history, const HistoryVerdict& verdict) {
  const int ok = history.count(Outcome::kOk);
  const int refused = history.count(Outcome::kRefused);
  const int unknown = history.count(Outcome::kUnknown);
  std::cout << "operations " << ok + refused + unknown << "\nok " << ok
            << "\nrefused " << refused << "\nunknown " << unknown
            << "\nacknowledged writes lost " << verdict.lost
            << "\nexecuted twice " << verdict.twice << "\n"
            << (verdict.order.verdict == Verdict::kLinearizable
                    ? "linearizable"
                    : verdict.order.explanation)
            << "\n";
  return verdict.good() ? absl::OkStatus()
                        : absl::DataLossError("the history cannot be so");
}

absl::Status Main(const Arguments& arguments) {
  ASSIGN_OR_RETURN(const TlsFiles tls,
                   TlsFiles::Load(arguments.Text("tls"), "client"));
  const std::vector<std::string> members = arguments.List("members");
  const absl::Duration end = Clock::Real().Monotonic() +
                             absl::Milliseconds(arguments.Number("run_ms"));
  const auto clients = static_cast<size_t>(arguments.Number("clients", 8));
  KvHistory history;
  std::vector<std::vector<std::string>> once(clients);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < clients; ++i) {
    threads.emplace_back([&, i] {
      once[i] = Client(i + 1, Store(tls, members), end, &history);
    });
  }
  for (std::thread& each : threads) each.join();
  std::vector<std::string> keys;
  for (const auto& each : once) {
    keys.insert(keys.end(), each.begin(), each.end());
  }
  Store store(tls, members);
  ASSIGN_OR_RETURN(const auto at_end, ReadAll(&store, keys));
  return Report(history, history.Check(at_end));
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
