// SPDX-License-Identifier: Apache-2.0
#include "ctl/testing/fake_agent.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status/grpc_status.h"
#include "base/testing/temp_dir.h"
#include "glog/logging.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace microovn::ctl {
namespace {

grpc::ByteBuffer Buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  CHECK(buffer.Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

// One call: reads the request, writes what the handler says. Deletes itself.
class Call final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Call(FakeAgent::Respond respond) : respond_(std::move(respond)) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status(grpc::INTERNAL, "no request"));
    if (!respond_) {
      return Finish(grpc::Status(grpc::UNIMPLEMENTED, "no such method"));
    }
    auto answers = respond_(Bytes(request_));
    if (!answers.ok()) return Finish(ToGrpcStatus(answers.status()));
    answers_ = *std::move(answers);
    WriteNext();
  }

  void OnWriteDone(bool) override { WriteNext(); }
  void OnDone() override { delete this; }

 private:
  void WriteNext() {
    if (next_ == answers_.size()) return Finish(grpc::Status::OK);
    response_ = Buffer(answers_[next_++]);
    StartWrite(&response_);
  }

  const FakeAgent::Respond respond_;
  std::vector<std::string> answers_;
  size_t next_ = 0;
  grpc::ByteBuffer request_, response_;
};

}  // namespace

class FakeAgent::Server final : public grpc::CallbackGenericService {
 public:
  Server() : socket_(directory_.File("s")) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("unix:", socket_),
                             grpc::InsecureServerCredentials());
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
    CHECK(server_ != nullptr);
  }

  ~Server() override { server_->Shutdown(); }

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    MutexLock lock(&mu_);
    calls_.push_back(context->method());
    if (stale_) context->AddTrailingMetadata("microovn-stale", "true");
    const auto found = responses_.find(context->method());
    if (found == responses_.end()) return new Call(Respond());
    return new Call([this, method = context->method(),
                     respond = found->second](const std::string& request) {
      Note({method, request});
      return respond(request);
    });
  }

  void Note(Asked asked) {
    MutexLock lock(&mu_);
    asked_.push_back(std::move(asked));
  }

  std::vector<Asked> TakeAsked() {
    MutexLock lock(&mu_);
    return std::exchange(asked_, {});
  }

  void Set(const std::string& method, Respond respond) {
    MutexLock lock(&mu_);
    responses_[method] = std::move(respond);
  }

  std::vector<std::string> calls() const {
    MutexLock lock(&mu_);
    return calls_;
  }

  const std::string& socket() const { return socket_; }

  void LoseQuorum() {
    MutexLock lock(&mu_);
    stale_ = true;
  }

 private:
  const TempDir directory_;
  const std::string socket_;
  mutable Mutex mu_;
  std::map<std::string, Respond> responses_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mu_);
  std::vector<Asked> asked_ ABSL_GUARDED_BY(mu_);
  bool stale_ ABSL_GUARDED_BY(mu_) = false;
  std::unique_ptr<grpc::Server> server_;
};

FakeAgent::FakeAgent() : server_(new Server) {}
FakeAgent::~FakeAgent() = default;

const std::string& FakeAgent::socket() const { return server_->socket(); }

void FakeAgent::LoseQuorum() { server_->LoseQuorum(); }

std::vector<std::string> FakeAgent::calls() const { return server_->calls(); }

std::vector<FakeAgent::Asked> FakeAgent::TakeAsked() {
  return server_->TakeAsked();
}

void FakeAgent::SetRespond(const std::string& method, Respond respond) {
  server_->Set(method, std::move(respond));
}

}  // namespace microovn::ctl
