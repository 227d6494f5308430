// SPDX-License-Identifier: Apache-2.0
// Load on a cluster that speaks etcd's API: N clients, each with one request
// under way, on the connections of the member that leads.
//   kv_load --members=ADDRESS,... --tls=D --what=put|get|leader
//       [--clients=N] [--warmup_ms=N] [--measure_ms=N] [--value=BYTES]
//       [--keys=N] [--count=N]
// Prints one line: ops/s, p50 and p99 in microseconds, failures. With --count
// it ends after so many requests instead of a time. "leader" prints the number
// of the member that leads.
#include <atomic>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "etcd_kv.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "integration/bench/kv/arguments.h"
#include "integration/bench/kv/kv_leader.h"
#include "integration/bench/kv/latencies.h"
#include "integration/bench/kv/tls_files.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);
constexpr int kMostConnections = 64;

struct Load {
  bool put = true;
  int clients = 1;
  absl::Duration warmup;
  absl::Duration measure;
  size_t value_size = 256;
  uint64_t keys = 10'000;
  uint64_t count = 0;  // 0: as long as it takes
};

// Shared by all clients.
struct Course {
  absl::Duration begin;  // of what is measured, monotonic
  absl::Duration end;
  std::atomic<uint64_t> left{0};  // requests to begin, when they are counted
};

// One client: begins the next request when the last one is done.
class Client {
 public:
  Client(const Load& load, Course* course,
         const std::shared_ptr<grpc::Channel>& channel,
         grpc::CompletionQueue* queue, uint64_t seed)
      : load_(load),
        course_(*course),
        stub_(etcdserverpb::KV::NewStub(channel)),
        queue_(queue),
        random_(seed) {
    put_.set_value(std::string(load.value_size, 'v'));
  }

  // False when the course is over.
  bool Begin() {
    began_ = Clock::Real().Monotonic();
    if (load_.count > 0 ? course_.left.fetch_sub(1) - 1 >= load_.count
                        : began_ >= course_.end) {
      return false;
    }
    context_ = std::make_unique<grpc::ClientContext>();
    context_->set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
    const std::string key =
        absl::StrFormat("%08d", random_.Uniform(load_.keys));
    if (load_.put) {
      put_.set_key(key);
      put_call_ = stub_->AsyncPut(context_.get(), put_, queue_);
      put_call_->Finish(&put_response_, &status_, this);
    } else {
      get_.set_key(key);
      get_call_ = stub_->AsyncRange(context_.get(), get_, queue_);
      get_call_->Finish(&get_response_, &status_, this);
    }
    return true;
  }

  void Done() {
    const absl::Duration now = Clock::Real().Monotonic();
    if (!status_.ok()) {
      ++failed;
      return;
    }
    const bool measured = began_ >= course_.begin && now <= course_.end;
    if (measured) latencies.Add(now - began_);
  }

  Latencies latencies;
  uint64_t failed = 0;

 private:
  const Load& load_;
  Course& course_;
  const std::unique_ptr<etcdserverpb::KV::Stub> stub_;
  grpc::CompletionQueue* const queue_;
  SeededRandom random_;
  absl::Duration began_;
  std::unique_ptr<grpc::ClientContext> context_;
  grpc::Status status_;
  etcdserverpb::PutRequest put_;
  etcdserverpb::PutResponse put_response_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<etcdserverpb::PutResponse>>
      put_call_;
  etcdserverpb::RangeRequest get_;
  etcdserverpb::RangeResponse get_response_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<etcdserverpb::RangeResponse>>
      get_call_;
};

void Drive(const std::vector<Client*>& clients, grpc::CompletionQueue* queue) {
  size_t under_way = 0;
  for (Client* client : clients) {
    if (client->Begin()) ++under_way;
  }
  void* tag = nullptr;
  bool ok = false;
  while (under_way > 0 && queue->Next(&tag, &ok)) {
    auto* const client = static_cast<Client*>(tag);
    client->Done();
    if (!client->Begin()) --under_way;
  }
  queue->Shutdown();
  while (queue->Next(&tag, &ok)) {
  }
}

void Report(const Load& load, absl::Duration took,
            const std::vector<std::unique_ptr<Client>>& clients) {
  Latencies all;
  uint64_t failed = 0;
  for (const auto& client : clients) {
    all.Add(client->latencies);
    failed += client->failed;
  }
  const double rate =
      static_cast<double>(all.count()) / absl::ToDoubleSeconds(took);
  std::cout << absl::StrFormat(
      "%s clients %d ops/s %.0f p50_us %d p99_us %d failed %d\n",
      load.put ? "put" : "get", load.clients, rate,
      absl::ToInt64Microseconds(all.Percentile(0.5)),
      absl::ToInt64Microseconds(all.Percentile(0.99)), failed);
}

void Run(const Load& load, const TlsFiles& tls, const std::string& address) {
  const int connections = std::min(load.clients, kMostConnections);
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < connections; ++i) {
    channels.push_back(tls.Connect(address, ClientArguments()));
    channels.back()->WaitForConnected(
        absl::ToChronoTime(absl::Now() + kDeadline));
  }
  const size_t threads = load.clients == 1 ? 1 : 2;
  std::vector<grpc::CompletionQueue> queues(threads);
  std::vector<std::vector<Client*>> shares(threads);
  std::vector<std::unique_ptr<Client>> clients;
  Course course;
  course.left = load.count;
  for (int i = 0; i < load.clients; ++i) {
    const auto place = static_cast<size_t>(i);
    clients.push_back(std::make_unique<Client>(
        load, &course, channels[place % channels.size()],
        &queues[place % threads], place + 1));
    shares[place % threads].push_back(clients.back().get());
  }
  const absl::Duration now = Clock::Real().Monotonic();
  course.begin = now + load.warmup;
  course.end =
      load.count > 0 ? absl::InfiniteDuration() : course.begin + load.measure;
  std::vector<std::thread> running;
  for (size_t i = 0; i < threads; ++i) {
    running.emplace_back([&, i] { Drive(shares[i], &queues[i]); });
  }
  for (std::thread& each : running) each.join();
  Report(
      load,
      load.count > 0 ? Clock::Real().Monotonic() - course.begin : load.measure,
      clients);
}

absl::Status Main(const Arguments& arguments) {
  const std::vector<std::string> members = arguments.List("members");
  ASSIGN_OR_RETURN(const TlsFiles tls,
                   TlsFiles::Load(arguments.Text("tls"), "client"));
  ASSIGN_OR_RETURN(const size_t leader, FindLeader(tls, members, kDeadline));
  const std::string what = arguments.Text("what");
  if (what == "leader") {
    std::cout << leader + 1 << "\n";
    return absl::OkStatus();
  }
  Load load;
  load.put = what == "put";
  load.clients = arguments.Number("clients", 1);
  load.warmup = absl::Milliseconds(arguments.Number("warmup_ms", 0));
  load.measure = absl::Milliseconds(arguments.Number("measure_ms", 1000));
  load.value_size = static_cast<size_t>(arguments.Number("value", 256));
  load.keys = static_cast<uint64_t>(arguments.Number("keys", 10'000));
  load.count = static_cast<uint64_t>(arguments.Number("count", 0));
  Run(load, tls, members[leader]);
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
