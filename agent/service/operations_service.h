// SPDX-License-Identifier: Apache-2.0
// google.longrunning.Operations over the replicated operations: any member
// shows them, and they go on whoever asks or dies. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_OPERATIONS_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_OPERATIONS_SERVICE_H_

#include "agent/service/call_guard.h"
#include "google/longrunning/operations.grpc.pb.h"

namespace microovn::agent {

class OperationsService final
    : public google::longrunning::Operations::Service {
 public:
  // Borrowed; outlives the server.
  explicit OperationsService(const CallGuard* guard) : guard_(guard) {}

  grpc::Status ListOperations(
      grpc::ServerContext* context,
      const google::longrunning::ListOperationsRequest* request,
      google::longrunning::ListOperationsResponse* response) override;
  grpc::Status GetOperation(
      grpc::ServerContext* context,
      const google::longrunning::GetOperationRequest* request,
      google::longrunning::Operation* response) override;
  // Returns the operation as it is when the timeout (at most a minute) has
  // passed.
  grpc::Status WaitOperation(
      grpc::ServerContext* context,
      const google::longrunning::WaitOperationRequest* request,
      google::longrunning::Operation* response) override;
  // Refused: what members have begun to do cannot be undone half-way.
  grpc::Status CancelOperation(
      grpc::ServerContext* context,
      const google::longrunning::CancelOperationRequest* request,
      google::protobuf::Empty* response) override;
  // Refused: ended operations go by themselves.
  grpc::Status DeleteOperation(
      grpc::ServerContext* context,
      const google::longrunning::DeleteOperationRequest* request,
      google::protobuf::Empty* response) override;

 private:
  const CallGuard* const guard_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_OPERATIONS_SERVICE_H_
